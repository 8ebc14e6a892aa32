"""Everything that must hold before content is shown to people. Wording rules: `wording.py`."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from knowledge import wording
from knowledge.entries import Answer, Entry, Source
from knowledge.errors import ContentError
from knowledge.hotlines import load_hotlines, load_stations
from knowledge.laws import LawBook, bound
from knowledge.problems import Problem, problem_of
from knowledge.rows import encoded, rows_of
from knowledge.schema import read_entries
from knowledge.similarity import near_duplicates
from knowledge.topics import load_topics
from knowledge.vectors import Encoder

OLDEST_REVIEW = timedelta(days=366)
FEWEST_VARIANTS = 5
SHORTEST_ANSWER = 90  # Chinese characters; less cannot say what to do, where and by when
SHORTEST_ENGLISH = 120  # letters

Finding = tuple[str, str, str]  # (key, message, fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What one entry is checked against."""

    today: date
    oldest_review: timedelta
    laws: LawBook
    numbers: Collection[str]
    ids: Collection[str]
    topics: Collection[str]


def check(
    content: Path,
    *,
    today: date,
    encoder: Encoder | None = None,
    oldest_review: timedelta = OLDEST_REVIEW,
) -> list[Problem]:
    """Everything wrong with the content, by file; [] when it may be shown.

    Args:
        today: the district's day.
        encoder: also finds questions alike in meaning; takes some milliseconds a question.
        oldest_review: entries reviewed longer ago are refused.
    """
    entries, errors = read_entries(content)
    problems = [problem_of(error) for error in errors]
    tables = _tables(content, problems)
    if tables is not None:
        laws, numbers, topics = tables
        context = Context(
            today=today,
            oldest_review=oldest_review,
            laws=laws,
            numbers=numbers,
            ids={entry.id for entry in entries},
            topics=topics,
        )
        problems += (problem for entry in entries for problem in _problems(entry, context))
    problems += _repeated_ids(entries)
    rows = rows_of(entries)
    vectors = encoded(rows, encoder) if encoder else None
    return sorted(problems + near_duplicates(entries, rows, vectors))


def _tables(content: Path, problems: list[Problem]) -> tuple[LawBook, frozenset[str], frozenset[str]] | None:
    try:
        load_stations(content)
        numbers = frozenset(line.number for line in load_hotlines(content))
        topics = frozenset(id for group in load_topics(content) for id in group.ids)
        return LawBook.load(content), numbers, topics
    except ContentError as error:
        problems.append(problem_of(error))
        return None


def _repeated_ids(entries: Sequence[Entry]) -> Iterator[Problem]:
    count = Counter(entry.id for entry in entries)
    for entry in entries:
        if count[entry.id] > 1:
            yield Problem(
                file=entry.file, id=entry.id, key="id", message="is used more than once", fix="rename one"
            )


def _problems(entry: Entry, context: Context) -> Iterator[Problem]:
    for rule in _RULES:
        for key, message, fix in rule(entry, context):
            yield Problem(file=entry.file, id=entry.id, key=key, message=message, fix=fix)


def _dates(entry: Entry, context: Context) -> Iterator[Finding]:
    if entry.valid_until and entry.valid_until < context.today:
        yield "valid_until", f"has passed on {entry.valid_until}", "write what holds now, or remove the entry"
    if entry.valid_from and entry.valid_until and entry.valid_from > entry.valid_until:
        yield "valid_from", "is after valid_until", "correct the dates"
    if entry.reviewed_on > context.today:
        yield "reviewed_on", f"{entry.reviewed_on} is in the future", "write the day of the review"
    elif context.today - entry.reviewed_on > context.oldest_review:
        days = (context.today - entry.reviewed_on).days
        yield "reviewed_on", f"was {days} days ago", "review the entry and write the new day"
    if entry.checked_on and entry.checked_on > context.today:
        yield "checked_on", f"{entry.checked_on} is in the future", "write the day of the second reading"
    limits = bound(entry, context.laws)
    if limits.bound_from and limits.bound_until and limits.bound_from > limits.bound_until:
        yield "sources", "no day has all the cited versions in force", "cite one version of each law"


