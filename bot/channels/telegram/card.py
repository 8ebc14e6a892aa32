"""How a ticket looks in its topic: its name, its icon, its card, and the lines of the chat. Pure.

Numbers of people are hidden as in the web console.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from bot.channels.telegram.links import Role
from bot.channels.telegram.markup import LONGEST_TEXT, shortened, units
from bot.channels.telegram.words import Words
from bot.conversation.model import Author, Post
from bot.conversation.wording import Wording
from bot.masking import masked
from bot.tickets.model import Priority, Ticket, TicketStatus
from bot.tickets.notes import Note

LONGEST_NAME = 128
_ROOM = LONGEST_TEXT - 296  # of a message that holds several lines of the chat; tags do not count
_LONGEST_BOT_LINE = 120
_LONGEST_LINE = 3_000

# The state, as an icon out of those Telegram offers for topics.
_ICONS = {
    TicketStatus.OPEN: ("❗️", "❗"),
    TicketStatus.CLAIMED: ("📝", "💬"),
    TicketStatus.WAITING: ("❓", "⁉️"),
    TicketStatus.RESOLVED: ("✅", "🏁"),
    TicketStatus.CLOSED: ("📁", "🏁"),
}
_URGENT_ICONS = ("🔥", "⚡️", "⚡")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A message for the topic: lines of the chat, and how far it shows it."""

    html: str
    role: Role
    post: Post | None  # whom one answers by replying to it, or whose delivery it shows
    seq: int
    note_id: int


def name_of(ticket: Ticket) -> str:
    """`#编号 事项`, without anybody's numbers."""
    return shortened(f"#{ticket.number} {masked(ticket.subject)}".strip(), LONGEST_NAME)


def icon_of(ticket: Ticket, icons: Mapping[str, str]) -> str | None:
    """The icon that tells the state.

    Args:
        icons: what Telegram offers: emoji → id.
    """
    wanted: tuple[str, ...] = _ICONS[ticket.status]
    if ticket.priority is Priority.URGENT and ticket.status in (TicketStatus.OPEN, TicketStatus.CLAIMED):
        wanted = _URGENT_ICONS
    return next((icons[emoji] for emoji in wanted if emoji in icons), None)


def card_of(
    ticket: Ticket,
    *,
    channel: str,
    assignee: str | None,
    due_at: datetime | None,
    words: Words,
    wording: Wording,
    zone: ZoneInfo,
) -> str:
    """The card as HTML."""
    desk = wording.say(f"queue_{ticket.queue.value}", words.language)
    state = words(f"status_{ticket.status.value}")
    urgent = f"{words('urgent')} · " if ticket.priority is Priority.URGENT and ticket.is_live else ""
    facts = [
        ("card_status", urgent + state),
        ("card_queue", desk),
        ("card_subject", masked(ticket.subject)),
        ("card_reason", masked(ticket.reason)),
        ("card_assignee", assignee or words("card_nobody")),
        ("card_channel", channel),
        ("card_opened", f"{ticket.created_at.astimezone(zone):%m-%d %H:%M}"),
    ]
    if due_at is not None and ticket.is_live:
        facts.append(("card_due", f"{due_at.astimezone(zone):%m-%d %H:%M}"))
    lines = [f"<b>#{ticket.number}</b>"]
    lines += [f"{words(key)}：{escape(value, quote=False)}" for key, value in facts if value]
    if ticket.is_live:
        lines += ["", f"<i>{escape(words('card_how'), quote=False)}</i>"]
    return "\n".join(lines)


def same_but_clock(card: str, other: str, words: Words) -> bool:
    """Whether two cards differ in nothing but the time by which staff should answer."""

    def lines(each: str) -> list[str]:
        return [line for line in each.split("\n") if not line.startswith(f"{words('card_due')}：")]

    return lines(card) == lines(other)


def piece_of(
    posts: Sequence[Post],
    notes: Sequence[Note],
    *,
    names: Mapping[int, str],
    words: Words,
    seen_seq: int,
    seen_note: int,
) -> Piece | None:
    """The next message for the topic, with as much of the chat as fits; None when there is nothing to show.

    An answer of staff stands alone: its delivery is shown on it.

    Args:
        posts: behind `seen_seq`, oldest first.
        notes: behind `seen_note`, oldest first.
    """
    lines: list[str] = []
    room, role, shown = _ROOM, Role.INTERNAL, None
    things: list[Post | Note] = sorted([*posts, *notes], key=lambda each: each.created_at)
    for thing in things:
        is_answer = isinstance(thing, Post) and thing.author is Author.STAFF
        line = _line(thing, names, words)
        if lines and (units(line) > room or is_answer):
            break
        lines.append(line)
        room -= units(line) + 1
        if isinstance(thing, Note):
            seen_note = thing.id
            continue
        seen_seq = thing.seq
        if thing.author is Author.CITIZEN:
            role, shown = Role.CITIZEN, thing
        if is_answer:
            role, shown = Role.SHOWN, thing
            break
    if not lines:
        return None
    return Piece(html="\n".join(lines), role=role, post=shown, seq=seen_seq, note_id=seen_note)


def _line(thing: Post | Note, names: Mapping[int, str], words: Words) -> str:
    text = masked(thing.text)
    if isinstance(thing, Note):
        head = words("line_note", name=names.get(thing.staff_id, "?"))
    elif thing.author is Author.CITIZEN:
        head = words("line_citizen")
    elif thing.author is Author.STAFF:
        head = words("line_staff", name=names.get(int(thing.payload.get("staff", 0)), "?"))
    else:
        head, text = words("line_bot"), shortened(text.replace("\n", " "), _LONGEST_BOT_LINE)
    if units(text) > _LONGEST_LINE:
        text = shortened(text, _LONGEST_LINE) + words("line_cut")
    return f"<b>{escape(head, quote=False)}</b>：{escape(text, quote=False)}"
