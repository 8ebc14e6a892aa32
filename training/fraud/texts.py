"""The labelled texts: written for this project by several people, none of it real traffic."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TUNE = ROOT / "training" / "fraud" / "texts"  # written by other hands than the test half
TEST = ROOT / "tests" / "evals" / "check"
PRIVATE = frozenset(
    {"family_chat", "work_chat", "friend_money", "legal_question", "fraud_question"}
)  # what people write themselves; the other kinds are notices, advertisements and offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text with its labels. `type` and `stage` are None for a genuine one, `kind` is None for a scam."""

    id: str
    text: str
    is_scam: bool
    type: str | None
    stage: str | None
    form: str
    kind: str | None
    voice: str = ""  # who wrote it: the first part of the file's name


def read(folder: Path, *names: str) -> list[Labelled]:
    """The texts of all JSONL files of `folder`, or of the files `names` only, in order."""
    files: Iterable[Path] = [folder / f"{name}.jsonl" for name in names] or sorted(folder.glob("*.jsonl"))
    return [
        _labelled(json.loads(line), voice=file.stem.partition("-")[0])
        for file in files
        for line in file.read_text("utf-8").splitlines()
        if line.strip()
    ]


def _labelled(raw: dict[str, str | None], *, voice: str) -> Labelled:
    is_scam = raw["label"] == "scam"
    return Labelled(
        id=str(raw["id"]),
        text=str(raw["text"]),
        is_scam=is_scam,
        type=raw.get("type") if is_scam else None,
        stage=raw.get("stage") if is_scam else None,
        form=str(raw["form"]),
        kind=None if is_scam else raw.get("kind"),
        voice=voice,
    )
