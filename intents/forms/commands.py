"""What somebody says inside a form that is no answer: back, skip, later, cancel, a correction, a saved form's code.

The wordings are `intents/form_words.yaml`.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from intents.normalize import bare, normalize
from knowledge.yaml_files import shipped

WORDS = Path(__file__).parent.parent / "form_words.yaml"
BUTTON = "form:"  # what the buttons of a form send begins so
OPTION = f"{BUTTON}="  # the answer of a choice, by its id
EDIT = f"{BUTTON}edit:"  # a button that names the slot to change
OPEN = f"{BUTTON}open:"  # a button that opens a form


class Command(StrEnum):
    """What is wanted of the form itself."""

    BACK = "back"
    SKIP = "skip"
    UNKNOWN = "unknown"  # “I do not know”: passes over what may be passed over
    LATER = "later"
    CANCEL = "cancel"
    CONFIRM = "confirm"
    EDIT = "edit"
    REVIEW = "review"
    GO_ON = "go_on"
    SAME = "same"

    @property
    def button(self) -> str:
        """What the button for it sends."""
        return BUTTON + self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An answer given before is replaced: by what, and which one when it was named."""

    rest: str
    slot: str = ""


def command(text: str) -> Command | None:
    """The command `text` is, None for anything else."""
    pressed = text.strip().removeprefix(BUTTON)
    if text.strip().startswith(BUTTON):
        return Command(pressed) if pressed in set(Command) else None
    plain = bare(text)
    for name, patterns in _words().commands.items():
        if any(pattern.fullmatch(plain) for pattern in patterns):
            return name
    return None


def correction(text: str) -> Correction | None:
    """The correction `text` makes.

    >>> correction("不对，是5月21日").rest
    '5月21日'
    """
    said = unicodedata.normalize("NFKC", text).strip(" 。.!！")
    plain = normalize(said)
    as_written = said if len(said) == len(plain) else plain  # names keep their capitals
    for pattern in _words().correction:
        match = pattern.match(plain)
        if match:
            rest, slot = match.span("rest"), match.groupdict().get("slot")
            return Correction(rest=as_written[slice(*rest)].strip(), slot=(slot or "").strip())
    return None


def resume_code(text: str) -> str | None:
    """The code of a saved form, as K7M2QX9P; None when the text is none.

    >>> resume_code("继续 k7m2-qx9p")
    'K7M2QX9P'
    """
    said = normalize(text).strip()
    for pattern in _words().resume:
        match = pattern.match(said)
        if match:
            return re.sub(r"[- ]", "", match["code"]).upper()
    return None


def asks(text: str) -> bool:
    """Whether `text` reads like a question."""
    said = normalize(text).strip(" 。.!！")
    return any(pattern.search(said) for pattern in _words().asks)


def clauses(text: str) -> tuple[str, ...]:
    """The whole text and its parts between punctuation, without polite words around them."""
    said = normalize(text)
    parts = [said, *re.split(r"[,，。.;；!！?？\n]+", said)]
    words = _words()
    return tuple(
        bare(words.trail.sub("", words.lead_in.sub("", part.strip()))) for part in parts if part.strip()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    commands: dict[Command, tuple[re.Pattern[str], ...]]
    correction: tuple[re.Pattern[str], ...]
    resume: tuple[re.Pattern[str], ...]
    asks: tuple[re.Pattern[str], ...]
    lead_in: re.Pattern[str]
    trail: re.Pattern[str]


@cache
def _words() -> _Words:
    raw: dict[str, Any] = shipped(WORDS)

    def several(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in patterns)

    return _Words(
        commands={Command(name): several(patterns) for name, patterns in raw["commands"].items()},
        correction=several(raw["correction"]),
        resume=several(raw["resume"]),
        asks=several(raw["asks"]),
        lead_in=re.compile("|".join(raw["lead_in"])),
        trail=re.compile("|".join(raw["trail"])),
    )
