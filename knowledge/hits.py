"""What a search finds, and what to make of it. Apart from the searching, so that pure code can name it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.entries import Entry

MOST_NAMED = 3  # entries named when asking back


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
    ask: float  # least probability that one of the first three hits is right to name them and ask back

    def decide(self, hits: Sequence[Hit]) -> Decision:
        """What to do with `hits`, best first."""
        if not hits:
            return Decision.DECLINE
        if hits[0].confidence >= self.answer:
            return Decision.ANSWER
        named = any_right([hit.confidence for hit in hits[:MOST_NAMED]], in_scope=hits[0].in_scope)
        return Decision.ASK if named >= self.ask else Decision.DECLINE


def any_right(confidence: Sequence[float], *, in_scope: float) -> float:
    """The probability that one of several entries answers a question, from that of each, 0-1.

    “Divorce” alone may mean any of a dozen entries: none of them likely, but surely one of them.
    """
    if in_scope <= 0.0:
        return 0.0
    return in_scope * (1.0 - math.prod(1.0 - min(each / in_scope, 1.0) for each in confidence))
