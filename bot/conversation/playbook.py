"""What a decision is made from: the message as heard, and everything else it may know. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.conversation.wording import Wording
from bot.tickets.model import Escalation, Priority, Receipt, Ticket
from intents.danger_reader import Danger
from intents.forms.model import Form, FormState
from intents.forms.steps import Compute
from intents.fraud.assess import Assessment
from intents.router import Intent
from intents.triage import Triage
from knowledge.entries import Entry, Queue
from knowledge.hits import Hit, Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a message and what the knowledge base has for it, best first."""

    text: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message, understood as far as it can be without the conversation's lock.

    `whole` is the text as one question; `parts` are its separate questions, empty when it is one;
    `leaning` is the text read together with the question before it, where it may be a follow-up; `danger` is what the
    text means, beside what the rules found in it; `check` is what it shows of fraud.
    """

    text: str
    language: str | None  # told from the script; None when it does not tell
    triage: Triage
    intent: Intent
    whole: Question
    parts: tuple[Question, ...] = ()
    leaning: Question | None = None
    danger: Danger | None = None
    check: Assessment | None = None  # None where there is nothing to check
    wanted: str | None = None  # the form it asks for in so many words


@dataclass(frozen=True, slots=True, kw_only=True)
class FormBook:
    """The forms, and what a message can do with them.

    Args:
        compute: what notes work out, by name.
        set_aside_after: a form nobody answered for so long no longer takes every message for an answer.
        fresh_code: the code for a form that is to be kept now.
        fresh_token: the unguessable name of a case card that is stored now.
        kept: the form kept under the code this message names, None when there is none.
    """

    forms: Mapping[str, Form] = field(default_factory=dict)
    compute: Mapping[str, Compute] = field(default_factory=dict)
    set_aside_after: timedelta = timedelta(hours=2)
    fresh_code: str = ""
    fresh_token: str = ""
    kept: FormState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """All a decision may know besides the message: words, entries, limits."""

    wording: Wording
    entries: Mapping[str, Entry]  # visible today, by id
    thresholds: Thresholds
    danger_entries: Mapping[str, str]  # crisis or stage → entry id that backs its emergency words
    menu: tuple[str, ...]  # entry ids offered as quick topics
    misses_before_person: int
    forget_context_after: timedelta
    staffed: bool
    now: datetime
    ticket: Receipt | None = None  # the conversation's live ticket: staff have it
    closed_ticket: Ticket | None = None  # the last one, when none is live
    reopen_window: timedelta = timedelta(0)  # how long after the close it may be gone on with
    named_ticket: Ticket | None = None  # the one of this conversation whose number the message names
    meanings: Mapping[str, str] = field(
        default_factory=dict
    )  # entry id → the danger of people who ask for it
    forms: FormBook = field(default_factory=FormBook)

    @property
    def today(self) -> date:
        """The district's day."""
        return self.now.astimezone(self.wording.zone).date()

    @property
    def staff_have_it(self) -> bool:
        """Whether staff speak in this conversation."""
        return self.ticket is not None

    def sure(self, question: Question | None) -> Hit | None:
        """The best hit, when it is good enough to be said."""
        if question is None or not question.hits:
            return None
        best = question.hits[0]
        return best if best.confidence >= self.thresholds.answer else None

    def likely(self, question: Question) -> Hit | None:
        """The best hit, when it is good enough to be named."""
        best = question.hits[0] if question.hits else None
        return best if best is not None and best.confidence >= self.thresholds.ask else None

    def escalation(
        self, queue: Queue, reason: str, priority: Priority = Priority.NORMAL
    ) -> Escalation | None:
        """A ticket to open; None where no staff is behind the bot."""
        return Escalation(queue=queue, priority=priority, reason=reason) if self.staffed else None
