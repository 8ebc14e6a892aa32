"""Which tickets' topics are behind, and everything a topic shows of one. Reads only; takes the open transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from bot.channels.telegram import groups, links, topics
from bot.channels.telegram.events import Kind
from bot.channels.telegram.links import Link, Role
from bot.channels.telegram.sender import NAME
from bot.channels.telegram.topics import Topic
from bot.config_channels import TelegramGroups
from bot.conversation import sessions, transcript
from bot.conversation.model import Author, Conversation, Post
from bot.storage.desk_tables import notes as note_rows
from bot.storage.desk_tables import tickets
from bot.storage.tables import conversations
from bot.storage.telegram_tables import telegram_topics
from bot.tickets import clocks, notes, queue
from bot.tickets import staff as accounts
from bot.tickets.model import Priority, Ticket, TicketStatus
from bot.tickets.notes import Note
from knowledge.entries import Queue

FRESH = timedelta(seconds=10)  # within it a message that just came may still be without its file
CONTEXT = 6  # messages before the ticket that its topic begins with
_ERASED = "erased:"  # the address of a chat whose person asked to be forgotten
_FILES = (Kind.PHOTO, Kind.DOCUMENT, Kind.VOICE, Kind.AUDIO, Kind.VIDEO, Kind.STICKER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A ticket whose topic does not show everything."""

    ticket_id: int
    urgent: bool
    has_words: bool  # of people; else only the state
    served_at: float

    @property
    def rank(self) -> tuple[int, float, int]:
        """The smallest is served first: urgent words, words, the rest; whoever waited longest."""
        first = 0 if self.has_words and self.urgent else 1 if self.has_words else 2
        return first, self.served_at, self.ticket_id


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All a topic shows of its ticket."""

    ticket: Ticket
    conversation: Conversation
    topic: Topic
    group_id: int  # where it belongs
    posts: tuple[Post, ...]  # not shown yet
    notes: tuple[Note, ...]
    last_seq: int
    last_note: int
    files: Mapping[int, Link]  # post id → the message in the citizen's chat that has to be copied
    names: Mapping[int, str]
    due_at: datetime | None


def behind(tx: Connection, settings: TelegramGroups, group_id: int) -> list[Behind]:
    """Tickets to serve in this group, first things first."""
    newest_note = (
        select(func.coalesce(func.max(note_rows.c.id), 0))
        .where(note_rows.c.ticket_id == tickets.c.id)
        .scalar_subquery()
    )
    topic = telegram_topics.c
    live = tickets.c.status != TicketStatus.CLOSED.value
    rows = tx.execute(
        select(
            tickets.c.id,
            tickets.c.queue,
            tickets.c.priority,
            tickets.c.status,
            topic.group_id,
            topic.served_at,
            (topic.thread_id.is_(None)).label("homeless"),
            (conversations.c.last_seq > topic.seen_seq).label("said"),
            (newest_note > topic.seen_note).label("noted"),
        )
        .join(conversations, conversations.c.id == tickets.c.conversation_id)
        .outerjoin(telegram_topics, topic.ticket_id == tickets.c.id)
        .where(
            or_(live, topic.ticket_id.is_not(None)),
            or_(
                topic.ticket_id.is_(None),
                live & topic.thread_id.is_(None),
                topic.thread_id.is_not(None) & (conversations.c.last_seq > topic.seen_seq),
                topic.thread_id.is_not(None) & (newest_note > topic.seen_note),
                topic.thread_id.is_not(None) & (tickets.c.version != topic.seen_version),
            ),
        )
    )
    found = [
        Behind(
            ticket_id=row.id,
            urgent=row.priority == Priority.URGENT.value,
            has_words=row.group_id is None or bool(row.homeless or row.said or row.noted),
            served_at=row.served_at or 0.0,
        )
        for row in rows
        if _belongs(tx, settings, row.group_id, Queue(row.queue), row.id) == group_id
    ]
    return sorted(found, key=lambda each: each.rank)


def ownerless(tx: Connection, group_id: int) -> Topic | None:
    """A topic whose ticket was deleted, or whose citizen asked to be forgotten."""
    row = tx.execute(
        select(telegram_topics)
        .outerjoin(tickets, tickets.c.id == telegram_topics.c.ticket_id)
        .outerjoin(conversations, conversations.c.id == tickets.c.conversation_id)
        .where(
            telegram_topics.c.group_id == group_id,
            or_(tickets.c.id.is_(None), conversations.c.address.startswith(_ERASED)),
        )
        .limit(1)
    ).first()
    return topics.from_row(row) if row else None


def view(tx: Connection, settings: TelegramGroups, ticket_id: int, *, now: datetime) -> View:
    """What the topic of a ticket shows; a topic that was not begun starts a little before the ticket."""
    ticket = queue.get(tx, ticket_id)
    conversation = sessions.by_id(tx, ticket.conversation_id)
    assert conversation is not None, "a ticket goes with its conversation"
    home = settings.of(ticket.queue, ticket_id)
    assert home is not None, "only groups that are configured are served"
    group_id = groups.current(tx, home)
    topic = topics.of_ticket(tx, ticket_id) or _unbegun(tx, ticket, group_id)
    said = _settled(tx, conversation, transcript.after(tx, conversation.id, topic.seen_seq), now)
    written = [note for note in notes.listing(tx, ticket_id) if note.id > topic.seen_note]
    here = [post for post in said if _is_written_here(tx, post, topic.group_id)]
    shown = tuple(post for post in said if post not in here)
    kept = clocks.of_ticket(tx, ticket_id)
    return View(
        ticket=ticket,
        conversation=conversation,
        topic=topic,
        group_id=group_id,
        posts=shown,
        notes=tuple(note for note in written if not links.note_is_here(tx, topic.group_id, note.id)),
        last_seq=said[-1].seq if said else topic.seen_seq,
        last_note=written[-1].id if written else topic.seen_note,
        files=_files(tx, conversation, shown),
        names={person.id: person.name for person in accounts.listing(tx)},
        due_at=kept.due.at if kept.due else None,
    )


def _settled(
    tx: Connection, conversation: Conversation, posts: tuple[Post, ...], now: datetime
) -> tuple[Post, ...]:
    """The messages up to the first one of Telegram of which we do not know yet what it carries: it just came."""
    if conversation.address.channel != NAME:
        return posts
    for place, post in enumerate(posts):
        fresh = now - post.created_at < FRESH
        numbered = post.author is Author.CITIZEN and (post.external_id or "").isdecimal()
        if fresh and numbered and not links.of_post(tx, post.id, Role.PRIVATE):
            return posts[:place]
    return posts


def _belongs(
    tx: Connection, settings: TelegramGroups, group_id: int | None, queue_: Queue, ticket_id: int
) -> int | None:
    """The group that must act: the one the topic is in, else the one it belongs to."""
    if group_id is not None:
        return group_id
    home = settings.of(queue_, ticket_id)
    return None if home is None else groups.current(tx, home)


def beginning(tx: Connection, ticket: Ticket) -> int:
    """The place in the chat behind which a topic begins: a little before the ticket."""
    before = [
        post
        for post in transcript.all_of(tx, ticket.conversation_id)
        if post.created_at.timestamp() < ticket.created_at.timestamp()
    ]
    return before[-CONTEXT].seq - 1 if len(before) >= CONTEXT else 0


def _unbegun(tx: Connection, ticket: Ticket, group_id: int) -> Topic:
    return Topic(
        ticket_id=ticket.id,
        group_id=group_id,
        thread_id=None,
        card_id=None,
        card=None,
        card_at=0.0,
        name=None,
        icon=None,
        closed=False,
        seen_seq=beginning(tx, ticket),
        seen_note=0,
        seen_version=-1,
    )


def _is_written_here(tx: Connection, post: Post, group_id: int) -> bool:
    """Colleagues see what was written in the group itself."""
    if post.author is not Author.STAFF:
        return False
    return any(link.chat_id == group_id for link in links.of_post(tx, post.id, Role.ANSWER, Role.SHOWN))


def _files(tx: Connection, conversation: Conversation, posts: tuple[Post, ...]) -> dict[int, Link]:
    if conversation.address.channel != NAME:
        return {}
    found: dict[int, Link] = {}
    for post in posts:
        if post.author is Author.CITIZEN:
            for link in links.of_post(tx, post.id, Role.PRIVATE):
                if link.kind in _FILES:
                    found[post.id] = link
    return found
