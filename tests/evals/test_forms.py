"""Services are reached by the words people have for them."""

from pathlib import Path

import yaml

from intents.forms.commands import OPEN
from tests.world import World, open_world

WORDINGS = yaml.safe_load((Path(__file__).parent / "forms" / "wordings.yaml").read_text(encoding="utf-8"))
LEAST = 0.9  # of the wordings lead to their service


def reached(world: World, text: str) -> str | None:
    """The form a message opened, or the first one offered with its answer."""
    world.person = text  # each wording is the first of its own conversation
    outcome = world.say(text)
    if outcome.turn["kind"] == "form":
        with world.app.database.reading() as tx:
            state = tx.exec_driver_sql(
                "SELECT state FROM conversations ORDER BY id DESC LIMIT 1"
            ).scalar_one()
        return yaml.safe_load(state)["form"]["form"]
    offered = [choice["value"] for reply in outcome.replies for choice in reply.payload["choices"]]
    return next((value.removeprefix(OPEN) for value in offered if value.startswith(OPEN)), None)


def test_nine_of_ten_wordings_lead_to_their_service(data):
    world = open_world(data)
    rows = [(form, text) for form, texts in WORDINGS.items() for text in texts]
    with world.app:
        missed = [f"{form}: {text} → {got}" for form, text in rows if (got := reached(world, text)) != form]

    assert 1 - len(missed) / len(rows) >= LEAST, "\n".join(missed)


def test_every_service_has_wordings_of_its_own():
    from intents.forms.computes import NAMES
    from intents.forms.loading import load_forms

    assert set(WORDINGS) == set(load_forms(NAMES))
