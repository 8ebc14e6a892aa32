"""What a search finds. Apart from the searching itself, so that pure code can name it."""

from dataclasses import dataclass

from knowledge.entries import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One entry that may answer a question, with the evidence for it."""

    entry: Entry
    confidence: float  # calibrated probability that the entry answers the question, 0-1
    dense: float  # cosine of its best row; higher is better
    lexical: float  # BM25 of its best row over that of the question itself; about 1.0 for the same words
    fuzzy: float  # likeness by letters of its best row, 0-1
    row_text: str  # the wording that speaks most for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What to do at which confidence; chosen by calibration on a development set, never by hand."""

    answer: float  # at least this: answer
    ask: float  # at least this, below `answer`: ask back with named choices; below: decline or hand over
