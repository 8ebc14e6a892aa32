"""What a training batch may and may not contain."""

import numpy as np
import pytest

from knowledge.rows import Row, RowKind
from training.batches import Batch, draw, nearest_misses
from training.errors import TrainingError
from training.pairs import hold_out


class SpellingEncoder:
    """Texts are alike when they share letters a to d."""

    dim = 4
    name = "spelling"

    def encode_queries(self, texts):
        counts = np.array([[1 + 9 * text.count(letter) for letter in "abcd"] for text in texts], np.float32)
        return counts.reshape(-1, 4) / np.linalg.norm(counts.reshape(-1, 4), axis=1, keepdims=True)

    encode_passages = encode_queries


def row(entry: int, text: str, kind: RowKind = RowKind.VARIANT) -> Row:
    return Row(entry=entry, kind=kind, text=text, matched=text)


ROWS = [
    *(row(entry, letter * count) for entry, letter in enumerate("abcd") for count in (1, 2, 3)),
    *(row(entry, f"say {letter}", RowKind.ANSWER) for entry, letter in enumerate("abcd")),
]


def test_near_misses_come_from_other_entries():
    nearest = nearest_misses(SpellingEncoder(), ROWS)

    assert set(nearest) == {row for row in ROWS if not row.kind.is_answer}
    assert all(miss.entry != asked.entry for asked, misses in nearest.items() for miss in misses)


def test_every_entry_comes_once_before_any_comes_again():
    batches = draw(ROWS, nearest_misses(SpellingEncoder(), ROWS), size=2, misses=1, seed=1)
    first, second = next(batches), next(batches)

    assert {question.entry for question in (*first.questions, *second.questions)} == {0, 1, 2, 3}


def test_text_number_i_is_another_row_of_question_i():
    batch = next(draw(ROWS, nearest_misses(SpellingEncoder(), ROWS), size=4, misses=2, seed=1))

    assert len(batch.texts) == 4 + 4 * 2
    for question, right in zip(batch.questions, batch.texts, strict=False):
        assert (right.entry, right != question) == (question.entry, True)


def test_a_miss_of_the_same_entry_as_another_question_is_excused():
    batch = Batch(
        questions=(row(0, "a"), row(1, "b")),
        texts=(row(0, "aa"), row(1, "bb"), row(1, "bbb"), row(0, "aaa")),
    )

    assert batch.excused().tolist() == [[False, False, False, True], [False, False, True, False]]


def test_the_same_seed_draws_the_same_batches():
    nearest = nearest_misses(SpellingEncoder(), ROWS)

    assert next(draw(ROWS, nearest, size=3, misses=1, seed=5)) == next(
        draw(ROWS, nearest, size=3, misses=1, seed=5)
    )


def test_a_batch_larger_than_the_entries_is_refused():
    with pytest.raises(TrainingError, match="--batch 5: only 4 entries"):
        next(draw(ROWS, {}, size=5, misses=1, seed=1))


def test_held_out_variants_are_not_learned():
    known, held = hold_out(ROWS, per_entry=1, seed=1)

    assert [row.entry for row in held] == [0, 1, 2, 3]
    assert not set(known) & set(held)
    assert len(known) + len(held) == len(ROWS)
