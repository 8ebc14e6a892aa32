"""Fits the model on the tune half; what is chosen is chosen out of fold, never on the test half."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from intents.fraud.assess import is_told
from intents.fraud.features import BUCKETS, Features, flag_names
from intents.fraud.model import Head, Model, Opinion, Panel
from training.fraud.texts import Labelled

FOLDS = 5
FLAG_SIZE = 0.15  # of a flag beside a text's n-grams, which have length one together
RAREST = 2  # texts in which an n-gram must stand
STRENGTH = {"fraud": 30.0, "types": 30.0, "stages": 30.0}  # scikit-learn's C: higher trusts the examples more
FALSE_ALARMS = {"received": 0.02, "told": 0.005}  # share of genuine texts that may be suspected, out of fold
ASKED_WEIGHS = 0.5  # of a question on ordinary matters; the texts of the half are harder
NO_STAGE = "none"
_STEPS = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A text's features and meaning with its labels."""

    features: Features
    meaning: NDArray[np.float32]
    text: Labelled


def fit(examples: Sequence[Example], staged: Sequence[Example]) -> Model:
    """The model of all examples, its probability and thresholds set on what each fold did not see.

    Args:
        examples: the tune half.
        staged: further texts that are labelled only with a stage, or with none for calm ones; those of a kind are
            genuine and count for fraud too.
    """
    model = fitted(examples, staged)
    unseen = opinions_unseen(examples, staged)
    panels = {
        name: _set(getattr(model, name), examples, [opinions[name] for opinions in unseen])
        for name in ("plain", "meant")
    }
    return replace(model, **panels)


def opinions_unseen(examples: Sequence[Example], staged: Sequence[Example]) -> list[dict[str, Opinion]]:
    """For each example the opinions of both panels of a model that did not see it."""
    opinions: list[dict[str, Opinion]] = [{} for _ in examples]
    strata = [f"{example.text.type}{example.text.kind}" for example in examples]
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(strata, strata):
        model = fitted([examples[at] for at in seen], staged)
        for at in unseen:
            example = examples[at]
            opinions[at] = {
                "plain": model.judge(example.features),
                "meant": model.judge(example.features, example.meaning),
            }
    return opinions


def _set(panel: Panel, examples: Sequence[Example], unseen: Sequence[Opinion]) -> Panel:
    """The panel with its probability calibrated and its thresholds chosen."""
    odds = np.array([np.log(opinion.fraud / (1 - opinion.fraud)) for opinion in unseen])
    is_scam = np.array([example.text.is_scam for example in examples])
    told = np.array([is_told(example.features) for example in examples])
    line = LogisticRegression(C=1e6).fit(odds[:, None], is_scam)
    slope, shift = float(line.coef_[0, 0]), float(line.intercept_[0])
    fraud = 1.0 / (1.0 + np.exp(-(slope * odds + shift)))
    thresholds = {
        "received": _threshold(fraud[~is_scam & ~told], FALSE_ALARMS["received"]),
        "told": _threshold(fraud[~is_scam & told], FALSE_ALARMS["told"]),
    }
    return replace(panel, slope=slope, shift=shift, thresholds=thresholds)


def _threshold(scores: NDArray[np.float64], share: float) -> float:
    """Above it lies at most `share` of `scores`."""
    return float(np.quantile(scores, 1 - share)) + 1e-6


def fitted(examples: Sequence[Example], staged: Sequence[Example]) -> Model:
    """The model of these examples, not yet calibrated."""
    every = [*examples, *staged]
    bare = _bare_model(every)
    return replace(
        bare,
        plain=_panel(_rows(bare, every, with_meaning=False), examples, staged),
        meant=_panel(_rows(bare, every, with_meaning=True), examples, staged),
    )


def _panel(rows: csr_matrix, examples: Sequence[Example], staged: Sequence[Example]) -> Panel:
    every = [*examples, *staged]
    scams = [at for at, example in enumerate(examples) if example.text.is_scam]
    asked = [at for at, example in enumerate(staged, start=len(examples)) if example.text.kind]
    judged = [*range(len(examples)), *asked]
    weights = [1.0] * len(examples) + [ASKED_WEIGHS] * len(asked)
    return Panel(
        fraud=_head("fraud", rows[judged], [str(every[at].text.is_scam) for at in judged], weights=weights),
        types=_head("types", rows[scams], [str(examples[at].text.type) for at in scams]),
        stages=_head("stages", rows, [example.text.stage or NO_STAGE for example in every]),
        slope=1.0,
        shift=0.0,
        thresholds={},
    )


def _bare_model(every: Sequence[Example]) -> Model:
    meanings = np.array([example.meaning for example in every])
    empty = np.zeros(0, np.float32)
    head = Head(labels=(), grams=np.zeros((0, BUCKETS), np.int8), scale=empty, dense=empty, bias=empty)
    panel = Panel(fraud=head, types=head, stages=head, slope=1.0, shift=0.0, thresholds={})
    return Model(
        flag_names=flag_names(),
        rarity=_rarity([example.features for example in every]),
        flag_size=FLAG_SIZE,
        middle=meanings.mean(axis=0),
        spread=meanings.std(axis=0),
        plain=panel,
        meant=panel,
    )


def _rarity(every: Sequence[Features]) -> NDArray[np.float32]:
    texts = np.zeros(BUCKETS)
    for features in every:
        texts[features.buckets] += 1
    rarity = np.log((1 + len(every)) / (1 + texts)) + 1
    rarity[texts < RAREST] = 0.0
    return (np.round(rarity * 16) / 16).astype(np.float32)  # as it is stored


def _rows(model: Model, every: Sequence[Example], *, with_meaning: bool) -> csr_matrix:
    grams, dense, columns, starts = [], [], [], [0]
    for example in every:
        weights, rest = model.vector(example.features, example.meaning if with_meaning else None)
        grams.append(weights)
        dense.append(rest)
        columns.append(example.features.buckets)
        starts.append(starts[-1] + len(weights))
    shape = (len(every), BUCKETS)
    sparse = csr_matrix((np.concatenate(grams), np.concatenate(columns), starts), shape=shape)
    return hstack([sparse, csr_matrix(np.array(dense))]).tocsr()


def _head(
    name: str, rows: csr_matrix, labels: Sequence[str], *, weights: Sequence[float] | None = None
) -> Head:
    fit_head = LogisticRegression(C=STRENGTH[name], max_iter=3000, tol=1e-3)
    fit_head.fit(rows, labels, sample_weight=weights)
    weights = fit_head.coef_.astype(np.float32)
    grams = weights[:, :BUCKETS]
    scale = np.abs(grams).max(axis=1) / _STEPS
    return Head(
        labels=tuple(map(str, fit_head.classes_)) if len(weights) > 1 else ("fraud",),
        grams=np.round(grams / scale[:, None]).astype(np.int8),
        scale=scale,
        dense=weights[:, BUCKETS:],
        bias=fit_head.intercept_.astype(np.float32),
    )
