"""Staff think again: an answer that has not gone out yet is taken back or worded anew. Takes the open transaction."""

from datetime import datetime

from sqlalchemy import Connection

from bot.conversation import delivery, transcript
from bot.conversation.model import Author, Post
from bot.errors import TicketError
from bot.tickets import audit, queue
from bot.tickets.desk import Desk
from bot.tickets.model import Ticket
from bot.tickets.people import Staff
from bot.tickets.queue import staff_actor


def take_back(
    tx: Connection, desk: Desk, ticket_id: int, staff: Staff, post: Post, *, now: datetime
) -> Ticket:
    """The ticket, as if `staff` had not written `post`; its clocks run as before.

    Raises TicketError when it is on its way, or somebody else's.
    """
    ticket = queue.get(tx, ticket_id)
    _must_be_theirs(staff, post)
    if not delivery.withdraw(tx, post.id):
        raise TicketError("the answer is on its way; it cannot be taken back")
    left = [
        each
        for each in transcript.all_of(tx, ticket.conversation_id)
        if each.created_at >= ticket.created_at and each.error != delivery.Trouble.WITHDRAWN
    ]
    moved = ticket.unanswered(
        answers=[each.created_at for each in left if each.author is Author.STAFF],
        asked=[each.created_at for each in left if each.author is Author.CITIZEN],
        opened=ticket.open_since or ticket.created_at,
    )
    actor = staff_actor(staff.id)
    since = {  # the history alone must tell which clock runs again
        "asked": moved.asked_at.timestamp() if moved.asked_at else None,
        "first": moved.first_answer_at.timestamp() if moved.first_answer_at else None,
    }
    saved = queue.save(tx, ticket, moved, actor=actor, kind="withdrawn", now=now, message=post.id, **since)
    desk.keep_clock(tx, saved)
    audit.record(tx, actor, "ticket.withdrawn", audit.ticket_target(saved), now=now, message=post.id)
    return saved


def reword(tx: Connection, ticket: Ticket, staff: Staff, post: Post, text: str, *, now: datetime) -> bool:
    """Another wording of an answer that has not gone out. False when it is on its way; that it was is on record."""
    _must_be_theirs(staff, post)
    if not delivery.reword(tx, post.id, text):
        return False
    actor = staff_actor(staff.id)
    audit.record(tx, actor, "ticket.reworded", audit.ticket_target(ticket), now=now, message=post.id)
    return True


def _must_be_theirs(staff: Staff, post: Post) -> None:
    if post.payload.get("staff") != staff.id or post.author is not Author.STAFF:
        raise TicketError("only who wrote an answer can change it")
