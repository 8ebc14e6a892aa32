"""A location somebody sent, as words the engine understands. Pure."""

from bot.conversation.model import State

PLACE = "place"  # the question of every form that asks where
_STATION = "station"
_WISH = {"zh": "离我最近的法律服务站。", "en": "Where is the nearest legal service station? "}


def asked_with(point: tuple[float, float], state: State, *, named: str) -> str | None:
    """What a location says: the answer to the open form's “where?”, else the wish for the nearest station.

    None where a form asks for something else: that is not to be left for it.

    Args:
        point: latitude, longitude. About a hundred metres are enough to find a station; a form for staff gets all.
        named: how the transcript calls a location.
    """
    rough = f"geo:{point[0]:.3f},{point[1]:.3f}"
    form = state.form
    if form is None or form.paused:
        return f"{_WISH[state.language]}{named}{rough}"
    if form.current != PLACE:
        return None
    return rough if form.form == _STATION else f"geo:{point[0]:.5f},{point[1]:.5f}"
