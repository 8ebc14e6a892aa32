"""What staff do with a ticket: claim, answer, note, transfer, resolve, close, reopen.

Each function takes the open transaction, reads the ticket, makes one move of the pure model, stores it with its
event and its audit entry, keeps the clocks, and posts what the citizen is told. Callers may name the `version` of the
ticket their page showed: when anything happened since, also the citizen writing, TicketConflict is raised. Every
function raises TicketError for a move that is not possible; nothing is stored then. After a complaint nothing ends
before the citizen was called back (CallBackMissing).
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.conversation import attachments, transcript
from bot.conversation.farewell import ask_for_rating, farewell
from bot.conversation.files import Upload, named
from bot.conversation.model import Author, Delivery, Post
from bot.conversation.wording import Wording
from bot.errors import LateAnswer, TicketConflict, TicketError
from bot.tickets import audit, call_backs, notes, queue
from bot.tickets import staff as accounts
from bot.tickets.desk import Desk
from bot.tickets.model import CloseReason, Escalation, Priority, Ticket, TicketStatus
from bot.tickets.notes import Note
from bot.tickets.people import Staff
from bot.tickets.queue import CLOCK, staff_actor
from knowledge.entries import Queue

_MINUTE = timedelta(minutes=1)


def claim(
    tx: Connection, desk: Desk, ticket_id: int, staff: Staff, *, now: datetime, version: int | None = None
) -> Ticket:
    """The ticket, taken by `staff`; of two at once one gets it, the other TicketError."""
    ticket = _read(tx, ticket_id, staff, version)
    return _move(tx, desk, ticket, ticket.claimed_by(staff.id, now=now), staff, kind="claimed", now=now)


def release(
    tx: Connection,
    desk: Desk,
    ticket_id: int,
    staff: Staff,
    *,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Ticket:
    """The ticket, back in its queue for anybody."""
    ticket = _read(tx, ticket_id, staff, version)
    _maybe_noted(tx, ticket, staff, note, now)
    return _move(tx, desk, ticket, ticket.released(now=now), staff, kind="released", now=now)


def reassign(
    tx: Connection,
    desk: Desk,
    ticket_id: int,
    to: Staff,
    staff: Staff,
    *,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Ticket:
    """The ticket, with the colleague `to`; an open one is claimed for them."""
    ticket = _read(tx, ticket_id, staff, version)
    if not to.may_work:
        raise TicketError(f"{to.name} cannot take tickets")
    _maybe_noted(tx, ticket, staff, note, now)
    is_open = ticket.status is TicketStatus.OPEN
    moved = ticket.claimed_by(to.id, now=now) if is_open else ticket.reassigned(to.id)
    return _move(tx, desk, ticket, moved, staff, kind="reassigned", now=now, to=to.id)


def transfer(
    tx: Connection,
    desk: Desk,
    ticket_id: int,
    to: Queue,
    staff: Staff,
    *,
    note: str,
    now: datetime,
    version: int | None = None,
) -> Ticket:
    """The ticket, open in the queue `to`; the note tells the next person what is known."""
    ticket = _read(tx, ticket_id, staff, version)
    _maybe_noted(tx, ticket, staff, note, now)
    moved = ticket.transferred(to, now=now)
    return _move(
        tx, desk, ticket, moved, staff, kind="transferred", now=now, queue=to.value, of=ticket.queue.value
    )


def mark_urgent(
    tx: Connection, desk: Desk, ticket_id: int, staff: Staff, *, now: datetime, version: int | None = None
) -> Ticket:
    """The ticket, before all normal ones."""
    ticket = _read(tx, ticket_id, staff, version)
    return _move(tx, desk, ticket, ticket.raised(), staff, kind="raised", now=now)


def take_over(
    tx: Connection, desk: Desk, conversation_id: int, staff: Staff, *, to: Queue, reason: str, now: datetime
) -> Ticket:
    """The conversation's ticket with `staff`, opened for it when there is none: the bot is silent from now on."""
    _must_work(staff)
    ticket = desk.live(tx, conversation_id)
    if ticket is None:
        escalation = Escalation(queue=to, priority=Priority.NORMAL, reason=reason)
        opened = desk.open(
            tx, conversation_id, escalation, subject=reason, context={"taken_over_by": staff.id}, now=now
        )
        ticket = queue.get(tx, opened.id)
    if ticket.status is TicketStatus.OPEN:
        return claim(tx, desk, ticket.id, staff, now=now)
    return reassign(tx, desk, ticket.id, staff, staff, now=now)


def answer(
    tx: Connection,
    desk: Desk,
    ticket_id: int,
    staff: Staff,
    text: str,
    *,
    seen_seq: int,
    now: datetime,
    ask: bool = False,
    client_id: str | None = None,
    files: tuple[Upload, ...] = (),
) -> Post:
    """What `staff` writes to the citizen, as the transcript's newest row; an open ticket is claimed for them.

    Args:
        seen_seq: the newest `seq` the person had read.
        ask: the ticket waits for the citizen from now on, and its clocks stand still.
        client_id: the page's own id of this answer: sent again, the stored row is returned and nothing happens.

    Raises LateAnswer when a colleague wrote after `seen_seq`.
    """
    _must_work(staff)
    ticket = queue.get(tx, ticket_id)
    external_id = f"staff:{staff.id}:{client_id}" if client_id is not None else None
    repeated = transcript.known(tx, ticket.conversation_id, external_id)
    if repeated is not None:
        return repeated
    if not text.strip() and not files:
        raise TicketError(f"an answer to ticket {ticket.number} needs words")
    _must_be_first(tx, ticket, staff, seen_seq, now)
    moved = ticket.claimed_by(staff.id, now=now) if ticket.status is TicketStatus.OPEN else ticket
    moved = moved.answered(now=now)
    if ask and moved.status is not TicketStatus.WAITING:
        moved = moved.waiting_for_citizen(now=now)
    _move(tx, desk, ticket, moved, staff, kind="asked" if ask else "answered", now=now)
    said = transcript.post(
        tx,
        ticket.conversation_id,
        Author.STAFF,
        text or named(tuple(upload.name for upload in files)),
        {"staff": staff.id, "desk": ticket.queue.value},
        status=Delivery.QUEUED,
        now=now,
        external_id=external_id,
    )
    for upload in files:
        attachments.store(tx, ticket.conversation_id, said.id, upload, now=now)
    return said


