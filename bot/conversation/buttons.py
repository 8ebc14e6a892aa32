"""What a button sends, and which button a person means. Pure."""

from bot.conversation.about_comment import COMMENT, NO_COMMENT
from bot.conversation.about_privacy import DATA
from bot.conversation.about_ticket import RATE, REOPEN
from bot.conversation.model import Choice, State
from bot.conversation.playbook import Heard, Playbook
from bot.conversation.wording import HUMAN
from intents.forms.commands import BUTTON, OPEN

ENTRY = "entry:"  # names an entry
STAGE = "stage:"  # says how far a fraud has gone
NONE_OF_THESE = "none_of_these"
SERVICES = f"{BUTTON}services"  # shows every form
CHECK = "check"  # begins a check of a message


def pressed(heard: Heard, state: State) -> str:
    """The value of the button meant: pressed, or named by its number or its label; "" for none."""
    text = heard.text.strip()
    if heard.intent.number and heard.intent.number <= len(state.offered):
        return state.offered[heard.intent.number - 1].value
    for choice in state.offered:
        if text == choice.label:
            return choice.value
    return text if is_value(text) else ""


def is_value(text: str) -> bool:
    """Whether `text` is what a button sends, not words of a person."""
    return text.startswith((ENTRY, STAGE, RATE, COMMENT, NO_COMMENT, REOPEN, DATA, BUTTON)) or text in (
        NONE_OF_THESE,
        CHECK,
        HUMAN,
    )


def menu_choices(state: State, playbook: Playbook) -> tuple[Choice, ...]:
    """The quick topics, the check of a message and the way to a person."""
    check = Choice(label=playbook.wording.say("check_button", state.language), value=CHECK)
    topics = tuple(_menu_choice(id, state.language, playbook) for id in playbook.menu)
    return (*(topic for topic in topics if topic), check, playbook.wording.person(state.language))


def _menu_choice(id: str, language: str, playbook: Playbook) -> Choice | None:
    """The button of one line of the menu: an entry, a form, or all the forms; None for what is not there today."""
    if id == SERVICES:
        return Choice(label=playbook.wording.say("form_services", language), value=SERVICES)
    form = playbook.forms.forms.get(id.removeprefix(OPEN)) if id.startswith(OPEN) else None
    if form is not None:
        return Choice(label=form.title.said_in(language), value=id)
    entry = playbook.entries.get(id)
    return Choice(label=entry.question_in(language), value=ENTRY + id) if entry else None


def stage_buttons(state: State, playbook: Playbook) -> tuple[Choice, ...]:
    """How far has it gone? Four answers to press."""
    say = playbook.wording.say
    return (
        Choice(label=say("stage_button_transferred", state.language), value=f"{STAGE}transferred"),
        Choice(label=say("stage_button_about", state.language), value=f"{STAGE}about_to_transfer"),
        Choice(label=say("stage_button_not_yet", state.language), value=f"{STAGE}not_yet"),
        Choice(label=say("stage_button_asking", state.language), value=f"{STAGE}asking"),
    )
