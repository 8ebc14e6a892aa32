import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.errors import BuildError
from knowledge.index import FaissIndex, FlatIndex


def unit_rows(count, *, seed=0, dim=32):
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


VECTORS = unit_rows(200)
ROUNDED = 0.015  # a number of 8 bits is half a step off at most; in so few dimensions that shows most


@pytest.fixture(params=["flat", "flat mapped", "faiss", "faiss mapped"])
def index(request, tmp_path):
    if request.param == "flat":
        return FlatIndex(VECTORS)
    if request.param == "faiss":
        return FaissIndex.of(VECTORS)
    if request.param == "flat mapped":
        np.save(tmp_path / "vectors.npy", VECTORS)
        return FlatIndex.load(tmp_path / "vectors.npy")
    FaissIndex.of(VECTORS).save(tmp_path / "index.faiss")
    return FaissIndex.load(tmp_path / "index.faiss")


class TestEveryIndex:
    def test_scores_are_cosines_best_first(self, index):
        queries = unit_rows(5, seed=1)

        scores, rows = index.search(queries, 10)

        assert (scores.shape, rows.shape) == ((5, 10), (5, 10))
        assert (scores.dtype, rows.dtype) == (np.float32, np.int64)
        assert scores == pytest.approx(np.take_along_axis(queries @ VECTORS.T, rows, axis=1), abs=ROUNDED)
        assert (np.diff(scores, axis=1) <= 0.0).all()

    def test_a_row_is_nearest_to_itself_with_one_and_opposite_with_minus_one(self, index):
        scores, rows = index.search(VECTORS[[7]], index.size)

        assert (rows[0, 0], scores[0, 0]) == (7, pytest.approx(1.0, abs=ROUNDED))
        assert index.search(-VECTORS[[7]], index.size)[0][0, -1] == pytest.approx(-1.0, abs=ROUNDED)

    def test_more_rows_than_there_are_gives_all(self, index):
        assert index.search(VECTORS[:2], 1000)[1].shape == (2, index.size)

    def test_no_query_gives_no_rows(self, index):
        assert index.search(VECTORS[:0], 3)[0].shape == (0, 3)

    def test_among_some_rows_each_has_its_cosine_to_the_query_it_is_nearest_to(self, index):
        queries, rows = unit_rows(3, seed=2), np.array([5, 199, 0, 42])

        best = index.among(queries, rows)

        assert best == pytest.approx((VECTORS[rows] @ queries.T).max(axis=1), abs=ROUNDED)
        assert index.among(queries, rows[:0]).shape == (0,)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 80), st.integers(1, 100), st.integers(0, 1000))
def test_both_indexes_give_the_same_numbers(rows, k, seed):
    vectors, queries = unit_rows(rows, seed=seed), unit_rows(3, seed=seed + 1)

    flat, faiss = FlatIndex(vectors).search(queries, k), FaissIndex.of(vectors).search(queries, k)

    assert flat[0] == pytest.approx(faiss[0], abs=ROUNDED)
    assert np.take_along_axis(queries @ vectors.T, flat[1], axis=1) == pytest.approx(
        np.take_along_axis(queries @ vectors.T, faiss[1], axis=1), abs=2 * ROUNDED
    )


def test_a_quarter_of_the_memory_and_still_the_same_neighbours(tmp_path):
    vectors = unit_rows(2000, dim=384)
    queries = vectors[:100] + 0.02 * np.random.default_rng(3).normal(size=(100, 384)).astype(np.float32)
    FaissIndex.of(vectors).save(tmp_path / "index")

    _, found = FaissIndex.load(tmp_path / "index").search(queries, 1)

    assert found[:, 0].tolist() == list(range(100))
    assert (tmp_path / "index").stat().st_size < vectors.nbytes / 3.9


def test_rows_can_be_added_and_an_empty_index_finds_nothing():
    index = FaissIndex.of(VECTORS[:150])
    index.add(VECTORS[150:])

    assert index.search(VECTORS[[180]], 1)[1].tolist() == [[180]]
    assert FaissIndex.of(VECTORS[:0]).search(VECTORS[:1], 4)[1].shape == (1, 0)


@pytest.mark.parametrize("kind", [FlatIndex, FaissIndex])
def test_a_missing_or_broken_file_says_what_to_do(kind, tmp_path):
    (tmp_path / "broken").write_bytes(b"nothing")

    for name in ("broken", "missing"):
        with pytest.raises(BuildError, match=f"{name}.*build the knowledge again"):
            kind.load(tmp_path / name)
