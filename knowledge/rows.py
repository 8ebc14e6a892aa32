"""What is indexed: every wording under which an entry can be found, and all its words together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from knowledge.entries import Answer, Entry
from knowledge.textnorm import normalized, plain
from knowledge.vectors import Encoder, Matrix


class RowKind(IntEnum):
    """What a row's text is. Stored as a number: never renumber."""

    QUESTION = 0
    VARIANT = 1
    ANSWER = 2
    ENGLISH = 3  # English question or variant
    ENGLISH_ANSWER = 4

    @property
    def is_answer(self) -> bool:
        """Whether the text is what we say rather than what people ask."""
        return self in (RowKind.ANSWER, RowKind.ENGLISH_ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One wording."""

    entry: int  # place of its entry
    kind: RowKind
    text: str  # to show: `textnorm.plain`
    matched: str  # as it is encoded and compared: `textnorm.normalized`


def rows_of(entries: Sequence[Entry]) -> tuple[Row, ...]:
    """Every row, those of an entry together and in the order of `entries`; no text twice in an entry."""
    return tuple(row for place, entry in enumerate(entries) for row in _rows(place, entry))


def documents_of(entries: Sequence[Entry]) -> tuple[tuple[int, str], ...]:
    """All that each entry says and is asked, a text for each language: (place of the entry, normalised text).

    Words are looked for here and not in the single rows: which entry has all the words of a question tells
    more than which row has most of them (recall@1 of held-out questions 63 % to 44 %).
    """
    found = []
    for place, entry in enumerate(entries):
        found.append((place, _document(entry.question, entry.variants, entry.answer)))
        if entry.asked_in_english:
            found.append((place, " ".join(map(normalized, entry.asked_in_english))))
        if english := entry.english:
            found.append((place, _document(english.question, english.variants, english.answer)))
    return tuple(found)


def encoded(rows: Sequence[Row], encoder: Encoder) -> Matrix:
    """The vectors of `rows`, one each, in their order. Raises EncoderError."""
    # What people ask is compared with what people asked: the same side of the encoder.
    asked = [row.matched for row in rows if not row.kind.is_answer]
    said = [row.text for row in rows if row.kind.is_answer]
    is_answer = np.array([row.kind.is_answer for row in rows])
    vectors = np.empty((len(rows), encoder.dim), dtype=np.float32)
    vectors[~is_answer] = encoder.encode_queries(asked)
    vectors[is_answer] = encoder.encode_passages(said)
    return vectors


def _rows(place: int, entry: Entry) -> Iterator[Row]:
    seen: set[str] = set()
    for kind, text in _wordings(entry):
        row = Row(entry=place, kind=kind, text=plain(text), matched=normalized(text))
        if row.matched and row.matched not in seen:
            seen.add(row.matched)
            yield row


def _wordings(entry: Entry) -> Iterable[tuple[RowKind, str]]:
    yield RowKind.QUESTION, entry.question
    for variant in entry.variants:
        yield RowKind.VARIANT, variant
    yield RowKind.ANSWER, _said(entry.question, entry.answer)
    for text in entry.asked_in_english:
        yield RowKind.ENGLISH, text
    if entry.english is None:
        return
    for text in (entry.english.question, *entry.english.variants):
        yield RowKind.ENGLISH, text
    yield RowKind.ENGLISH_ANSWER, _said(entry.english.question, entry.english.answer)


def _said(question: str, answer: Answer) -> str:
    # With its question before it, an answer alone finds 60 % of held-out questions, without it 50 %.
    return " ".join((question, answer.lead, *answer.steps, answer.note or "")).strip()


def _document(question: str, variants: Iterable[str], answer: Answer) -> str:
    # The question counts three times: it is the one wording that was chosen to stand for the entry.
    return " ".join(map(normalized, (question, question, question, *variants, answer.text)))
