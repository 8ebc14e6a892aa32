"""An evaluation as a Markdown page for people."""

from collections.abc import Iterator, Mapping

from knowledge.evaluation import Mistake, Report, Scores

SHOWN_MISTAKES = 40

_COLUMNS = (
    ("in scope", "in_scope"),
    ("out of scope", "out_of_scope"),
    ("recall@1", "recall_at_1"),
    ("recall@3", "recall_at_3"),
    ("MRR", "mrr"),
    ("answered", "coverage"),
    ("answered rightly", "right"),
    ("precision", "precision"),
    ("right or offered", "offered"),
    ("false answers", "false_answers"),
    ("false choices", "false_choices"),
    ("ECE", "calibration_error"),
)


def render_markdown(report: Report) -> str:
    """The report as a page: overall, by domain, by style, and the worst mistakes."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    thresholds = report.thresholds
    yield f"# Retrieval on the {report.split} questions"
    yield ""
    yield f"Answers from a confidence of {thresholds.answer:.3f}, asks back from {thresholds.ask:.3f}."
    yield ""
    yield from _table({"all": report.overall}, first="")
    yield from ("", "## By domain", "")
    yield from _table(report.domains, first="domain")
    yield from ("", "## By style", "")
    yield from _table(report.styles, first="style")
    yield from ("", f"## Mistakes ({len(report.mistakes)}), the most confident first", "")
    yield from map(_mistake, report.mistakes[:SHOWN_MISTAKES])


def _table(groups: Mapping[str, Scores], *, first: str) -> Iterator[str]:
    yield f"| {' | '.join([first, *(title for title, _ in _COLUMNS)])} |"
    yield "|" + " --- |" * (len(_COLUMNS) + 1)
    for name, scores in groups.items():
        cells = [_cell(getattr(scores, key)) for _, key in _COLUMNS]
        yield f"| {' | '.join([name, *cells])} |"


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _mistake(mistake: Mistake) -> str:
    question = mistake.question
    wanted = ", ".join(question.gold) or "nothing"
    text = question.text.replace("\n", " ")
    return f"- {mistake.confidence:.2f} `{question.id}` {text} → `{mistake.found}`, not {wanted}"
