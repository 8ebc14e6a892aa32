"""Remembers the rows of the latest queries: people ask the same thing, and reload the page."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from knowledge.vectors import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """How often the cache knew the answer, since start."""

    hits: int
    misses: int
    rows: int  # held now


class VectorCache:
    """At most `limit` rows by text, the least recently used forgotten first. Thread-safe.

    A limit of 0 keeps nothing. Rows are frozen when they are put in, because callers share them.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rows: OrderedDict[str, Matrix] = OrderedDict()
        self._lock = Lock()
        self._hits = 0
        self._misses = 0

    def get(self, text: str) -> Matrix | None:
        """The row kept for `text`, shape (1, dim); None if it is not here."""
        with self._lock:
            row = self._rows.get(text)
            if row is None:
                self._misses += 1
                return None
            self._hits += 1
            self._rows.move_to_end(text)
            return row

    def put(self, text: str, row: Matrix) -> None:
        """Keep `row`, shape (1, dim), and make it read-only."""
        row.flags.writeable = False
        with self._lock:
            self._rows[text] = row
            self._rows.move_to_end(text)
            while len(self._rows) > self._limit:
                self._rows.popitem(last=False)

    def use(self) -> CacheUse:
        """Counters for metrics."""
        with self._lock:
            return CacheUse(hits=self._hits, misses=self._misses, rows=len(self._rows))
