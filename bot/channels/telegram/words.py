"""What the bot says to staff in their groups; nothing of it ever reaches a citizen, but the mark of a correction."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent / "strings"
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """The strings of one language."""

    language: str

    def __call__(self, key: str, **fields: object) -> str:
        """The string `key` with its {fields}. Raises KeyError for a key that is not there."""
        return strings(self.language)[key].format_map(fields)


@cache
def strings(language: str) -> dict[str, str]:
    """All strings of a language."""
    read: dict[str, str] = json.loads((_HERE / f"{language}.json").read_text("utf-8"))
    return read
