"""Which laws exist, from when to when, and which articles they have. The words of a law are not kept."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from knowledge.entries import Entry, Source
from knowledge.errors import ContentError
from knowledge.yaml_files import Shape, parse, read_yaml

LAWS_FILE = "laws.yaml"
DAY = timedelta(days=1)

# 第一百三十三条 is (133, 0), 第一百三十三条之一 is (133, 1).
ArticleNumber = tuple[int, int]

_ARTICLE = re.compile(r"第([一二三四五六七八九十百千零〇两]+)条(?:之([一二三四五六七八九十]+))?")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One version of one law: two versions of the same law are two of these."""

    name: str  # as entries cite it: 民法典, 商标法
    full_name: str
    effective: date | None  # first day in force; None: not known, long ago
    repealed: date | None = None  # first day no longer in force
    superseded_by: str | None = None  # what to cite instead; without `repealed`: that one prevails
    aliases: tuple[str, ...] = ()  # other ways entries name this very version
    local: bool = False  # of the province or the city, not checked since 2021
    articles: frozenset[ArticleNumber] | None = None  # None: we do not hold its text

    def in_force(self, day: date) -> bool:
        """Whether this version holds on `day`."""
        return (self.effective is None or self.effective <= day) and (
            self.repealed is None or day < self.repealed
        )

    def has(self, article: str) -> bool:
        """Whether 第X条 (or 第X条之Y) is one of its articles; False for what is no article number."""
        number = article_number(article)
        return self.articles is not None and number in self.articles


@dataclass(frozen=True, slots=True)
class LawBook:
    """Every known version of every law."""

    laws: tuple[Law, ...]
    _by_name: dict[str, list[Law]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[Law]] = defaultdict(list)
        for law in self.laws:
            for name in (law.name, *law.aliases):
                by_name[name].append(law)
        object.__setattr__(self, "_by_name", dict(by_name))

    @classmethod
    def load(cls, content: Path) -> "LawBook":
        """The laws of `content`. Raises ContentError."""
        raw = read_yaml(content / LAWS_FILE, name=LAWS_FILE)
        table = parse(_Table, raw, file=LAWS_FILE, key="laws")
        return cls(tuple(item.made() for item in table.laws))

    def versions(self, name: str) -> tuple[Law, ...]:
        """Every version called `name`; empty for a law we do not know."""
        return tuple(self._by_name.get(name, ()))

    def version(self, name: str, day: date) -> Law | None:
        """The version in force on `day`."""
        return next((law for law in self.versions(name) if law.in_force(day)), None)

    def find(self, name: str, article: str | None, day: date) -> Law | None:
        """The version in force on `day`, if it has `article` (None: the law as a whole), else None."""
        law = self.version(name, day)
        if law is None or (article is not None and not law.has(article)):
            return None
        return law

    def why_not(self, name: str, article: str | None, day: date) -> str | None:
        """What is wrong with citing this on `day`, as one phrase; None when it may be cited."""
        versions = self.versions(name)
        if not versions:
            return f"no law is called {name}"
        law = self.version(name, day)
        if law is None:
            return _out_of_force(versions, name, day)
        if article is None and law.articles:
            return f"{name} is cited without an article"
        if article is not None and law.articles is None:
            return f"we do not hold the text of {name} as of {day}"
        if article is not None and not law.has(article):
            return f"{name} has no {article}"
        return None


def bound(entry: Entry, book: LawBook) -> Entry:
    """The entry, limited to the days on which the versions of the laws it was reviewed against hold.

    The version meant is the one in force when the entry was reviewed, or when its rule begins if that is
    later. A law we do not know sets no limit: `check` refuses it.
    """
    meant_on = max(entry.reviewed_on, entry.valid_from or entry.reviewed_on)
    cited = [law for source in entry.sources if (law := _cited(source, book, meant_on))]
    starts = [law.effective for law in cited if law.effective and law.effective > entry.reviewed_on]
    ends = [law.repealed - DAY for law in cited if law.repealed]
    return replace(entry, bound_from=max(starts, default=None), bound_until=min(ends, default=None))


def _cited(source: Source, book: LawBook, day: date) -> Law | None:
    return None if source.law is None else book.version(source.law, day)


def article_number(text: str) -> ArticleNumber | None:
    """The number of an article; None when `text` is not exactly one.

    >>> article_number("第一百三十三条之一"), article_number("第二十条"), article_number("20条")
    ((133, 1), (20, 0), None)
    """
    match = _ARTICLE.fullmatch(text)
    if match is None:
        return None
    return _value(match[1]), _value(match[2] or "零")


def compact(articles: Iterable[ArticleNumber]) -> str:
    """The articles as they are written in the file, runs joined.

    >>> compact([(1, 0), (2, 0), (3, 0), (133, 0), (133, 1)])
    '1-3, 133, 133之1'
    """
    runs: list[list[int]] = []
    extras: dict[int, list[int]] = defaultdict(list)
    for number, extra in sorted(articles):
        if extra:
            extras[number].append(extra)
        elif runs and runs[-1][1] == number - 1 and number - 1 not in extras:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = {first: f"{first}-{last}" if last > first else str(first) for first, last in runs}
    ends = {first: last for first, last in runs}
    for number, more in extras.items():
        first = next((start for start, end in ends.items() if start <= number <= end), number)
        tail = ", ".join(f"{number}之{extra}" for extra in more)
        words[first] = f"{words[first]}, {tail}" if first in words else tail
    return ", ".join(words[first] for first in sorted(words))


def expanded(text: str) -> frozenset[ArticleNumber]:
    """The inverse of `compact`. Raises ValueError.

    >>> sorted(expanded("1-2, 2之1"))
    [(1, 0), (2, 0), (2, 1)]
    """
    found: set[ArticleNumber] = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        number, has_extra, extra = word.partition("之")
        first, _, last = number.partition("-")
        if has_extra:
            found.add((int(number), int(extra)))
        else:
            found.update((each, 0) for each in range(int(first), int(last or first) + 1))
    return frozenset(found)


class _Item(Shape):
    name: str
    full_name: str
    effective: date | None
    repealed: date | None = None
    superseded_by: str | None = None
    aliases: tuple[str, ...] = ()
    local: bool = False
    count: int | None = None  # for people who read the file; checked against `articles`
    articles: Annotated[str | None, BeforeValidator(lambda value: None if value is None else str(value))]

    def made(self) -> Law:
        numbers = None if self.articles is None else expanded(self.articles)
        if numbers is not None and len(numbers) != self.count:
            problem = f"count is {self.count}, but {len(numbers)} articles are listed"
            raise ContentError(LAWS_FILE, self.name, problem, "generate the file again")
        values = {key: getattr(self, key) for key in _Item.model_fields if key not in ("count", "articles")}
        return Law(**values, articles=numbers)


class _Table(Shape):
    laws: tuple[_Item, ...]


def _value(numeral: str) -> int:
    total, digit = 0, 0
    for sign in numeral:
        if sign in _UNITS:
            total += (digit or 1) * _UNITS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


def _out_of_force(versions: tuple[Law, ...], name: str, day: date) -> str:
    coming = [law.effective for law in versions if law.effective and law.effective > day]
    if coming:
        return f"{name} is not in force before {min(coming)}"
    last = max(versions, key=lambda law: law.repealed or date.min)
    instead = f"; {last.superseded_by} applies" if last.superseded_by else ""
    return f"{name} is out of force since {last.repealed}{instead}"
