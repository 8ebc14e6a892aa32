"""What a form is, and how far somebody is with one. Pure values.

Every answer is kept as one canonical text: a date as 2026-05-12, money as yuan in decimals, a choice as its option's
id (several as ids with a comma between), a phone number as +86…, everything else as it was said. So a state goes to
JSON and back as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from knowledge.entries import Domain, Queue

CONFIRMING = "confirm"  # the step behind the last slot: everything is read back
SKIPPED = ""  # the answer of a slot that was passed over


class SlotKind(StrEnum):
    """What a slot takes."""

    CHOICE = "choice"
    DATE = "date"
    MONEY = "money"
    ORGANISATION = "organisation"
    CREDIT_CODE = "credit_code"  # 统一社会信用代码, with its check digit
    PHONE = "phone"
    PLACE = "place"
    TEXT = "text"
    ATTACHMENT = "attachment"
    NOTE = "note"  # takes nothing: something worked out from the answers is shown, and can decide what comes next


class Side(StrEnum):
    """On which side of today a date lies."""

    PAST = "past"  # today or earlier
    FUTURE = "future"  # today or later
    ANY = "any"


class InvalidAnswer(Exception):
    """What was said does not fit the slot: `code` names the phrase that says so kindly, `values` fill it."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The same words in every language of the desk."""

    zh: str
    en: str

    def said_in(self, language: str) -> str:
        """The words in `language`."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """All slots named must have one of the answers listed; `*` stands for any answer that was not skipped."""

    allowed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether the answers so far meet it. Of a slot for several, one listed answer is enough."""
        return all(_meets(answers.get(slot), allowed) for slot, allowed in self.allowed.items())


def _meets(answer: str | None, allowed: frozenset[str]) -> bool:
    if answer is None:
        return False
    if "*" in allowed:
        return answer != SKIPPED
    return not allowed.isdisjoint(answer.split(","))


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer of a choice, offered when `when` holds. `words` are what people write instead of its label."""

    id: str
    label: Text
    words: tuple[str, ...] = ()
    when: Condition = field(default_factory=Condition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One question of a form.

    Args:
        label: its name in the read-back.
        help: shown below the question: an example, why it is asked, or that it may be left out.
        when: asked only then.
        optional: may be passed over.
        cues: words near a date or an amount in a longer sentence that tell it belongs here.
        many: a choice of several.
        public_body: an organisation that is an authority, not a business.
        side: where a date lies.
        not_before: the slot whose date must not lie behind this one.
        default_from: the slot whose answer is offered again.
        remember: the name under which the answer is offered in later forms of the same conversation.
        opening: takes the message that opened the form, when that tells a story.
        compute: for a note, what is worked out; see `steps.Compute`. Without it the note says `ask`.
        entry: for a note, the knowledge entry that is said with it.
    """

    id: str
    kind: SlotKind
    label: Text
    ask: Text
    help: Text | None = None
    options: tuple[Option, ...] = ()
    when: Condition = field(default_factory=Condition)
    optional: bool = False
    cues: tuple[str, ...] = ()
    many: bool = False
    public_body: bool = False
    side: Side = Side.PAST
    not_before: str | None = None
    default_from: str | None = None
    remember: str | None = None
    opening: bool = False
    compute: str | None = None
    entry: str | None = None

    def option(self, id: str) -> Option | None:
        """The option with this id."""
        return next((option for option in self.options if option.id == id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """What a finished form leads to.

    Args:
        done: what the person is told.
        ticket: the queue that gets it, when `ticket_when` holds; None for no ticket.
        ticket_from: the choice slot whose answer names the queue, where several desks are possible.
        card: the kind of case card that is stored, None for none.
        documents: names of the documents made from the answers, when `documents_when` holds.
        remind: the note whose dates become reminders, when `remind_when` holds.
        summary: the heading of a summary that can be read out or copied, None for none.
    """

    done: Text
    ticket: Queue | None = None
    urgent: bool = False
    ticket_when: Condition = field(default_factory=Condition)
    card: str | None = None
    documents: tuple[str, ...] = ()
    documents_when: Condition = field(default_factory=Condition)
    remind: str | None = None
    remind_when: Condition = field(default_factory=Condition)
    summary: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A service with its questions in order.

    Args:
        wordings: how people ask for it; a message this close to one of them opens the form.
        entries: knowledge entries below whose answer the form is offered, the first backs it; `services.legal-aid.*`
            names all below.
        beside_staff: goes on while its ticket waits in line; all others stop when staff take over.
        expects: stages of a fraud (`intents.triage.Stage`) that its own answers tell of, and that raise no new alarm.
        confirm: everything is read back before it is done, when this holds; None never reads back.
    """

    id: str
    title: Text
    intro: Text
    domain: Domain
    slots: tuple[Slot, ...]
    finish: Finish
    wordings: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    beside_staff: bool = False
    expects: frozenset[str] = frozenset()
    confirm: Condition | None = field(default_factory=Condition)

    def is_about(self, entry: str | None) -> bool:
        """Whether the form is the next step after this knowledge entry."""
        return entry is not None and any(fnmatchcase(entry, pattern) for pattern in self.entries)

    def slot(self, id: str) -> Slot | None:
        """The slot with this id."""
        return next((slot for slot in self.slots if slot.id == id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """How far one person is with one form. `current` is a slot's id or CONFIRMING."""

    form: str
    current: str
    asked_at: float  # UTC seconds of the last question
    answers: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)  # the person's own words, by slot
    order: tuple[str, ...] = ()  # slots in the order they were answered: what “back” goes through
    wrong: int = 0  # answers in a row that did not fit
    editing: bool = False  # an answer is being replaced; then back to where it was
    paused: bool = False  # set aside: waits for “go on”
    opening: str = ""  # the message that opened it: may answer what is asked only later

    def to_json(self) -> dict[str, Any]:
        """As stored."""
        return {
            "form": self.form,
            "current": self.current,
            "asked_at": self.asked_at,
            "answers": dict(self.answers),
            "said": dict(self.said),
            "order": list(self.order),
            "wrong": self.wrong,
            "editing": self.editing,
            "paused": self.paused,
            "opening": self.opening,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "FormState":
        """From `to_json`; keys of another version are ignored."""
        known = {key: stored[key] for key in cls.__slots__ if key in stored}
        return cls(**{**known, "order": tuple(stored.get("order", ()))})

    def with_answer(self, slot: str, value: str, *, said: str = "") -> "FormState":
        """This state with one more answer."""
        return replace(
            self,
            answers={**self.answers, slot: value},
            said={**self.said, slot: said},
            order=(*(id for id in self.order if id != slot), slot),
            wrong=0,
        )

    def without(self, slot: str) -> "FormState":
        """This state without the answer of `slot`."""
        return replace(
            self,
            answers={id: value for id, value in self.answers.items() if id != slot},
            said={id: words for id, words in self.said.items() if id != slot},
            order=tuple(id for id in self.order if id != slot),
        )
