"""Texts labelled with a stage, from the tests of the stage rules: more voices for the stage of the model."""

import yaml

from intents.triage import Stage
from training.fraud.texts import ROOT, Labelled

TEXTS = ROOT / "tests" / "intents" / "stage_texts.yaml"


def staged_texts() -> list[Labelled]:
    """Each text with its stage, None for a calm one."""
    halves = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return [
        _labelled(text, label, number)
        for half in halves.values()
        for label, texts in half.items()
        if label == "calm" or _stage(label)
        for number, text in enumerate(texts)
    ]


def _labelled(text: str, label: str, number: int) -> Labelled:
    return Labelled(
        id=f"{label}-{number}",
        text=text,
        is_scam=label != "calm",
        type=None,
        stage=_stage(label),
        form="narrative",
        kind=None,
    )


def _stage(label: str) -> str | None:
    return next((name for name in label.split(", ") if name in set(Stage)), None)
