"""From the evidence for each candidate to the numbers the fusion weighs: pure, so that it can be fitted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.fusion import CONFIDENCE_FEATURES, RANK_FEATURES, Fusion, Values

USUAL_LENGTH = 20  # characters of a question


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for each candidate entry of one question; all arrays have one value a candidate."""

    entries: NDArray[np.int64]  # their places among the entries
    rows: NDArray[np.int64]  # the place of the row that speaks most for each
    dense: Values  # cosine of the best row
    support: Values  # mean cosine of its best three rows: one lucky variant counts less than three
    lexical: Values  # BM25 of the best row over the question's own
    fuzzy: Values  # likeness by letters of the best row, 0-1
    coverage: Values  # share of the question's characters that the best row has, 0-1
    known: float  # share of the question's terms that any entry has: strange words mean a strange question
    length: int  # characters of the question, as matched

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Candidates in order, best first: their places in the evidence, and the confidence in each."""

    order: NDArray[np.int64]
    confidence: Values


def rank_features(evidence: Evidence) -> Values:
    """RANK_FEATURES of every candidate, (candidates, features)."""
    return np.stack([getattr(evidence, name) for name in RANK_FEATURES], axis=1).astype(np.float64)


def confidence_features(evidence: Evidence, ranks: Values) -> Values:
    """CONFIDENCE_FEATURES of every candidate, (candidates, features), given its rank score."""
    count = len(evidence)
    is_top = evidence.dense >= evidence.dense.max()
    columns = {
        "dense": evidence.dense,
        "support": evidence.support,
        "lexical": evidence.lexical,
        "fuzzy": evidence.fuzzy,
        "coverage": evidence.coverage,
        "dense_margin": _margins(evidence.dense),
        "lexical_margin": _margins(evidence.lexical),
        "rank_margin": _margins(ranks),
        "agreement": (is_top & (evidence.lexical >= evidence.lexical.max())).astype(np.float64),
        "known": np.full(count, evidence.known),
        # Doubling a text says as much as halving it.
        "length": np.full(count, np.log2(max(evidence.length, 1) / USUAL_LENGTH)),
    }
    return np.stack([columns[name] for name in CONFIDENCE_FEATURES], axis=1)


def ranked(evidence: Evidence, fusion: Fusion) -> Ranked:
    """The candidates in the fusion's order, with its confidence in each."""
    if not len(evidence):
        return Ranked(order=np.empty(0, dtype=np.int64), confidence=np.empty(0))
    ranks = fusion.ranks(rank_features(evidence))
    order = np.argsort(-ranks, kind="stable")
    confidence = fusion.probabilities(confidence_features(evidence, ranks))[order]
    # A candidate further down is never more likely right than one above it.
    return Ranked(order=order, confidence=np.minimum.accumulate(confidence))


def _margins(values: Values) -> Values:
    """Each value less the best of the others; 0.0 for an only one."""
    if len(values) == 1:
        return np.zeros(1)
    second, first = np.partition(values, -2)[-2:]
    margins: Values = np.where(values >= first, values - second, values - first)
    return margins
