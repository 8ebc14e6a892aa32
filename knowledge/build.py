"""Compiles content into what the retriever opens: only what changed is encoded, the swap is one step."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge import artefacts
from knowledge.artefacts import FORMAT, Manifest
from knowledge.check import check
from knowledge.elsewhere import load_elsewhere
from knowledge.entries import Certainty, Entry
from knowledge.errors import BuildError
from knowledge.index import FaissIndex
from knowledge.laws import LawBook, bound
from knowledge.lexical import LexicalIndex
from knowledge.likelihood import WordLikelihood
from knowledge.problems import Problem
from knowledge.rows import Row, documents_of, encoded, rows_of
from knowledge.schema import entry_document, load_entries
from knowledge.vectors import Encoder, Matrix

KEPT_BUILDS = 2  # the current one, and the one to go back to
BATCH = 32  # rows encoded between two reports of progress
SHOWN_PROBLEMS = 20

Progress = Callable[[int, int], None]  # (rows done, rows to encode)
Keys = NDArray[np.uint8]  # (rows, 32): SHA-256 of encoder, side and text


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build did."""

    path: Path
    manifest: Manifest
    encoded: int  # rows that were encoded; the others were taken from earlier builds


def build(
    content: Path,
    out: Path,
    *,
    encoder: Encoder,
    today: date,
    now: datetime,
    progress: Progress = lambda done, total: None,
    refuse_problems: bool = True,
) -> Built:
    """Compiles `content` into `out` and makes the result current.

    Args:
        today: the district's day, for the checks.
        now: the moment, aware, for the manifest.
        progress: told after every batch of encoded rows.
        refuse_problems: False builds in spite of what `check` finds; unreadable files are always refused.

    Raises:
        BuildError: the checks found problems; lists them.
        ContentError: a file cannot be read.
    """
    if refuse_problems:
        _refuse(check(content, today=today))
    book = LawBook.load(content)
    shown = (entry for entry in load_entries(content) if entry.certainty is not Certainty.REVIEW)
    entries = tuple(bound(entry, book) for entry in shown)
    if not entries:
        raise BuildError(f"{content}: no entries that may be shown; add some below faq/")
    rows = rows_of(entries)
    vectors, keys, encoded = _vectors(rows, encoder=encoder, out=out, progress=progress)
    elsewhere = load_elsewhere(content)
    compiled = json.dumps([entry_document(entry) for entry in entries], ensure_ascii=False)
    manifest = _manifest(
        "\n".join((compiled, *elsewhere)), encoder=encoder, entries=entries, rows=rows, now=now
    )
    if path := _same(manifest, out):
        return Built(path=path, manifest=artefacts.read_manifest(path), encoded=encoded)
    folder = artefacts.scratch(out, manifest.id)
    (folder / artefacts.ENTRIES).write_text(compiled, "utf-8")
    _write_rows(folder, rows=rows, vectors=vectors, keys=keys)
    _write_documents(folder, entries)
    WordLikelihood.build(rows, entries=len(entries)).save(folder / artefacts.LIKELIHOOD)
    np.save(folder / artefacts.ELSEWHERE, encoder.encode_queries(elsewhere))
    artefacts.write_manifest(folder, manifest)
    path = artefacts.finish(folder, name=manifest.id, out=out)
    artefacts.switch(out, path)
    artefacts.prune(out, keep=KEPT_BUILDS)
    return Built(path=path, manifest=manifest, encoded=encoded)


def _same(manifest: Manifest, out: Path) -> Path | None:
    """The current build, if it is whole and made of the same content by the same encoder."""
    try:
        path = artefacts.current_build(out)
        is_same = artefacts.read_manifest(path).id == manifest.id and artefacts.is_complete(path)
    except BuildError:
        return None
    return path if is_same else None


def _refuse(problems: Sequence[Problem]) -> None:
    if not problems:
        return
    lines = [str(problem) for problem in problems[:SHOWN_PROBLEMS]]
    more = len(problems) - len(lines)
    lines += [f"... and {more} more"] if more else []
    raise BuildError("the content has problems:\n" + "\n".join(lines))


def _vectors(
    rows: Sequence[Row], *, encoder: Encoder, out: Path, progress: Progress
) -> tuple[Matrix, Keys, int]:
    keys = [_key(row, encoder.name) for row in rows]
    vectors = np.zeros((len(rows), encoder.dim), dtype=np.float32)
    known = _known(out, encoder)
    missing = []
    for place, key in enumerate(keys):
        vector = known.get(key)
        if vector is None:
            missing.append(place)
        else:
            vectors[place] = vector
    for start in range(0, len(missing), BATCH):
        places = missing[start : start + BATCH]
        vectors[places] = encoded([rows[place] for place in places], encoder)
        progress(start + len(places), len(missing))
    return vectors, np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, 32), len(missing)


def _key(row: Row, encoder: str) -> bytes:
    side, text = ("passage", row.text) if row.kind.is_answer else ("query", row.matched)
    return hashlib.sha256("\0".join((encoder, side, text)).encode("utf-8", "replace")).digest()


def _known(out: Path, encoder: Encoder) -> dict[bytes, Matrix]:
    """The vectors of earlier builds by row key; builds of another encoder cannot match."""
    known: dict[bytes, Matrix] = {}
    for folder in artefacts.builds(out):
        try:
            # Keys and vectors are stored alike in every format, and encoding them again takes minutes.
            manifest = artefacts.read_manifest(folder, any_format=True)
            keys = np.load(folder / artefacts.ROW_KEYS)
            vectors = np.load(folder / artefacts.VECTORS, mmap_mode="r")
        except (BuildError, OSError, EOFError, ValueError):
            continue  # an unreadable build only costs time
        if (manifest.encoder, manifest.dim) == (encoder.name, encoder.dim) and len(keys) == len(vectors):
            known |= {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}
    return known


def _manifest(
    compiled: str, *, encoder: Encoder, entries: Sequence[Entry], rows: Sequence[Row], now: datetime
) -> Manifest:
    content = hashlib.sha256(compiled.encode()).hexdigest()
    identity = hashlib.sha256(f"{FORMAT}\0{encoder.name}\0{encoder.dim}\0{content}".encode()).hexdigest()
    return Manifest(
        format=FORMAT,
        id=identity[:16],
        encoder=encoder.name,
        dim=encoder.dim,
        content=content,
        entries=len(entries),
        rows=len(rows),
        built_at=now,
    )


def _write_rows(folder: Path, *, rows: Sequence[Row], vectors: Matrix, keys: Keys) -> None:
    columns = {
        "entry": [row.entry for row in rows],
        "kind": [int(row.kind) for row in rows],
        "text": [row.text for row in rows],
        "matched": [row.matched for row in rows],
    }
    (folder / artefacts.ROWS).write_text(json.dumps(columns, ensure_ascii=False), "utf-8")
    np.save(folder / artefacts.ROW_KEYS, keys)
    np.save(folder / artefacts.VECTORS, vectors)
    is_answer = np.array([row.kind.is_answer for row in rows])
    FaissIndex.of(vectors[~is_answer]).save(folder / artefacts.ASKED)


def _write_documents(folder: Path, entries: Sequence[Entry]) -> None:
    documents = documents_of(entries)
    LexicalIndex.build([text for _, text in documents]).save(folder / artefacts.LEXICAL)
    places = np.array([place for place, _ in documents], dtype=np.int64)
    np.save(folder / artefacts.LEXICAL / artefacts.DOCUMENT_ENTRIES, places)
