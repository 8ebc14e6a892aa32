"""Encoders: the shipped one on onnxruntime, and any sentence-transformers model in its place."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from knowledge import model_files
from knowledge.beside import going_native
from knowledge.errors import EncoderError
from knowledge.model_files import HEAD, SHIPPED_MODEL, Manifest
from knowledge.tokenizer import Tokenizer
from knowledge.vector_cache import CacheUse, VectorCache
from knowledge.vectors import Encoder, Matrix

__all__ = ["Encoder", "Matrix", "OnnxEncoder", "SentenceTransformerEncoder"]

QUERY_CACHE_ROWS = 4096  # 1.5 KB each at 384 dimensions
LONGEST_PIECE = 16  # characters; text past max_tokens pieces of this length can never be seen
_ERRORS_ONLY = 3  # onnxruntime log level


class OnnxEncoder:
    """The encoder in a model folder, run by onnxruntime on the CPU; needs no torch.

    Texts run one at a time even when many are given: int8 activations share one scale a run, so a
    batch would make a row depend on its neighbours (cosine 0.999 to itself) and saves only a fifth
    of the time. Many texts are spread over `threads` workers instead; one text uses one thread.

    Args:
        folder: holds manifest.json and the files it lists; the shipped model unless given.
        threads: workers for a call with many texts.
        cache_rows: how many query vectors to remember; 0 remembers none.

    Raises:
        EncoderError: a file is missing, has the wrong size or cannot be loaded.
    """

    def __init__(
        self, folder: Path = SHIPPED_MODEL, *, threads: int = 1, cache_rows: int = QUERY_CACHE_ROWS
    ) -> None:
        self._folder = folder
        self._manifest = model_files.read_manifest(folder)
        model_files.check_sizes(folder, self._manifest)
        self._tokenizer = _load_tokenizer(folder)
        self._session = _load_session(folder)
        self._head = _load_head(folder, self._manifest)
        self._threads = threads
        self._cache = VectorCache(cache_rows)

    @property
    def dim(self) -> int:
        """Length of a row."""
        return self._manifest.dim

    @property
    def name(self) -> str:
        """Name and fingerprint of the model."""
        return self._manifest.name

    @property
    def cache_use(self) -> CacheUse:
        """How often a query vector was remembered."""
        return self._cache.use()

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder`; known queries are not computed again."""
        return _cached(texts, cache=self._cache, encode=self._encode_prefixed_queries)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder`."""
        return self._encode([self._manifest.passage_prefix + text for text in texts])

    def verify(self) -> None:
        """Read every file again. Raises EncoderError when one differs from the manifest."""
        model_files.check_hashes(self._folder, self._manifest)

    def _encode_prefixed_queries(self, texts: Sequence[str]) -> Matrix:
        return self._encode([self._manifest.query_prefix + text for text in texts])

    def _encode(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        if len(texts) == 1 or self._threads == 1:
            return np.concatenate([self._encode_one(text) for text in texts])
        with ThreadPoolExecutor(self._threads) as workers:
            return np.concatenate(list(workers.map(self._encode_one, texts)))

    def _encode_one(self, text: str) -> Matrix:
        """The row of one prefixed text, shape (1, dim)."""
        seen = _well_formed(text[: self._manifest.max_tokens * LONGEST_PIECE])
        ids = np.array([self._tokenizer.ids(seen, limit=self._manifest.max_tokens)], np.int64)
        going_native()
        try:
            (row,) = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        except Exception as error:  # onnxruntime's own classes have no common base but this
            raise EncoderError(f"encoder {self.name}: cannot run ({error})") from error
        result: Matrix = row
        return result if self._head is None else _unit(result @ self._head)


def _load_head(folder: Path, manifest: Manifest) -> Matrix | None:
    """The map learned on our own entries, (dim, dim); None when the model has none."""
    if HEAD not in manifest.files:
        return None
    try:
        head: Matrix = np.load(folder / HEAD, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise model_files.broken(folder, f"{HEAD} cannot be read ({error})") from error
    if head.shape != (manifest.dim, manifest.dim) or head.dtype != np.float32:
        raise model_files.broken(folder, f"{HEAD} is {head.dtype} {head.shape}, not a square map")
    return head


def _unit(rows: Matrix) -> Matrix:
    scaled: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by hub name or folder; needs the extra `[models]`.

    Args:
        model: a name or a folder that sentence-transformers can open.
        query_prefix: put before every query; "" for models trained without one.
        passage_prefix: put before every passage.
        cache_rows: how many query vectors to remember; 0 remembers none.

    Raises:
        EncoderError: the extra is not installed, or the model cannot be opened.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        query_prefix: str = "query: ",
        passage_prefix: str = "passage: ",
        cache_rows: int = QUERY_CACHE_ROWS,
    ) -> None:
        self._model = _load_sentence_transformer(model)
        self._dim = int(self._model.encode([""], show_progress_bar=False).shape[1])
        self._name = f"{model}@{_fingerprint(Path(model), query_prefix, passage_prefix)}"
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix
        self._cache = VectorCache(cache_rows)

    @property
    def dim(self) -> int:
        """Length of a row."""
        return self._dim

    @property
    def name(self) -> str:
        """Model name, with a fingerprint of prefixes and local weight files."""
        return self._name

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder`; known queries are not computed again."""
        return _cached(texts, cache=self._cache, encode=self._encode_prefixed_queries)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder`."""
        return self._encode([self._passage_prefix + text for text in texts])

    def _encode_prefixed_queries(self, texts: Sequence[str]) -> Matrix:
        return self._encode([self._query_prefix + text for text in texts])

    def _encode(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        rows = self._model.encode(
            [_well_formed(text) for text in texts], normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(rows, np.float32)


def _cached(texts: Sequence[str], *, cache: VectorCache, encode: Callable[[Sequence[str]], Matrix]) -> Matrix:
    """Rows of `texts`, encoding only those that `cache` lacks, each distinct text once."""
    known = {text: cache.get(text) for text in dict.fromkeys(texts)}
    missing = [text for text, row in known.items() if row is None]
    fresh = encode(missing)
    for number, text in enumerate(missing):
        row = fresh[number : number + 1].copy()
        cache.put(text, row)
        known[text] = row
    rows = [found for text in texts if (found := known[text]) is not None]
    if len(rows) == 1:
        return rows[0]
    return np.concatenate([fresh[:0], *rows])


def _well_formed(text: str) -> str:
    """`text` with lone surrogates, which some clients send for half an emoji, made question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _load_tokenizer(folder: Path) -> Tokenizer:
    try:
        return Tokenizer(folder / model_files.TOKENIZER)
    except (OSError, RuntimeError) as error:
        raise model_files.broken(folder, f"{model_files.TOKENIZER} cannot be loaded") from error


def _load_session(folder: Path) -> Any:
    """An onnxruntime session whose runs stay on the calling thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    options.enable_cpu_mem_arena = False  # it keeps what the longest text took, for no gain in time
    try:
        return onnxruntime.InferenceSession(
            str(folder / model_files.MODEL), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's own classes have no common base but this
        raise model_files.broken(folder, f"{model_files.MODEL} cannot be loaded") from error


def _load_sentence_transformer(model: str | Path) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise EncoderError(
            f"encoder {model}: sentence-transformers is not installed; run: pip install 'anwen[models]'"
        ) from error
    try:
        return SentenceTransformer(str(model), device="cpu")
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"encoder {model}: cannot be opened ({error}); check the name or folder"
        ) from error


def _fingerprint(folder: Path, *parts: str) -> str:
    """Twelve hex digits that change with `parts` and with any weight file replaced in `folder`."""
    digest = hashlib.sha256("\0".join(parts).encode())
    for path in sorted(folder.rglob("*.safetensors")):
        state = path.stat()
        digest.update(f"{path.name} {state.st_size} {state.st_mtime_ns}".encode())
    return digest.hexdigest()[:12]
