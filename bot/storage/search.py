"""Full-text search over messages, for Chinese: a text is stored as its single characters and pairs of them.

Word lists and trigrams fail on two-character words such as 诈骗; pairs find them, with no dictionary and the same
code on both engines: SQLite's FTS5 and PostgreSQL's tsvector see nothing but words we made.

A message is made findable soon after it was stored (`refresh`), not with it: nobody who asks waits for that.
Every function but `refresh` takes the open transaction.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, text

from bot.storage.database import Database

MOST_GRAMS = 12  # of a query: enough to be exact, cheap to look up
AT_ONCE = 500  # messages made findable in one transaction, so that nobody waits long for it
LATE = 1000  # of so many last messages a lower number may be committed after a higher one
_PIECES = re.compile(r"[a-z0-9]+|[^\W\d_a-z]+")  # latin words and numbers whole; the rest by character


def grams(written: str) -> str:
    """`written` as the words the index holds, separated by blanks.

    >>> grams("反诈 96110!")
    '反 诈 反诈 96110'
    """
    return " ".join(_grams(written))


def refresh(database: Database) -> None:
    """Make everything findable that was said up to now, in transactions of its own."""
    with database.reading() as tx:
        is_behind = bool(_new(tx, limit=1))
    while is_behind:
        with database.transaction() as tx:
            new = _new(tx, limit=AT_ONCE)
            if new:
                added = [{"id": row.id, "grams": grams(row.text)} for row in new]
                tx.execute(_ADD[tx.dialect.name], added)
        is_behind = len(new) == AT_ONCE


def forget(tx: Connection, conversation_id: int) -> None:
    """Make the messages of a conversation unfindable."""
    tx.execute(_FORGET[tx.dialect.name], {"id": conversation_id})


def find(tx: Connection, query: str, *, limit: int) -> tuple[int, ...]:
    """Ids of the messages that hold every word of `query`, newest first; empty when it has no letters."""
    wanted = _query(query)
    if not wanted:
        return ()
    rows = tx.execute(_FIND[tx.dialect.name], {"query": wanted, "limit": limit})
    return tuple(row[0] for row in rows)


_ADD = {
    "sqlite": text("INSERT INTO message_search (rowid, grams) VALUES (:id, :grams)"),
    "postgresql": text(
        "INSERT INTO message_search (message_id, grams) VALUES (:id, to_tsvector('simple', :grams))"
    ),
}
# What was erased has no text. The newest findable one comes from the end of the index, without reading it.
_NEW = {
    "sqlite": text(
        "SELECT id, text FROM messages WHERE text <> '' AND id > coalesce("
        "(SELECT rowid FROM message_search ORDER BY rowid DESC LIMIT 1), 0) - :late "
        "AND NOT EXISTS (SELECT 1 FROM message_search WHERE rowid = messages.id) ORDER BY id LIMIT :limit"
    ),
    "postgresql": text(
        "SELECT id, text FROM messages WHERE text <> '' AND id > coalesce("
        "(SELECT max(message_id) FROM message_search), 0) - :late "
        "AND NOT EXISTS (SELECT 1 FROM message_search WHERE message_id = messages.id) ORDER BY id LIMIT :limit"
    ),
}
_FORGET = {
    "sqlite": text(
        "DELETE FROM message_search WHERE rowid IN (SELECT id FROM messages WHERE conversation_id = :id)"
    ),
    "postgresql": text(
        "DELETE FROM message_search WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = :id)"
    ),
}
_FIND = {
    "sqlite": text(
        "SELECT rowid FROM message_search WHERE message_search MATCH :query ORDER BY rowid DESC LIMIT :limit"
    ),
    "postgresql": text(
        "SELECT message_id FROM message_search WHERE grams @@ plainto_tsquery('simple', :query) "
        "ORDER BY message_id DESC LIMIT :limit"
    ),
}


def _new(tx: Connection, *, limit: int) -> Sequence[Row[Any]]:
    """Messages that are not findable yet, the oldest first."""
    return tx.execute(_NEW[tx.dialect.name], {"late": LATE, "limit": limit}).all()


def _grams(written: str) -> list[str]:
    found: list[str] = []
    for piece in _pieces(written):
        if _is_latin(piece):
            found.append(piece)
        else:
            found += [*piece, *(first + second for first, second in pairwise(piece))]
    return found


def _query(written: str) -> str:
    """The grams that must all be there: pairs where there are two characters, else the single one.

    They are letters and digits only, so nothing of what was typed can act as an operator of either engine;
    the quotes keep FTS5 from reading AND, OR, NOT and NEAR.
    """
    found: list[str] = []
    for piece in _pieces(written):
        if _is_latin(piece) or len(piece) == 1:
            found.append(piece)
        else:
            found += [first + second for first, second in pairwise(piece)]
    return " ".join(f'"{gram}"' for gram in dict.fromkeys(found[:MOST_GRAMS]))


def _pieces(written: str) -> list[str]:
    return _PIECES.findall(unicodedata.normalize("NFKC", written).lower())


def _is_latin(piece: str) -> bool:
    return piece.isascii()
