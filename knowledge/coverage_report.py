"""What the entries cover as a Markdown page for people."""

from collections.abc import Iterable, Iterator

from knowledge.coverage import Coverage, CoverageReport, SourceKind
from knowledge.entries import Certainty
from knowledge.topics import TopicGroup

BY_HAND = "## How it was checked"  # from here on the page is written by people

_FOUNDED = (Certainty.LAW, Certainty.OFFICIAL, Certainty.REPORTED)
_COLUMNS = (
    "entries",
    "★ answered",
    *(certainty.value for certainty in _FOUNDED),
    "last reviewed",
    "second reader",
    "wordings",
    "in English",
)


def render_coverage(report: CoverageReport) -> str:
    """The page: overall and by topic group, the ★ topics without an answer, and what is cited."""
    return "\n".join(_lines(report)) + "\n"


def with_notes_of(page: str, old: str) -> str:
    """`page` followed by what people wrote in `old`: everything from the heading `BY_HAND` on."""
    lines = old.splitlines(keepends=True)
    start = next((place for place, line in enumerate(lines) if line.rstrip() == BY_HAND), len(lines))
    notes = "".join(lines[start:])
    return f"{page}\n{notes}" if notes else page


def _lines(report: CoverageReport) -> Iterator[str]:
    yield from ("# What the knowledge covers", "")
    yield (
        "Written by `anwen knowledge report` from the entries and `topics.yaml`. ★: a topic that must be "
        "answered. law, official, reported: how well the entries are founded. second reader: entries signed by "
        "one. An entry that answers topics of two groups counts in both, once in all."
    )
    yield from (
        "",
        f"Written but never shown (`certainty: review`), and not counted here: {report.withheld}.",
    )
    yield from ("", "## By topic group", "")
    yield from _table(("group", *_COLUMNS), ((name, *_cells(row)) for name, row in _rows(report)))
    yield from ("", "## ★ topics without an answer", "")
    yield from _missing(report.groups)
    yield from ("", "## What is cited", "")
    yield (
        "Citations: national laws and regulations, interpretations and rules of the highest courts, rules of "
        "the province and the city, documents of a named body."
    )
    yield ""
    cited = ((name, *(str(row.sources.get(kind, 0)) for kind in SourceKind)) for name, row in _rows(report))
    yield from _table(("group", *SourceKind), cited)


def _rows(report: CoverageReport) -> Iterator[tuple[str, Coverage]]:
    yield "all", report.overall
    for group, row in report.groups:
        yield f"{group.letter} {group.name}", row
    yield "beside the map", report.beside


def _cells(row: Coverage) -> tuple[str, ...]:
    return (
        str(row.entries),
        f"{row.core - len(row.missing)} / {row.core}" if row.core else "-",
        *(_share(row.certainty.get(certainty, 0), row.entries) for certainty in _FOUNDED),
        _days(row),
        f"{row.checked} / {row.entries}",
        str(row.wordings),
        str(row.english),
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _days(row: Coverage) -> str:
    if row.reviewed is None:
        return "-"
    oldest, newest = row.reviewed
    return str(oldest) if oldest == newest else f"{oldest} to {newest}"


def _missing(groups: Iterable[tuple[TopicGroup, Coverage]]) -> Iterator[str]:
    lacking = [(group, row.missing) for group, row in groups if row.missing]
    if not lacking:
        yield "None."
    for group, ids in lacking:
        yield f"- {group.letter} {group.name}: {', '.join(ids)}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = tuple(head)
    yield f"| {' | '.join(titles)} |"
    yield "|" + " --- |" * len(titles)
    for cells in rows:
        yield f"| {' | '.join(cells)} |"
