"""What one step of a form may know, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from intents.forms.model import FormState, InvalidAnswer


class Happened(StrEnum):
    """What one message did to the form."""

    ASKED = "asked"  # opened, or asked again
    FILLED = "filled"
    CORRECTED = "corrected"
    BACK = "back"
    SKIPPED = "skipped"
    WRONG = "wrong"
    WHICH = "which"  # something is to be changed: which?
    REVIEWED = "reviewed"
    DONE = "done"
    CANCELLED = "cancelled"
    LATER = "later"  # to be saved
    GAVE_UP = "gave_up"  # too many answers that did not fit: a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A law or document behind what was worked out."""

    title: str
    article: str | None
    reviewed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What a note works out: its value, the words, where they come from, dates worth a reminder, and the knowledge
    entry that says the rest.
    """

    value: str
    text: str
    sources: tuple[Ground, ...] = ()
    reminders: tuple[tuple[date, str], ...] = ()
    entry: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)  # for documents
    card: Mapping[str, str] = field(
        default_factory=dict
    )  # lines of the case card, in the language of the staff


Compute = Callable[[Mapping[str, str], date, str], Computed]  # answers, today, language


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a step may know besides the form."""

    today: date  # the district's
    at: float  # UTC seconds
    language: str
    compute: Mapping[str, Compute]
    remembered: Mapping[str, str] = field(
        default_factory=dict
    )  # answers of earlier forms, by `Slot.remember`


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The form after a message."""

    state: FormState
    happened: Happened
    filled: tuple[str, ...] = ()  # slots that got an answer now
    problem: InvalidAnswer | None = None
    notes: tuple[Computed, ...] = ()  # to be shown now, in order
