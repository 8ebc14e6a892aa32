"""Fits the model on the tune half; what is chosen is chosen on voices it did not learn from, never on the test half.

A model learns the manner of whoever wrote its texts and finds their next ones easily; what counts is how it does on
somebody else's. So the probability and the thresholds come from leaving out one writer at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from intents.fraud.assess import is_told
from intents.fraud.features import BUCKETS, Features, flag_names
from intents.fraud.model import NARROWNESS, Calibration, Head, Model, Scripts
from training.fraud.texts import Labelled

FLAG_SIZE = 0.05  # of a flag beside a text's n-grams, which have length one together
RAREST = 2  # texts in which an n-gram must stand
STRENGTH = {
    "fraud": 100.0,
    "types": 100.0,
    "stages": 30.0,
}  # scikit-learn's C: higher trusts the examples more
RIDGE = 0.3  # of the scripts' votes: higher trusts a single script less
FALSE_ALARMS = {
    "received": 0.025,
    "told": 0.008,
}  # share of genuine texts of an unknown voice that are suspected
ASKED_WEIGHS = 0.1  # of a question on ordinary matters; the texts of the half are harder
NO_STAGE = "none"
_STEPS = 127

Odds = NDArray[np.float64]  # (texts, 2): of the words, and of the scripts


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A text's features and meaning with its labels."""

    features: Features
    meaning: NDArray[np.float32]
    text: Labelled


def fit(examples: Sequence[Example], staged: Sequence[Example]) -> Model:
    """The model of all examples, calibrated on what each voice's absence showed.

    Args:
        examples: the tune half.
        staged: further texts that are labelled only with a stage, or with none for calm ones; those of a kind are
            genuine and count for fraud too.
    """
    model = fitted(examples, staged)
    odds = odds_unseen(examples, staged)
    return replace(
        model,
        plain=_calibration(odds * [1.0, 0.0], examples),
        meant=_calibration(odds, examples),
    )


def odds_unseen(examples: Sequence[Example], staged: Sequence[Example]) -> Odds:
    """For each example the odds of fraud by a model that learned from the other voices."""
    odds = np.zeros((len(examples), 2))
    voices = np.array([example.text.voice for example in examples])
    for voice in sorted(set(voices)):
        seen = [examples[at] for at in np.flatnonzero(voices != voice)]
        model = fitted(seen or examples, staged, fraud_only=True)
        for at in np.flatnonzero(voices == voice):
            words, votes = model.odds(examples[at].features, examples[at].meaning)
            odds[at] = float(words["fraud"][0]), float(votes["fraud"])
    return odds


def _calibration(odds: Odds, examples: Sequence[Example]) -> Calibration:
    """The probability, and the thresholds that keep the false alarms within their limits."""
    is_scam = np.array([example.text.is_scam for example in examples])
    told = np.array([is_told(example.features) for example in examples])
    line = LogisticRegression(C=1e6).fit(odds, is_scam)
    fraud = line.predict_proba(odds)[:, 1]
    return Calibration(
        words=float(line.coef_[0, 0]),
        scripts=float(line.coef_[0, 1]),
        shift=float(line.intercept_[0]),
        thresholds={
            "received": _threshold(fraud[~is_scam & ~told], FALSE_ALARMS["received"]),
            "told": _threshold(fraud[~is_scam & told], FALSE_ALARMS["told"]),
        },
    )


def _threshold(scores: NDArray[np.float64], share: float) -> float:
    """Above it lies at most `share` of `scores`."""
    return float(np.quantile(scores, 1 - share)) + 1e-6


def fitted(examples: Sequence[Example], staged: Sequence[Example], *, fraud_only: bool = False) -> Model:
    """The model of these examples, not yet calibrated; without types and stages where only fraud is asked."""
    every = [*examples, *staged]
    bare = _bare_model(every)
    rows = _rows(bare, every)
    asked = [at for at, example in enumerate(staged, start=len(examples)) if example.text.kind]
    judged = [*range(len(examples)), *asked]
    weights = [1.0] * len(examples) + [ASKED_WEIGHS] * len(asked)
    fraud = _head("fraud", rows[judged], [str(every[at].text.is_scam) for at in judged], weights=weights)
    if fraud_only:
        return replace(bare, fraud=fraud, scripts=_scripts(examples, bare.types.labels, bare.stages.labels))
    scams = [at for at, example in enumerate(examples) if example.text.is_scam]
    types = _head("types", rows[scams], [str(examples[at].text.type) for at in scams])
    stages = _head("stages", rows, [_stage(example.text) for example in every])
    scripts = _scripts(examples, types.labels, stages.labels)
    return replace(bare, fraud=fraud, types=types, stages=stages, scripts=scripts)


