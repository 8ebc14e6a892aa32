"""What the entries cover: ★ topics answered, how well founded, how lately and by whom read. Figures only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from knowledge.entries import Certainty, Entry, Source
from knowledge.laws import LawBook
from knowledge.schema import load_entries
from knowledge.topics import TopicGroup, load_topics


class SourceKind(StrEnum):
    """What an entry cites."""

    NATIONAL = "national"  # an article of a law or regulation that holds in the whole country
    COURTS = "courts"  # an article of an interpretation or rule of the highest courts
    LOCAL = "local"  # an article of a rule of the province or the city
    DOCUMENT = "document"  # what a named body published


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The figures of some entries."""

    core: int  # ★ topics they are to answer
    missing: tuple[str, ...]  # those of them that none answers
    entries: int
    certainty: Mapping[Certainty, int]  # entries; 0 for what is not there
    sources: Mapping[SourceKind, int]  # citations: an article cited by two entries counts twice
    reviewed: tuple[date, date] | None  # oldest and newest; None without entries
    checked: int  # entries that a second reader signed
    wordings: int
    english: int  # entries whose answer is written in English too


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """The figures of everything that is shown, and of each group.

    An entry that answers topics of two groups counts in both, and once in `overall`.
    """

    overall: Coverage
    groups: tuple[tuple[TopicGroup, Coverage], ...]
    beside: Coverage  # entries that answer no topic of the map
    withheld: int  # written but never shown (`certainty: review`); in none of the figures


def load_coverage(content: Path) -> CoverageReport:
    """The figures of a content folder. Raises ContentError when something in it cannot be read."""
    return coverage(load_entries(content), load_topics(content), LawBook.load(content))


def coverage(entries: Iterable[Entry], groups: Sequence[TopicGroup], laws: LawBook) -> CoverageReport:
    """The figures of `entries`, by group of the topic map."""
    written = tuple(entries)
    shown = [entry for entry in written if entry.certainty is not Certainty.REVIEW]
    return CoverageReport(
        overall=_figures(shown, [id for group in groups for id in group.core], laws),
        groups=tuple((group, _figures(_of_group(shown, group), group.core, laws)) for group in groups),
        beside=_figures([entry for entry in shown if not entry.topics], (), laws),
        withheld=len(written) - len(shown),
    )


def kind_of(source: Source, laws: LawBook) -> SourceKind:
    """What `source` is; a law that `laws` does not know is taken for a national one."""
    if source.law is None:
        return SourceKind.DOCUMENT
    versions = laws.versions(source.law)
    if any(law.local for law in versions):
        return SourceKind.LOCAL
    if any("最高人民" in law.full_name or law.full_name.startswith("人民法院") for law in versions):
        return SourceKind.COURTS
    return SourceKind.NATIONAL


def _of_group(entries: Sequence[Entry], group: TopicGroup) -> list[Entry]:
    ids = set(group.ids)
    return [entry for entry in entries if not ids.isdisjoint(entry.topics)]


def _figures(entries: Sequence[Entry], core: Sequence[str], laws: LawBook) -> Coverage:
    answered = {id for entry in entries for id in entry.topics}
    days = [entry.reviewed_on for entry in entries]
    return Coverage(
        core=len(core),
        missing=tuple(id for id in core if id not in answered),
        entries=len(entries),
        certainty=Counter(entry.certainty for entry in entries),
        sources=Counter(kind_of(source, laws) for entry in entries for source in entry.sources),
        reviewed=(min(days), max(days)) if days else None,
        checked=sum(entry.checked_by is not None for entry in entries),
        wordings=sum(len(entry.wordings) for entry in entries),
        english=sum(entry.english is not None for entry in entries),
    )
