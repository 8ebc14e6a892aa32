"""What a citizen asked the bot, what it showed them, and what they thought of it: nobody repeats themselves. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.conversation.files import only_names_files
from bot.conversation.model import Author, Post, TurnKind
from bot.conversation.transcript import Rating
from knowledge.entries import Entry

MOST = 12  # the newest; the whole chat stands beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry the bot said, or named when it asked back."""

    id: str
    question: str
    confidence: float
    is_known: bool  # False: the entry is no longer in the knowledge base


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question to the bot and what it made of it."""

    seq: int
    asked: str
    kind: TurnKind
    entries: tuple[Shown, ...]  # none: it had no answer
    rating: Rating | None


def exchanges(
    posts: Sequence[Post], entries: Mapping[str, Entry], ratings: Mapping[int, Rating]
) -> tuple[Exchange, ...]:
    """The exchanges that were about something, newest first; small talk and files are left out."""
    by_id = {post.id: post for post in posts}
    found: dict[int, Exchange] = {}
    for post in posts:
        asked = by_id.get(post.reply_to or 0)
        if post.author is not Author.BOT or asked is None or only_names_files(asked.text):
            continue
        exchange = _exchange(post, asked, entries, ratings)
        if exchange is None:
            continue
        if asked.id not in found or exchange.rating is not None:
            found[asked.id] = exchange
    return tuple(reversed(found.values()))[:MOST]


def _exchange(
    post: Post, asked: Post, entries: Mapping[str, Entry], ratings: Mapping[int, Rating]
) -> Exchange | None:
    turn = post.payload.get("turn") or {}
    kind = TurnKind(turn["kind"]) if turn.get("kind") in set(TurnKind) else TurnKind.SMALLTALK
    shown = post.payload.get("shown") or _backing(turn)
    if not shown and kind not in (TurnKind.DECLINE, TurnKind.CHOICES):
        return None
    return Exchange(
        seq=asked.seq,
        asked=asked.text,
        kind=kind,
        entries=tuple(_shown(id, confidence, entries) for id, confidence in shown),
        rating=ratings.get(post.id),
    )


def _backing(turn: Mapping[str, object]) -> list[tuple[str, float]]:
    """The entry behind an alarm, and of messages older than the list."""
    entry, confidence = turn.get("entry"), turn.get("confidence")
    return [(entry, confidence)] if isinstance(entry, str) and isinstance(confidence, float | int) else []


def _shown(id: str, confidence: float, entries: Mapping[str, Entry]) -> Shown:
    entry = entries.get(id)
    return Shown(
        id=id,
        question=entry.question if entry else id,
        confidence=confidence,
        is_known=entry is not None,
    )
