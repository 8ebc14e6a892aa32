"""Decides what to say: a pure function of what was heard, the conversation, and the playbook.

The order is fixed: danger → a comment on a rating → staff have it → open form → commands and wishes → choices →
a message to check → a ticket just closed → a form asked for → route by what was found.
Nothing here opens, awaits or reads a clock.
"""

from dataclasses import replace
from datetime import datetime

from bot.conversation.about_check import about_check
from bot.conversation.about_comment import about_comment
from bot.conversation.about_danger import about_danger, calmed, suspected
from bot.conversation.about_follow_up import about_follow_up, offering_the_desk
from bot.conversation.about_form import about_form
from bot.conversation.about_privacy import about_privacy
from bot.conversation.about_ticket import about_ticket, silent
from bot.conversation.about_wishes import about_choice, about_wishes
from bot.conversation.answering import answer_question
from bot.conversation.buttons import pressed as button_pressed
from bot.conversation.form_opening import wanted_form
from bot.conversation.form_running import around, offering, open_form, reminding, set_aside
from bot.conversation.model import State, Turn
from bot.conversation.playbook import Heard, Playbook

__all__ = ["decide"]


def decide(heard: Heard, state: State, playbook: Playbook) -> Turn:
    """What to do with a message. While staff have the conversation the bot stays silent but for danger and
    what concerns the ticket itself; the turn then has no replies.
    """
    state = _fresh(_with_language(state, heard, playbook), playbook, playbook.now)
    pressed = button_pressed(heard, state)
    heard = calmed(heard, playbook)
    danger = about_danger(*around(heard, pressed, state, playbook))
    if danger is not None:
        return offering(danger, playbook)
    heard = suspected(heard, playbook)
    turn = (
        about_comment(heard, pressed, state, playbook)
        or about_form(heard, pressed, state, playbook)
        or about_ticket(heard.intent, pressed, state, playbook, said=heard.text)
        or about_privacy(heard.intent, pressed, state, playbook)
    )
    if turn is not None:
        return turn
    if playbook.staff_have_it:
        return silent(state, playbook)
    return offering(_spoken(heard, pressed, state, playbook), playbook)


def _spoken(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn:
    """The bot has the word, and no form takes the message for an answer."""
    filling, state = state.form, set_aside(state)
    turn = (
        about_wishes(heard, pressed, state, playbook)
        or about_choice(pressed, state, playbook, playbook.now)
        or about_check(heard, pressed, state, playbook)
        or about_follow_up(heard, pressed, state, playbook)
        or wanted_form(heard, state, playbook)
        or answer_question(heard, state, playbook, playbook.now)
    )
    return reminding(offering_the_desk(turn, heard, state, playbook), filling, playbook)


def _with_language(state: State, heard: Heard, playbook: Playbook) -> State:
    """In a form a name or a code in Latin letters is no change of language."""
    if state.language_chosen or heard.language is None or open_form(state, playbook) is not None:
        return state
    return replace(state, language=heard.language)


def _fresh(state: State, playbook: Playbook, now: datetime) -> State:
    """The state without a subject that is too old to refer to."""
    if (
        state.last_at is None
        or now.timestamp() - state.last_at <= playbook.forget_context_after.total_seconds()
    ):
        return state
    return replace(state, last_entry=None, last_question=None)
