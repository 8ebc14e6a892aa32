"""From the evidence for each candidate to the numbers the fusion weighs: pure, so that it can be fitted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.fusion import RANK_FEATURES, RIGHT_FEATURES, SCOPE_FEATURES, Fusion, Values

USUAL_LENGTH = 20  # characters of a question


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for each candidate entry of one question; all arrays have one value a candidate."""

    entries: NDArray[np.int64]  # their places among the entries, ascending
    rows: NDArray[np.int64]  # the row of the nearest wording of each
    dense: Values  # cosine of the nearest wording that people ask
    support: Values  # mean cosine of the nearest three: one lucky variant counts less than three
    answer: Values  # cosine of what we say
    lexical: Values  # BM25 of all the entry's words over the question's own
    likelihood: Values  # log odds of its words from the entry's askers against from anybody
    fuzzy: Values  # likeness by letters of the best wording, 0-1
    coverage: Values  # share of the question's characters that the nearest wording has, 0-1
    foreign: Values  # 1.0 where an English question meets an entry without English, which it cannot be like
    elsewhere: float  # cosine of the nearest question that is none of our business; 0.0 if none is known
    inside: (
        float  # how many wordings have the whole of a short question in them: 0.0 none, 1.0 fifty and more
    )
    known: float  # share of the question's terms that any entry has: strange words mean a strange question
    length: int  # characters of the question, as matched

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Candidates in order, best first: their places in the evidence, and how sure we are."""

    order: NDArray[np.int64]
    confidence: Values  # that each is right, in that order; never rises
    in_scope: float  # that any entry is


def rank_features(evidence: Evidence) -> Values:
    """RANK_FEATURES of every candidate, (candidates, features)."""
    return np.stack([getattr(evidence, name) for name in RANK_FEATURES], axis=1).astype(np.float64)


def right_features(evidence: Evidence, ranks: Values) -> Values:
    """RIGHT_FEATURES of every candidate, (candidates, features), given its rank score."""
    count = len(evidence)
    is_top = evidence.support >= evidence.support.max()
    own = ("dense", "support", "answer", "lexical", "likelihood", "fuzzy", "coverage", "foreign")
    columns = {name: getattr(evidence, name) for name in own} | {
        "support_margin": _margins(evidence.support),
        "answer_margin": _margins(evidence.answer),
        "lexical_margin": _margins(evidence.lexical),
        "likelihood_margin": _margins(evidence.likelihood),
        "rank_margin": _margins(ranks),
        "agreement": (is_top & (evidence.lexical >= evidence.lexical.max())).astype(np.float64),
        "known": np.full(count, evidence.known),
        "length": np.full(count, _length(evidence)),
    }
    return np.stack([columns[name] for name in RIGHT_FEATURES], axis=1)


def scope_features(evidence: Evidence) -> Values:
    """SCOPE_FEATURES of the question, (1, features)."""
    best = ("support", "answer", "lexical", "likelihood", "fuzzy", "coverage")
    values = {name: float(getattr(evidence, name).max()) for name in best}
    nearest = float(max(evidence.dense.max(), evidence.answer.max()))
    values |= {
        "known": evidence.known,
        "inside": evidence.inside,
        "length": _length(evidence),
        "ours": nearest - evidence.elsewhere,
    }
    return np.array([[values[name] for name in SCOPE_FEATURES]])


def ranked(evidence: Evidence, fusion: Fusion) -> Ranked:
    """The candidates in the fusion's order, with its confidence in each."""
    if not len(evidence):
        return Ranked(order=np.empty(0, dtype=np.int64), confidence=np.empty(0), in_scope=0.0)
    ranks = fusion.ranks(rank_features(evidence))
    order = np.argsort(-ranks, kind="stable")
    in_scope = float(fusion.scope.probabilities(scope_features(evidence))[0])
    confidence = in_scope * fusion.right.probabilities(right_features(evidence, ranks))[order]
    # A candidate further down is never more likely right than one above it.
    return Ranked(order=order, confidence=np.minimum.accumulate(confidence), in_scope=in_scope)


def _length(evidence: Evidence) -> float:
    # Doubling a text says as much as halving it.
    return float(np.log2(max(evidence.length, 1) / USUAL_LENGTH))


def _margins(values: Values) -> Values:
    """Each value less the best of the others; 0.0 for an only one."""
    if len(values) == 1:
        return np.zeros(1)
    second, first = np.partition(values, -2)[-2:]
    margins: Values = np.where(values >= first, values - second, values - first)
    return margins
