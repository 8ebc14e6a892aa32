"""Search in knowledge much larger than ours: each index alone, on copies of what is shipped."""

from collections.abc import Sequence

import faiss
import numpy as np

from benchmarks.bench import Advance, Bench
from benchmarks.report import Result, Table, number
from benchmarks.timing import Sample, Stopwatch
from bot.encoders import open_encoder
from knowledge import artefacts
from knowledge.candidates import NEAREST_ASKED
from knowledge.index import FaissIndex
from knowledge.lexical import LexicalIndex
from knowledge.opened import Opened, open_build
from knowledge.postings import Postings
from knowledge.textnorm import normalized
from knowledge.vectors import Matrix

QUERIES = 64
NOISE = (
    0.02  # standard deviation a dimension: a copy is at a cosine of 0.93 to its row, of 0.87 to other copies
)


def measure(bench: Bench, advance: Advance) -> Result:
    """Both indexes at each size, one query at a time on one core."""
    encoder = open_encoder(bench.config)
    build = artefacts.current_build(bench.config.build)
    opened = open_build(build, encoder)
    vectors = np.load(build / artefacts.VECTORS)[opened.asked_rows]
    texts = [normalized(question.text) for question in bench.test[:QUERIES]]
    queries = encoder.encode_queries(texts)
    faiss.omp_set_num_threads(1)
    rows = []
    for place, entries in enumerate(bench.size.entries, start=1):
        copies = max(1, round(entries / len(opened.entries)))
        rows.append(_row(opened, vectors, copies, queries=queries, texts=texts))
        advance(place, len(bench.size.entries))
    return Result(
        table=Table(
            title="Search in larger knowledge",
            head=("entries", "vectors", "vectors MB", "faiss p50 ms", "p99 ms", "BM25 p50 ms", "p99 ms"),
            rows=tuple(rows),
            notes=(
                "The shipped knowledge over and over: every vector with noise of its own, every posting again. "
                f"{len(texts)} questions one by one on one core; faiss finds the nearest {NEAREST_ASKED} rows by "
                "looking at all of them.",
            ),
        )
    )


def _row(
    opened: Opened, vectors: Matrix, copies: int, *, queries: Matrix, texts: Sequence[str]
) -> tuple[str, ...]:
    dense = _by_vector(_grown_vectors(vectors, copies), queries)
    lexical = _by_words(_grown_lexical(opened.lexical, copies), texts)
    return (
        f"{len(opened.entries) * copies:,}",
        f"{len(vectors) * copies:,}",
        number(vectors.size * copies / 1e6),
        number(dense.p50),
        number(dense.p99),
        number(lexical.p50),
        number(lexical.p99),
    )


def _by_vector(index: FaissIndex, queries: Matrix) -> Sample:
    stopwatch = Stopwatch()
    for row in range(len(queries)):
        with stopwatch.lap():
            index.search(queries[row : row + 1], NEAREST_ASKED)
    return stopwatch.timed.wall


def _by_words(index: LexicalIndex, texts: Sequence[str]) -> Sample:
    stopwatch = Stopwatch()
    for text in texts:
        with stopwatch.lap():
            index.scores(text)
    return stopwatch.timed.wall


def _grown_vectors(vectors: Matrix, copies: int) -> FaissIndex:
    random = np.random.default_rng(1)
    grown = FaissIndex.of(vectors)
    for _ in range(copies - 1):  # one copy at a time: all together would need the memory twice
        moved = vectors + NOISE * random.standard_normal(vectors.shape, dtype=np.float32)
        grown.add(moved / np.linalg.norm(moved, axis=1, keepdims=True))
    return grown


def _grown_lexical(index: LexicalIndex, copies: int) -> LexicalIndex:
    """The index of `copies` times the same documents: the postings of a term stay together."""
    shifts = np.arange(copies, dtype=np.int32) * index.size
    postings = index.postings
    grown = Postings(
        keys=postings.keys,
        starts=postings.starts * copies,
        places=(np.asarray(postings.places)[:, None] + shifts).ravel(),
        values=np.repeat(postings.values, copies),
        size=postings.size * copies,
    )
    return LexicalIndex(grown, index.mean_length)
