"""Decides what to say: a pure function of what was heard, the conversation, and the playbook.

The order is fixed: danger → staff have it → commands and wishes → choices → route by what was found.
Nothing here opens, awaits or reads a clock.
"""

from dataclasses import replace
from datetime import datetime

from bot.conversation.about_danger import about_danger, calmed
from bot.conversation.about_privacy import about_privacy
from bot.conversation.about_ticket import about_ticket, silent
from bot.conversation.about_wishes import about_choice, about_wishes
from bot.conversation.answering import answer_question
from bot.conversation.buttons import pressed as button_pressed
from bot.conversation.model import State, Turn
from bot.conversation.playbook import Heard, Playbook

__all__ = ["decide"]


def decide(heard: Heard, state: State, playbook: Playbook) -> Turn:
    """What to do with a message. While staff have the conversation the bot stays silent but for danger and
    what concerns the ticket itself; the turn then has no replies.
    """
    now = playbook.now
    state = _fresh(_with_language(state, heard), playbook, now)
    pressed = button_pressed(heard, state)
    heard = calmed(heard, playbook)
    turn = (
        about_danger(heard, pressed, state, playbook)
        or about_ticket(heard.intent, pressed, state, playbook)
        or about_privacy(heard.intent, pressed, state, playbook)
    )
    if turn is not None:
        return turn
    if playbook.staff_have_it:
        return silent(state, playbook)
    return (
        about_wishes(heard, pressed, state, playbook)
        or about_choice(pressed, state, playbook, now)
        or answer_question(heard, state, playbook, now)
    )


def _with_language(state: State, heard: Heard) -> State:
    if state.language_chosen or heard.language is None:
        return state
    return replace(state, language=heard.language)


def _fresh(state: State, playbook: Playbook, now: datetime) -> State:
    """The state without a subject that is too old to refer to."""
    if (
        state.last_at is None
        or now.timestamp() - state.last_at <= playbook.forget_context_after.total_seconds()
    ):
        return state
    return replace(state, last_entry=None, last_question=None, last_at=None)
