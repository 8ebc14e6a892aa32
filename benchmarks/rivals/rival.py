"""What all who are compared have in common."""

from dataclasses import dataclass
from typing import Protocol

FOUND = 3  # entries a rival names


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One way to ask for an entry: its question or a variant."""

    entry: str
    text: str


class Rival(Protocol):
    """Finds entries for a question."""

    @property
    def name(self) -> str:
        """What the row of the table is called."""
        ...

    def search(self, text: str) -> list[str]:
        """Ids of FOUND different entries, best first."""
        ...


def different(entries: list[str]) -> list[str]:
    """The first FOUND different ones, in their order."""
    return list(dict.fromkeys(entries))[:FOUND]
