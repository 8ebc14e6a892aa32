"""What a search finds, and what to make of it. Apart from the searching, so that pure code can name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.entries import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One entry that may answer a question, with the evidence for it."""

    entry: Entry
    confidence: float  # calibrated probability that the entry answers the question, 0-1
    in_scope: float  # calibrated probability that any entry does; the same for all hits of a question
    dense: float  # cosine of its nearest wording or answer; higher is better
    lexical: float  # BM25 of all its words over that of the question; 1.0 and more when it has them all
    fuzzy: float  # likeness by letters of its best wording, 0-1
    row_text: str  # the nearest wording


class Decision(StrEnum):
    """What the hits of a question are good for."""

    ANSWER = "answer"  # the first is right
    ASK = "ask"  # one of the first three may be: name them and let the person choose
    DECLINE = "decline"  # none: say so, or hand over


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which probability on to do what; chosen by calibration on development questions, never by hand."""

    answer: float  # least confidence of the first hit to answer
    ask: float  # least confidence of the first hit to ask back; the others are named whatever theirs is

    def decide(self, hits: Sequence[Hit]) -> Decision:
        """What to do with `hits`, best first."""
        if not hits or hits[0].confidence < self.ask:
            return Decision.DECLINE
        return Decision.ANSWER if hits[0].confidence >= self.answer else Decision.ASK
