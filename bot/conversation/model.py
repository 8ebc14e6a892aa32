"""The values a conversation is made of. Pure: no IO, no time of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.conversation.files import Upload
from bot.tickets.model import Escalation, Satisfaction
from intents.forms.model import FormState
from intents.triage import Risk


class Author(StrEnum):
    """Who said a message."""

    CITIZEN = "citizen"
    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"


class Delivery(StrEnum):
    """Where a message is on its way. Only QUEUED rows are the outbox's business."""

    RECEIVED = "received"  # from the citizen
    INLINE = "inline"  # handed back in the same call: web, API, terminal
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class TurnKind(StrEnum):
    """What a turn is, as the public contract names it."""

    ANSWER = "answer"
    CHOICES = "choices"
    FORM = "form"
    HANDOVER = "handover"
    DECLINE = "decline"
    SMALLTALK = "smalltalk"
    EMERGENCY = "emergency"
    ALERT = "alert"


class Human(StrEnum):
    """Whether this reply puts a person forward: OFFERED only when that is its next step."""

    NONE = "none"
    OFFERED = "offered"
    MADE = "made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a person is: a channel and who they are on it."""

    channel: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a person sent.

    `external_id` is the channel's or the client's own id, the key against doubles; None where there is none.
    """

    sender: Address
    text: str
    external_id: str | None = None
    files: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button: what it says, and what pressing it sends."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The ground of an answer, as shown to people."""

    title: str
    article: str | None
    url: str | None
    reviewed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document made from a case card: `card` is the card's unguessable name, `name` which one."""

    card: str
    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One bubble: text, buttons, sources, documents to download where the channel can."""

    text: str
    choices: tuple[Choice, ...] = ()
    sources: tuple[Citation, ...] = ()
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the bot remembers of a conversation between turns."""

    language: str = "zh"
    language_chosen: bool = False  # the person picked it: the script of a message no longer changes it
    last_entry: str | None = None  # what “那要多久？” refers to
    last_question: str | None = None
    last_at: float | None = None  # UTC seconds of the last answer
    offered: tuple[Choice, ...] = ()  # buttons of the last reply: “2” means the second
    misses: int = 0  # questions in a row that found no answer
    greeted: bool = False
    form: FormState | None = None  # the form somebody is filling, or has set aside
    remembered: Mapping[str, str] = field(default_factory=dict)  # answers later forms offer again
    awaits_check: bool = False  # 查一查 was pressed: the next message is the one to check

    def to_json(self) -> dict[str, Any]:
        """As stored."""
        return {
            "language": self.language,
            "language_chosen": self.language_chosen,
            "last_entry": self.last_entry,
            "last_question": self.last_question,
            "last_at": self.last_at,
            "offered": [[choice.label, choice.value] for choice in self.offered],
            "misses": self.misses,
            "greeted": self.greeted,
            "form": self.form.to_json() if self.form else None,
            "remembered": dict(self.remembered),
            "awaits_check": self.awaits_check,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "State":
        """From `to_json`; keys of an older or newer version are ignored."""
        known = {
            key: stored[key] for key in cls.__slots__ if key in stored and key not in ("offered", "form")
        }
        offered = tuple(Choice(label=label, value=value) for label, value in stored.get("offered", []))
        form = FormState.from_json(stored["form"]) if stored.get("form") else None
        return cls(**known, offered=offered, form=form)

    def forgotten(self) -> "State":
        """This state without what was talked about; the language stays."""
        return State(
            language=self.language,
            language_chosen=self.language_chosen,
            greeted=self.greeted,
            remembered=self.remembered,
        )

    def offering(self, choices: tuple[Choice, ...]) -> "State":
        """This state with other buttons on the table."""
        return replace(self, offered=choices)

    def missed(self) -> "State":
        """This state after one more question that found no answer."""
        return replace(self, misses=self.misses + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMove:
    """What the citizen does to their own ticket: cancel it, go on with a closed one, rate one, or add a line to that.

    An empty `comment` only speaks of one: it is no message to the people at work.
    """

    cancel: bool = False
    reopen: bool = False
    satisfaction: Satisfaction | None = None
    comment: str | None = None


class DataMove(StrEnum):
    """What the citizen wants done with their own data, once they confirmed it."""

    EXPORT = "export"
    ERASE = "erase"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormMove:
    """What a form wants of the desk, beside words: to be kept under a code, taken up again, or carried out.

    Args:
        lines: its answers, by their names in the language of the staff.
        subject: one line for the ticket.
        save: the code it is kept under from now on.
        taken_up: the code under which it was kept until now.
        done: it was confirmed; what it was made for happens.
        facts: what was worked out from the answers.
        reminders: what is said on which day.
        card: the unguessable name of the case card that is stored; None for none.
        documents: names of the documents that can be made from the card.
    """

    form: str
    subject: str
    lines: Mapping[str, str]
    state: FormState
    save: str | None = None
    taken_up: str | None = None
    done: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    reminders: tuple[tuple[date, str], ...] = ()
    card: str | None = None
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the bot does with one message. `domain` and `kind` follow the public contract."""

    kind: TurnKind
    domain: str
    replies: tuple[Reply, ...]
    state: State
    entry: str | None = None
    confidence: float = 0.0
    risk: Risk = Risk.NONE
    urgent: bool = False
    human: Human = Human.NONE
    escalation: Escalation | None = None
    move: TicketMove | None = None
    data: DataMove | None = None
    shown: tuple[tuple[str, float], ...] = ()  # every entry said or named, with its confidence: for staff
    form: FormMove | None = None

    @property
    def language(self) -> str:
        """The language of the replies."""
        return self.state.language

    def summary(self) -> dict[str, Any]:
        """The `turn` object of the public contract."""
        return {
            "kind": self.kind.value,
            "domain": self.domain,
            "entry": self.entry,
            "confidence": round(self.confidence, 4),
            "risk": self.risk.value,
            "urgent": self.urgent,
            "human": self.human.value,
            "language": self.language,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One person's chat on one channel, as stored."""

    id: int
    public_id: str
    address: Address
    state: State
    version: int
    last_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A stored message, as the transcript shows it. `payload` holds choices, sources and the turn."""

    id: int
    seq: int
    author: Author
    text: str
    payload: dict[str, Any] = field(default_factory=dict)
    external_id: str | None = None
    status: Delivery = Delivery.INLINE
    error: str | None = None  # why it is not delivered: a code of `delivery.Trouble`, or words for staff
    reply_to: int | None = None  # the id of the citizen's message this answers
    created_at: datetime
