"""One reviewed answer and all that is known about it. How it is read from YAML: `content.py`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Domain(StrEnum):
    """The subject of an entry, one of the domains of the public contract."""

    FRAUD = "fraud"
    CREDIT = "credit"
    LEGAL = "legal"
    IP = "ip"
    MEDIATION = "mediation"
    SERVICES = "services"
    SAFETY = "safety"
    EMERGENCY = "emergency"


class Queue(StrEnum):
    """The staff queue a question goes to when a person takes over."""

    FRAUD = "fraud"
    LEGAL = "legal"
    CREDIT = "credit"
    IP = "ip"
    MEDIATION = "mediation"
    SERVICES = "services"
    SAFETY = "safety"


class Certainty(StrEnum):
    """How well an answer is founded. REVIEW is written but never shown."""

    LAW = "law"  # stated by the statute text that is cited
    OFFICIAL = "official"  # published by the authority that is named
    REPORTED = "reported"  # public reports, the authority's own text was not read
    REVIEW = "review"


class Audience(StrEnum):
    """Whom an entry is written for."""

    CITIZEN = "citizen"
    BUSINESS = "business"
    ELDERLY = "elderly"
    WORKER = "worker"
    MINOR = "minor"
    PARENT = "parent"
    WOMAN = "woman"
    DISABLED = "disabled"
    OWNER = "owner"
    TENANT = "tenant"
    CONSUMER = "consumer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an answer rests on: an article of a law, or a document of a named body."""

    law: str | None = None  # as `laws.yaml` names it; None for a document
    article: str | None = None  # 第二十条; None when the text of the law is not held
    body: str | None = None  # who published the document
    document: str | None = None  # its title
    published: str | None = None  # as precise as known: 2025, 2025-06, 2025-06-12

    @property
    def title(self) -> str:
        """The name to show: the law, or the document with its publisher."""
        if self.law is not None:
            return shown_name(self.law)
        return f"{self.body}：{self.document}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said, in parts, so that each channel can lay it out. None: this part is not needed."""

    lead: str  # the direct answer, or the first thing to do now
    steps: tuple[str, ...] = ()  # short imperatives, in order
    where: str | None = None
    bring: str | None = None
    time: str | None = None
    cost: str | None = None
    note: str | None = None
    human: str | None = None  # when to ask a person

    def parts(self) -> Iterator[tuple[str, str]]:
        """Every piece of wording with its key, in reading order; `steps` comes once a step."""
        yield "lead", self.lead
        for step in self.steps:
            yield "steps", step
        for key in ("where", "bring", "time", "cost", "note", "human"):
            value = getattr(self, key)
            if value is not None:
                yield key, value

    @property
    def text(self) -> str:
        """The whole wording, one piece a line."""
        return "\n".join(value for _, value in self.parts())


@dataclass(frozen=True, slots=True, kw_only=True)
class EnglishText:
    """The English side of an entry."""

    question: str
    variants: tuple[str, ...]
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One question of the district's people with its reviewed answer.

    `bound_from` and `bound_until` are no content: the build computes them from the versions of the laws
    the entry cites (see `laws.bound`), so that an answer disappears by itself when its law changes.
    """

    id: str  # domain.area.slug; stable, cited by tickets and evaluations
    domain: Domain
    topics: tuple[str, ...] = ()  # ids of the topic map this entry answers fully
    audience: tuple[Audience, ...]
    question: str
    variants: tuple[str, ...]  # how people really ask
    asked_in_english: tuple[str, ...] = ()  # wordings that find the entry though its answer is Chinese only
    answer: Answer
    english: EnglishText | None = None
    sources: tuple[Source, ...]
    certainty: Certainty
    valid_from: date | None = None  # first day the rule holds
    valid_until: date | None = None  # last day the rule holds
    reviewed_on: date
    checked_by: str | None = None  # the second reader, who did not write it; None: nobody yet
    checked_on: date | None = None  # with checked_by: the day they held it against its sources
    owner: Queue  # who keeps the wording
    related: tuple[str, ...] = ()
    queue: Queue  # who takes over when the answer is not enough
    bound_from: date | None = None
    bound_until: date | None = None  # last day every cited version is in force
    file: str = ""  # where it is written, below the content folder

    @property
    def wordings(self) -> tuple[str, ...]:
        """Everything that is known to be asked: the question, how people say it, and the English of both."""
        english = (self.english.question, *self.english.variants) if self.english else ()
        return (self.question, *self.variants, *self.asked_in_english, *english)

    def visible_on(self, day: date) -> bool:
        """Whether the entry may be shown on `day`: reviewed, within its dates, and its laws in force."""
        if self.certainty is Certainty.REVIEW:
            return False
        starts = (self.valid_from, self.bound_from)
        ends = (self.valid_until, self.bound_until)
        return all(day >= start for start in starts if start) and all(day <= end for end in ends if end)

    def answer_in(self, language: str) -> Answer:
        """The answer in `language` ("zh" or "en"); Chinese when no English is written."""
        if language == "en" and self.english is not None:
            return self.english.answer
        return self.answer

    def question_in(self, language: str) -> str:
        """The question in `language` ("zh" or "en"); Chinese when no English is written."""
        if language == "en" and self.english is not None:
            return self.english.question
        return self.question

    def overlaps(self, other: "Entry") -> bool:
        """Whether a day exists on which the dates written in both entries hold."""
        starts = [day for day in (self.valid_from, other.valid_from) if day]
        ends = [day for day in (self.valid_until, other.valid_until) if day]
        return not starts or not ends or max(starts) <= min(ends)


def shown_name(law: str) -> str:
    """The law's name without the remark about our copy.

    >>> shown_name("刑法（节选）"), shown_name("商标法（2026修订，2027-01-01施行）")
    ('刑法', '商标法')
    >>> shown_name("最高人民法院关于执行工作若干问题的规定（试行）")
    '最高人民法院关于执行工作若干问题的规定（试行）'
    """
    name, bracket, remark = law.partition("（")
    is_remark = bracket and ("节选" in remark or "修订" in remark or "修正" in remark or "施行）" in remark)
    return name if is_remark else law