def _sources(entry: Entry, context: Context) -> Iterator[Finding]:
    if not entry.sources:
        yield "sources", "is empty", "cite the article or the document the answer rests on"
    # A rule that starts later is judged by the law of its first day.
    day = max(context.today, entry.valid_from or context.today)
    names = {source.law for source in entry.sources}
    for source in entry.sources:
        yield from _source(source, names, day=day, laws=context.laws)
    cited = [context.laws.version(name, day) for name in names if name]
    if all(source.law for source in entry.sources) and cited and all(law and law.local for law in cited):
        yield "sources", "only local regulations, unverified since 2021", "cite the national law as well"


def _source(source: Source, names: Collection[str | None], *, day: date, laws: LawBook) -> Iterator[Finding]:
    if source.law is None:
        return
    if wrong := laws.why_not(source.law, source.article, day):
        yield "sources", wrong, "cite an article in force, or a document by body, title and date"
        return
    law = laws.version(source.law, day)
    assert law is not None  # why_not has found it
    if law.superseded_by and law.repealed is None and law.superseded_by not in names:
        yield "sources", f"{law.superseded_by} prevails over {source.law}", "cite it, alone or as well"


def _variants(entry: Entry, context: Context) -> Iterator[Finding]:
    if len(entry.variants) < FEWEST_VARIANTS:
        yield "variants", f"{len(entry.variants)} are too few", f"write at least {FEWEST_VARIANTS}"
    matched = [row.matched for row in rows_of([entry]) if not row.kind.is_answer]
    if len(matched) < len(entry.wordings):
        yield "variants", "two are the same once punctuation is dropped, or one has no word", "reword one"


def _languages(entry: Entry, context: Context) -> Iterator[Finding]:
    for key, text in (("question", entry.question), *_keyed(entry.answer)):
        if not wording.has_chinese(text):
            yield key, f"{text[:40]!r} has no Chinese", "write it in Chinese; English goes below en"
    for variant in entry.variants:
        # A bare number such as 96110 is how some people ask.
        if not wording.has_chinese(variant) and not variant.isdecimal():
            yield "variants", f"{variant[:40]!r} has no Chinese", "move it to en.variants"
    for text in entry.asked_in_english:
        if not wording.is_english(text):
            yield "asked_in_english", f"{text[:40]!r} is not English", "move it to variants"
    if entry.english is None:
        return
    for key, text in (("en.question", entry.english.question), *_keyed(entry.english.answer, "en.")):
        if not wording.is_english(text):
            yield key, f"{text[:40]!r} is not English", "write it in English"


def _length(entry: Entry, context: Context) -> Iterator[Finding]:
    if (length := wording.length(entry.answer.text)) < SHORTEST_ANSWER:
        yield "answer", f"{length} characters are too few", "say what to do, where, and by when"
    if entry.english and (length := wording.length(entry.english.answer.text)) < SHORTEST_ENGLISH:
        yield "en", f"{length} letters are too few", "say what to do, where, and by when"


def _phrases(entry: Entry, context: Context) -> Iterator[Finding]:
    english = _keyed(entry.english.answer, "en.") if entry.english else ()
    for key, text in (*_keyed(entry.answer), *english):
        for number in wording.unknown_numbers(text, context.numbers):
            yield key, f"{number} is no known hotline", "remove it, or verify it and add it to hotlines.yaml"
        for phrase in wording.promises(text):
            yield key, f"{phrase!r} promises an outcome", "say what can be done, not how it will end"


def _related(entry: Entry, context: Context) -> Iterator[Finding]:
    for id in entry.related:
        if id == entry.id:
            yield "related", "names itself", "remove it"
        elif id not in context.ids:
            yield "related", f"no entry is called {id}", "correct or remove it"


def _topics(entry: Entry, context: Context) -> Iterator[Finding]:
    for topic in entry.topics:
        if topic not in context.topics:
            yield "topics", f"{topic} is not in topics.yaml", "correct it, or add it there"


def _keyed(answer: Answer, prefix: str = "answer.") -> Iterator[tuple[str, str]]:
    yield from ((prefix + key, text) for key, text in answer.parts())


_RULES: tuple[Callable[[Entry, Context], Iterator[Finding]], ...] = (
    _dates,
    _sources,
    _variants,
    _languages,
    _length,
    _phrases,
    _related,
    _topics,
)
