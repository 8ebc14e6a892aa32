"""What a citizen may do with their own data at any time, in words: get all of it, have it deleted. Pure.

Both are asked back once. What is then done is in `my_data`.
"""

from dataclasses import replace

from bot.conversation.model import Choice, DataMove, Human, State, TicketMove, Turn, TurnKind
from bot.conversation.playbook import Playbook
from intents.router import Intent, Wish

DATA = "data:"  # a button that answers the question back
_KEEP = f"{DATA}keep"
_WISHES = {Wish.EXPORT_DATA: DataMove.EXPORT, Wish.ERASE_DATA: DataMove.ERASE}


def about_privacy(intent: Intent, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn for a wish about the person's own data, or for the answer to the question back; None otherwise."""
    if pressed.startswith(DATA):
        return _confirmed(pressed.removeprefix(DATA), state, playbook)
    wished = _WISHES.get(intent.wish)
    return _asked_back(wished, state, playbook) if wished else None


def _asked_back(wished: DataMove, state: State, playbook: Playbook) -> Turn:
    say = playbook.wording.say
    choices = (
        Choice(label=say(f"data_{wished.value}_yes", state.language), value=f"{DATA}{wished.value}"),
        Choice(label=say("data_keep", state.language), value=_KEEP),
    )
    live = wished is DataMove.ERASE and playbook.staff_have_it
    phrase = "data_erase_ask_ticket" if live else f"data_{wished.value}_ask"
    return _turn(phrase, replace(state, offered=choices), playbook)


def _confirmed(value: str, state: State, playbook: Playbook) -> Turn:
    state = replace(state, offered=())
    if value == DataMove.EXPORT:
        return replace(_turn("data_exported", state, playbook), data=DataMove.EXPORT)
    if value == DataMove.ERASE:
        fresh = State(language=state.language, language_chosen=state.language_chosen)
        move = TicketMove(cancel=True) if playbook.staff_have_it else None
        return replace(
            _turn("data_erased", fresh, playbook), data=DataMove.ERASE, move=move, human=Human.NONE
        )
    return _turn("data_kept", state, playbook)


def _turn(phrase: str, state: State, playbook: Playbook) -> Turn:
    reply = playbook.wording.reply(phrase, state.language, choices=state.offered)
    return Turn(
        kind=TurnKind.SMALLTALK,
        domain="services",
        confidence=1.0,
        human=Human.MADE if playbook.staff_have_it else Human.NONE,
        replies=(reply,),
        state=state,
    )
