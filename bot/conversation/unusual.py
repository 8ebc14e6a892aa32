"""What is said when there is nothing to decide from: no words, too many of them, or everything else broke. Pure."""

from dataclasses import replace

from bot.conversation.about_ticket import silent
from bot.conversation.model import Human, Message, Reply, State, Turn, TurnKind
from bot.conversation.playbook import Playbook
from bot.conversation.wording import Wording
from intents.triage import Triage


def unreadable(message: Message, state: State, playbook: Playbook, *, longest: int) -> Turn:
    """The turn for a message that is empty or longer than `longest` characters."""
    has_words = bool(message.text.strip())
    if (has_words or message.files) and playbook.staff_have_it:
        return silent(state, playbook)  # people read long letters, and look at files
    if message.files and not has_words:
        return _only_files(state, playbook)
    phrase = "too_long" if has_words else "nothing_to_say"
    text = playbook.wording.say(phrase, state.language, limit=longest)
    return Turn(
        kind=TurnKind.DECLINE,
        domain="out_of_scope",
        replies=(Reply(text=text, choices=(playbook.wording.person(state.language),)),),
        state=state,
    )


def _only_files(state: State, playbook: Playbook) -> Turn:
    """The bot cannot look at pictures; a person can."""
    choices = (playbook.wording.person(state.language),)
    return Turn(
        kind=TurnKind.DECLINE,
        domain="services",
        human=Human.OFFERED,
        replies=(playbook.wording.reply("file_received", state.language, choices=choices),),
        state=replace(state, offered=choices),
    )


def failure_turn(danger: Triage, wording: Wording, language: str) -> Turn:
    """The turn after an error: the emergency words need no index and no model."""
    phrase = "failed"
    if danger.crisis is not None:
        phrase = f"emergency_{danger.crisis.value}"
    elif danger.stage is not None:
        phrase = f"stage_{danger.stage.value}"
    return Turn(
        kind=TurnKind.EMERGENCY if danger.urgent else TurnKind.HANDOVER,
        domain="emergency" if danger.crisis else "fraud" if danger.stage else "services",
        replies=(wording.reply(phrase, language),),
        state=State(language=language),
        risk=danger.risk,
        urgent=danger.urgent,
        human=Human.OFFERED,
    )
