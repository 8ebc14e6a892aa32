"""Writes a model folder: graph, tokenizer, manifest, card and licence notice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onnx import ModelProto
from tokenizers import Tokenizer

from knowledge.model_files import MANIFEST, MODEL, TOKENIZER, sha256_of
from training import tokenizer

CARD, LICENSE = "card.md", "LICENSE"
TEMPLATES = Path(__file__).parent / "templates"
BASE_NAME = "anwen-e5-small"
QUERY_PREFIX, PASSAGE_PREFIX = "query: ", "passage: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An encoder ready to be written, and how it came about."""

    graph: ModelProto
    tokenizer: Tokenizer
    dim: int
    max_tokens: int
    story: str  # the line of the card that says how the weights were trained


def write(made: Made, folder: Path) -> None:
    """Fill `folder`; the same input gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL).write_bytes(made.graph.SerializeToString(deterministic=True))
    tokenizer.save(made.tokenizer, folder / TOKENIZER)
    manifest = _manifest(made, folder)
    (folder / MANIFEST).write_text(_json(manifest), encoding="utf-8")
    (folder / LICENSE).write_text((TEMPLATES / LICENSE).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / CARD).write_text(_card(made, manifest), encoding="utf-8")


def size_bytes(folder: Path) -> int:
    """All files of the model folder together."""
    return sum(path.stat().st_size for path in folder.iterdir())


def _manifest(made: Made, folder: Path) -> dict[str, Any]:
    files = {name: _described(folder / name) for name in (MODEL, TOKENIZER)}
    return {
        "name": _name(files),
        "dim": made.dim,
        "max_tokens": made.max_tokens,
        "query_prefix": QUERY_PREFIX,
        "passage_prefix": PASSAGE_PREFIX,
        "pooling": "mean, then L2 norm; both inside the graph",
        "files": files,
    }


def renamed(manifest: dict[str, Any]) -> str:
    """The text of a manifest whose files changed: the name is a fingerprint of them."""
    return _json({**manifest, "name": _name(manifest["files"])})


def _name(files: dict[str, Any]) -> str:
    hashes = "".join(file["sha256"] for file in files.values())
    return f"{BASE_NAME}@{hashlib.sha256(hashes.encode()).hexdigest()[:12]}"


def _described(path: Path) -> dict[str, Any]:
    return {"size_bytes": path.stat().st_size, "sha256": sha256_of(path)}


def _card(made: Made, manifest: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| `{name}` | {file['size_bytes']:,} | `{file['sha256']}` |"
        for name, file in manifest["files"].items()
    )
    template = (TEMPLATES / CARD).read_text(encoding="utf-8")
    return template.format(
        name=manifest["name"], story=made.story, pieces=made.tokenizer.get_vocab_size(),
        max_tokens=made.max_tokens, files=rows,
    )  # fmt: skip


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"
