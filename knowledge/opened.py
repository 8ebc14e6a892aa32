"""A build, opened: entries, rows and both indexes, ready to be searched."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge import artefacts
from knowledge.artefacts import Manifest
from knowledge.entries import Entry
from knowledge.errors import BuildError
from knowledge.index import FaissIndex, Index
from knowledge.lexical import LexicalIndex
from knowledge.rows import RowKind
from knowledge.schema import entry_from
from knowledge.vectors import Encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Everything a search needs. Arrays with one value a row are in the order of the index."""

    manifest: Manifest
    entries: tuple[Entry, ...]
    entry_of: NDArray[np.int64]  # (rows,) place of each row's entry, ascending
    starts: NDArray[np.int64]  # (entries + 1,): the rows of entry e are starts[e]:starts[e + 1]
    is_answer: NDArray[np.bool_]  # (rows,)
    texts: tuple[str, ...]  # (rows,) as they were encoded
    matched: tuple[str, ...]  # (rows,) as they are compared
    index: Index
    lexical: LexicalIndex

    def visible(self, day: date) -> NDArray[np.bool_]:
        """For each entry whether it may be shown on `day`."""
        return np.array([entry.visible_on(day) for entry in self.entries])


def open_build(build: Path, encoder: Encoder) -> Opened:
    """The build in folder `build`. Raises BuildError when it is broken or made with another encoder."""
    manifest = artefacts.read_manifest(build)
    if (manifest.encoder, manifest.dim) != (encoder.name, encoder.dim):
        raise BuildError(
            f"{build}: made with {manifest.encoder}, not {encoder.name}; build the knowledge again"
        )
    try:
        raw_entries = json.loads((build / artefacts.ENTRIES).read_bytes())
        rows = json.loads((build / artefacts.ROWS).read_bytes())
        lexical = LexicalIndex.load(build / artefacts.LEXICAL)
    except (OSError, ValueError) as error:
        raise BuildError(f"{build}: incomplete ({error}); build the knowledge again") from error
    index = FaissIndex.load(build / artefacts.INDEX)
    entry_of = np.array(rows["entry"], dtype=np.int64)
    opened = Opened(
        manifest=manifest,
        entries=tuple(entry_from(raw, file=raw["file"], place=raw["id"]) for raw in raw_entries),
        entry_of=entry_of,
        starts=np.searchsorted(entry_of, np.arange(len(raw_entries) + 1)),
        is_answer=np.array([RowKind(kind).is_answer for kind in rows["kind"]]),
        texts=tuple(rows["text"]),
        matched=tuple(rows["matched"]),
        index=index,
        lexical=lexical,
    )
    if not len(entry_of) == index.size == lexical.size == manifest.rows:
        raise BuildError(f"{build}: its files do not belong together; build the knowledge again")
    return opened