def _stage(text: Labelled) -> str:
    return text.stage or NO_STAGE


def _scripts(examples: Sequence[Example], types: Sequence[str], stages: Sequence[str]) -> Scripts:
    """The votes of the examples: ridge regression of the labels in the kernel of their meanings."""
    vectors = np.round(np.array([example.meaning for example in examples]) * _STEPS).astype(np.int8)
    exact = vectors.astype(np.float32) / _STEPS
    kernel = np.exp(2.0 * NARROWNESS * (exact @ exact.T - 1.0))
    kernel[np.diag_indices_from(kernel)] += RIDGE
    labels = np.array(
        [
            [
                1.0 if example.text.is_scam else -1.0,
                *(example.text.type == each for each in types),
                *(_stage(example.text) == each for each in stages),
            ]
            for example in examples
        ],
        np.float32,
    )
    votes = np.linalg.solve(kernel, labels)
    split = 1 + len(types)
    return Scripts(vectors=vectors, fraud=votes[:, 0], types=votes[:, 1:split], stages=votes[:, split:])


def _bare_model(every: Sequence[Example]) -> Model:
    empty = np.zeros(0, np.float32)
    none = np.zeros((0, 0), np.float32)
    head = Head(
        labels=(),
        grams=np.zeros((0, BUCKETS), np.int8),
        scale=empty,
        flags=np.zeros((0, len(flag_names()))),
        bias=empty,
    )
    calibration = Calibration(words=1.0, scripts=0.0, shift=0.0, thresholds={})
    return Model(
        flag_names=flag_names(),
        rarity=_rarity([example.features for example in every]),
        flag_size=FLAG_SIZE,
        fraud=head,
        types=head,
        stages=head,
        scripts=Scripts(vectors=np.zeros((0, 0), np.int8), fraud=empty, types=none, stages=none),
        plain=calibration,
        meant=calibration,
    )


def _rarity(every: Sequence[Features]) -> NDArray[np.float32]:
    texts = np.zeros(BUCKETS)
    for features in every:
        texts[features.buckets] += 1
    rarity = np.log((1 + len(every)) / (1 + texts)) + 1
    rarity[texts < RAREST] = 0.0
    return (np.round(rarity * 16) / 16).astype(np.float32)  # as it is stored


def _rows(model: Model, every: Sequence[Example]) -> csr_matrix:
    grams, flags, columns, starts = [], [], [], [0]
    for example in every:
        weights, found = model.vector(example.features)
        grams.append(weights)
        flags.append(found)
        columns.append(example.features.buckets)
        starts.append(starts[-1] + len(weights))
    shape = (len(every), BUCKETS)
    sparse = csr_matrix((np.concatenate(grams), np.concatenate(columns), starts), shape=shape)
    return hstack([sparse, csr_matrix(np.array(flags))]).tocsr()


def _head(
    name: str, rows: csr_matrix, labels: Sequence[str], *, weights: Sequence[float] | None = None
) -> Head:
    fit_head = LogisticRegression(C=STRENGTH[name], max_iter=3000, tol=1e-3)
    fit_head.fit(rows, labels, sample_weight=weights)
    learned = fit_head.coef_.astype(np.float32)
    grams = learned[:, :BUCKETS]
    scale = np.abs(grams).max(axis=1) / _STEPS
    return Head(
        labels=tuple(map(str, fit_head.classes_)) if len(learned) > 1 else ("fraud",),
        grams=np.round(grams / scale[:, None]).astype(np.int8),
        scale=scale,
        flags=learned[:, BUCKETS:],
        bias=fit_head.intercept_.astype(np.float32),
    )
