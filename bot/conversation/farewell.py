"""What the citizen is told when a ticket ends: that it did, and the five levels to rate it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.conversation import sessions, transcript
from bot.conversation.about_ticket import rating_choices
from bot.conversation.model import Author, Delivery, Post, Reply
from bot.conversation.wording import Wording
from bot.tickets.model import CloseReason, Ticket

_UNRATED = (CloseReason.SPAM, CloseReason.DUPLICATE, CloseReason.CANCELLED)


def farewell(tx: Connection, ticket: Ticket, wording: Wording, *, now: datetime) -> Post:
    """Post the end of the closed `ticket`, and offer its buttons, so that a typed “满意” is understood too."""
    conversation = sessions.by_id(tx, ticket.conversation_id)
    assert conversation is not None, "a ticket goes with its conversation"
    reply = _words(ticket, wording, conversation.state.language)
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
    """Without a rating where nobody answered, or where there was nothing to answer."""
    if ticket.first_answer_at is None or ticket.close_reason in _UNRATED:
        return wording.reply("receipt_closed_ticket", language, number=ticket.number)
    choices = rating_choices(wording, language)
    return wording.reply("ticket_closed", language, number=ticket.number, choices=choices)
