"""Further voices for the model: texts labelled with a stage, from the tests of the stage rules, and what people ask
of the law and the offices, from the entries: it is about money too, and no fraud.
"""

from dataclasses import replace

import yaml

from intents.triage import Stage
from training.fraud.texts import ROOT, Labelled

ORDINARY = frozenset({"legal", "mediation", "services", "ip"})
ENTRIES = ROOT / "knowledge" / "content" / "faq"
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


def asked_texts() -> list[Labelled]:
    """Two wordings of every entry on ordinary matters, as genuine texts."""
    entries = [
        entry
        for path in sorted(ENTRIES.rglob("*.yaml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["entries"]
        if entry["domain"] in ORDINARY
    ]
    return [
        replace(_labelled(wording, "calm", number), id=f"{entry['id']}-{number}", kind="legal_question")
        for entry in entries
        for number, wording in enumerate(entry["variants"][::4])
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
