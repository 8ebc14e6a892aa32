"""What the citizen is told when staff have answered for good, and when a ticket ends; with the five levels to rate."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from bot.conversation import sessions, transcript
from bot.conversation.about_ticket import rating_choices, reopen_choice
from bot.conversation.model import Author, Delivery, Post, Reply
from bot.conversation.wording import Wording
from bot.tickets.model import CloseReason, Ticket

_OVER = (CloseReason.SPAM, CloseReason.DUPLICATE, CloseReason.CANCELLED)


def farewell(tx: Connection, ticket: Ticket, wording: Wording, *, now: datetime) -> Post:
    """Post the end of the closed `ticket`."""
    return _posted(tx, ticket, lambda language: _words(ticket, wording, language), now=now)


def ask_for_rating(tx: Connection, ticket: Ticket, wording: Wording, *, now: datetime) -> Post:
    """Post that the `ticket` is answered, and how it may go on."""

    def words(language: str) -> Reply:
        choices = rating_choices(ticket, wording, language)
        return wording.reply("ticket_resolved", language, number=ticket.number, choices=choices)

    return _posted(tx, ticket, words, now=now)


def _posted(tx: Connection, ticket: Ticket, words: Callable[[str], Reply], *, now: datetime) -> Post:
    """The buttons are on the table then, so that a typed “满意” is understood too."""
    conversation = sessions.by_id(tx, ticket.conversation_id)
    assert conversation is not None, "a ticket goes with its conversation"
    reply = words(conversation.state.language)
    sessions.save(tx, conversation, conversation.state.offering(reply.choices), now=now)
    return transcript.post(
        tx,
        conversation.id,
        Author.SYSTEM,
        reply.text,
        transcript.reply_payload(reply),
        status=Delivery.QUEUED,
        now=now,
    )


def _words(ticket: Ticket, wording: Wording, language: str) -> Reply:
    """Without a rating where nobody answered, where there was nothing to answer, or when there is one; with the way
    back to the desk where there is something to go on with.
    """
    if ticket.close_reason in _OVER:
        return wording.reply("receipt_closed_ticket", language, number=ticket.number)
    phrase, levels = "ticket_closed", rating_choices(ticket, wording, language)
    if ticket.first_answer_at is None and ticket.close_reason is CloseReason.HANDED_BACK:
        phrase, levels = "ticket_handed_back", ()
    elif ticket.first_answer_at is None or ticket.is_rated_well:
        phrase, levels = "receipt_closed_ticket", ()
    choices = (*levels, reopen_choice(ticket, wording, language))
    return wording.reply(phrase, language, number=ticket.number, choices=choices)
