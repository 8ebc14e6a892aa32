"""A person's own data: all of it as they get it, and its deletion. Every function takes the open transaction.

What is deleted is what people wrote and who they were. What the desk counts stays, cut off from the person: that
there was a message, which entry answered it, a ticket with its number, times and rating.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.conversation import attachments, case_cards, form_drafts, reminders, sessions, transcript
from bot.conversation.model import Address, Conversation, Post
from bot.storage import search
from bot.tickets import audit, lists, notes, queue
from bot.tickets.model import Ticket

CITIZEN = "citizen"


def export(tx: Connection, address: Address, *, now: datetime) -> dict[str, Any]:
    """Everything kept about the person at `address`, for the person. Notes of staff to each other are not in it."""
    found = sessions.of_address(tx, address)
    for conversation in found:
        audit.record(tx, CITIZEN, "data.exported", _target(conversation), now=now)
    return {
        "exported_at": _shown(now),
        "channel": address.channel,
        "conversations": [_conversation(tx, conversation) for conversation in found],
    }


def erase(tx: Connection, address: Address, *, now: datetime) -> int:
    """Delete what the person at `address` wrote and got; how many conversations that were."""
    found = sessions.of_address(tx, address)
    for conversation in found:
        search.forget(tx, conversation.id)
        attachments.erase(tx, conversation.id)
        form_drafts.erase(tx, conversation.id)
        case_cards.erase(tx, conversation.id)
        reminders.erase(tx, conversation.id)
        transcript.erase(tx, conversation.id)
        for ticket in lists.of_conversation(tx, conversation.id):
            notes.erase(tx, ticket.id)
            queue.erase(tx, ticket.id)
        sessions.forget_person(tx, conversation.id, now=now)
        audit.record(tx, CITIZEN, "data.erased", _target(conversation), now=now)
    transcript.erase_failures(tx, address.channel, address.user)
    return len(found)


def _target(conversation: Conversation) -> str:
    return f"conversation:{conversation.id}"


def _conversation(tx: Connection, conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.public_id,
        "messages": [_message(post) for post in transcript.all_of(tx, conversation.id)],
        "tickets": [_ticket(ticket) for ticket in lists.of_conversation(tx, conversation.id)],
        "files": [
            {
                "name": file.name,
                "media_type": file.media_type,
                "size_bytes": file.size_bytes,
                "at": _shown(file.created_at),
            }
            for file in attachments.listing(tx, conversation.id)
        ],
        "cases": [
            {"form": card.form, "at": _shown(card.created_at), "answers": dict(card.lines)}
            for card in case_cards.of_conversation(tx, conversation.id)
        ],
    }


def _message(post: Post) -> dict[str, Any]:
    return {"seq": post.seq, "at": _shown(post.created_at), "author": post.author.value, "text": post.text}


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "queue": ticket.queue.value,
        "status": ticket.status.value,
        "subject": ticket.subject,
        "opened": _shown(ticket.created_at),
        "first_answer": _shown(ticket.first_answer_at),
        "closed": _shown(ticket.closed_at),
        "satisfaction": int(ticket.satisfaction) if ticket.satisfaction else None,
        "comment": ticket.comment,
    }


def _shown(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