def note(tx: Connection, ticket_id: int, staff: Staff, text: str, *, now: datetime) -> Note:
    """A note for colleagues; it stands in a table that nothing delivers from."""
    ticket = _read(tx, ticket_id, staff, None)
    if not text.strip():
        raise TicketError(f"a note to ticket {ticket.number} needs words")
    return _noted(tx, ticket, staff, text, now)


def resolve(
    tx: Connection,
    desk: Desk,
    ticket_id: int,
    staff: Staff,
    *,
    wording: Wording,
    now: datetime,
    version: int | None = None,
) -> Ticket:
    """The ticket, answered for good as far as staff can tell: the citizen may rate it, or write, or let it close."""
    ticket = _read(tx, ticket_id, staff, version)
    call_backs.must_be_made(tx, ticket)
    saved = _move(tx, desk, ticket, ticket.resolved(now=now), staff, kind="resolved", now=now)
    if saved.first_answer_at is not None and not saved.is_rated_well:
        ask_for_rating(tx, saved, wording, now=now)
    return saved


def close(
    tx: Connection,
    desk: Desk,
    ticket_id: int,
    staff: Staff,
    reason: CloseReason,
    *,
    wording: Wording,
    now: datetime,
    version: int | None = None,
) -> Post:
    """What the citizen is told at the end, with the rating buttons; the chat is the bot's again."""
    ticket = _read(tx, ticket_id, staff, version)
    call_backs.must_be_made(tx, ticket)
    closed = ticket.closed(reason, now=now)
    saved = _move(tx, desk, ticket, closed, staff, kind="closed", now=now, reason=reason.value)
    return farewell(tx, saved, wording, now=now)


def close_by_itself(tx: Connection, desk: Desk, ticket: Ticket, *, wording: Wording, now: datetime) -> Post:
    """As `close`, for a resolved ticket to which nobody added anything."""
    call_backs.must_be_made(tx, ticket)
    reason = CloseReason.SOLVED
    closed = ticket.closed(reason, now=now)
    saved = queue.save(tx, ticket, closed, actor=CLOCK, kind="closed", now=now, reason=reason.value)
    desk.keep_clock(tx, saved)
    return farewell(tx, saved, wording, now=now)


def reopen(
    tx: Connection, desk: Desk, ticket_id: int, staff: Staff, *, now: datetime, note: str = ""
) -> Ticket:
    """The closed ticket, open again. Raises TicketError while another ticket of the conversation is live."""
    ticket = _read(tx, ticket_id, staff, None)
    other = desk.live(tx, ticket.conversation_id)
    if other is not None:
        raise TicketError(f"ticket {other.number} of the same conversation is live")
    _maybe_noted(tx, ticket, staff, note, now)
    again = ticket.reopened_again(now=now, window=timedelta.max)
    return _move(tx, desk, ticket, again, staff, kind="reopened", now=now)


# --- helpers ----------------------------------------------------------------------------------------------


def _must_work(staff: Staff) -> None:
    if not staff.may_work:
        raise TicketError(f"{staff.name} may read tickets, not work on them")


def _read(tx: Connection, ticket_id: int, staff: Staff, version: int | None) -> Ticket:
    _must_work(staff)
    ticket = queue.get(tx, ticket_id)
    if version is not None and ticket.version != version:
        raise TicketConflict(f"ticket {ticket.number} changed since you opened it; look again")
    return ticket


def _move(
    tx: Connection,
    desk: Desk,
    before: Ticket,
    after: Ticket,
    staff: Staff,
    *,
    kind: str,
    now: datetime,
    **detail: object,
) -> Ticket:
    actor = staff_actor(staff.id)
    saved = queue.save(tx, before, after, actor=actor, kind=kind, now=now, **detail)
    if saved is before:
        return before
    desk.keep_clock(tx, saved)
    audit.record(tx, actor, f"ticket.{kind}", audit.ticket_target(saved), now=now, **detail)
    return saved


def _noted(tx: Connection, ticket: Ticket, staff: Staff, text: str, now: datetime) -> Note:
    written = notes.add(tx, ticket.id, staff.id, text, now=now)
    queue.record(tx, ticket.id, actor=staff_actor(staff.id), kind="noted", now=now, note=written.id)
    audit.record(tx, staff_actor(staff.id), "ticket.noted", audit.ticket_target(ticket), now=now)
    return written


def _maybe_noted(tx: Connection, ticket: Ticket, staff: Staff, text: str, now: datetime) -> None:
    if text.strip():
        _noted(tx, ticket, staff, text, now)


def _must_be_first(tx: Connection, ticket: Ticket, staff: Staff, seen_seq: int, now: datetime) -> None:
    for post in reversed(transcript.after(tx, ticket.conversation_id, seen_seq)):
        writer = post.payload.get("staff")
        if writer is not None and writer != staff.id:
            colleague = accounts.get(tx, writer)
            raise LateAnswer(colleague.name, minutes=max(0, (now - post.created_at) // _MINUTE))
