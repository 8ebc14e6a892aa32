"""anwen's own retrieval, as its engine calls it."""

from datetime import UTC, datetime

from benchmarks.rivals.rival import FOUND
from bot.library import Library


class Ours:
    """The hybrid search, without conversation or database."""

    name = "anwen"

    def __init__(self, library: Library) -> None:
        self._library = library

    def search(self, text: str) -> list[str]:
        """See `Rival`."""
        return [hit.entry.id for hit in self._library.search(text, now=datetime.now(UTC))[:FOUND]]
