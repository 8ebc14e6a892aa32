"""A build, opened: entries, rows and indexes, ready to be searched."""

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
from knowledge.likelihood import WordLikelihood
from knowledge.rows import RowKind
from knowledge.schema import entry_from
from knowledge.vectors import Encoder

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Everything a search needs. The rows of an entry follow each other, in the order of the entries."""

    manifest: Manifest
    entries: tuple[Entry, ...]
    texts: tuple[str, ...]  # (rows,) as they were encoded
    matched: tuple[str, ...]  # (rows,) as they are compared
    running: str  # all of `matched`, a line each
    entry_of: Places  # (rows,) place of each row's entry, ascending
    # The rows of entry e are starts[e]:starts[e + 1]. First what people ask in Chinese, then the Chinese answer,
    # which is row answers[e]; if more follows, what people ask in English, and last the English answer.
    starts: Places  # (entries + 1,)
    answers: Places  # (entries,)
    asked: Index  # of what people ask
    asked_rows: Places  # (asked.size,) the row of each place in `asked`
    asked_texts: tuple[str, ...]  # (asked.size,) of `matched`
    asked_starts: Places  # (entries + 1,) what is asked of entry e is asked_starts[e]:asked_starts[e + 1]
    said: Index  # of the answers
    said_rows: Places  # (said.size,) the row of each place in `said`
    said_starts: Places  # (entries + 1,)
    lexical: LexicalIndex  # of all the words of each entry, a document for each language
    document_entries: Places  # (lexical.size,) the entry of each document
    likelihood: WordLikelihood  # of what is asked and said, by entry
    elsewhere: Index  # of questions that belong elsewhere; may be empty
    exact: dict[str, int]  # matched text of what people ask -> the row, the first of equal ones

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
        opened = _opened(build, manifest)
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise BuildError(f"{build}: incomplete ({error}); build the knowledge again") from error
    if not len(opened.answers) == len(opened.entries) == manifest.entries:
        raise BuildError(f"{build}: not one answer an entry; build the knowledge again")
    if len(opened.likelihood.absent) != manifest.entries:
        raise BuildError(f"{build}: its likelihood is of other entries; build the knowledge again")
    sizes = {len(opened.entry_of), opened.asked.size + opened.said.size, manifest.rows}
    if len(sizes) > 1 or len(opened.document_entries) != opened.lexical.size:
        raise BuildError(f"{build}: its files do not belong together; build the knowledge again")
    return opened


def _opened(build: Path, manifest: Manifest) -> Opened:
    raw_entries = json.loads((build / artefacts.ENTRIES).read_bytes())
    rows = json.loads((build / artefacts.ROWS).read_bytes())
    entry_of = np.array(rows["entry"], dtype=np.int64)
    kinds = np.array(rows["kind"], dtype=np.int64)
    is_answer = np.isin(kinds, [kind for kind in RowKind if kind.is_answer])
    asked_rows, said_rows = np.flatnonzero(~is_answer), np.flatnonzero(is_answer)
    vectors = np.load(build / artefacts.VECTORS, mmap_mode="r")
    bounds = np.arange(len(raw_entries) + 1)
    return Opened(
        manifest=manifest,
        entries=tuple(entry_from(raw, file=raw["file"], place=raw["id"]) for raw in raw_entries),
        texts=tuple(rows["text"]),
        matched=tuple(rows["matched"]),
        running="\n".join(rows["matched"]),
        entry_of=entry_of,
        starts=np.searchsorted(entry_of, bounds),
        answers=np.flatnonzero(kinds == RowKind.ANSWER),
        asked=FaissIndex.load(build / artefacts.ASKED),
        asked_rows=asked_rows,
        asked_texts=tuple(rows["matched"][row] for row in asked_rows),
        asked_starts=np.searchsorted(entry_of[asked_rows], bounds),
        said=FaissIndex.of(vectors[said_rows]),
        said_rows=said_rows,
        said_starts=np.searchsorted(entry_of[said_rows], bounds),
        lexical=LexicalIndex.load(build / artefacts.LEXICAL),
        document_entries=np.load(build / artefacts.LEXICAL / artefacts.DOCUMENT_ENTRIES),
        likelihood=WordLikelihood.load(build / artefacts.LIKELIHOOD),
        elsewhere=FaissIndex.of(np.load(build / artefacts.ELSEWHERE)),
        exact={rows["matched"][row]: int(row) for row in asked_rows[::-1]},
    )
