"""Haystack with its in-memory store: a BM25 pipeline and an embedding pipeline."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals.rival import Wording, different
from benchmarks.rivals.script import NEAREST, PREFIX

# Haystack's own pattern takes a run of Chinese for one word; single characters are the fairest that fits its setting.
CHARACTERS = r"[\u3400-\u9fff]|[a-zA-Z0-9]+"


class Bm25Pipeline:
    """Words alone."""

    name = "Haystack in memory, BM25"

    def __init__(self, wordings: Sequence[Wording]) -> None:
        from haystack import Pipeline
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever

        store = _store(wordings, None)
        self._pipeline = Pipeline()
        self._pipeline.add_component("retriever", InMemoryBM25Retriever(store, top_k=NEAREST))

    def search(self, text: str) -> list[str]:
        """See `Rival`."""
        return _entries(self._pipeline.run({"retriever": {"query": text}}))


class EmbeddingPipeline:
    """Vectors alone, made by the same model as the script's."""

    name = "Haystack in memory, embeddings"

    def __init__(self, model: Path, vectors: NDArray[np.float32], wordings: Sequence[Wording]) -> None:
        from haystack import Pipeline
        from haystack.components.embedders import SentenceTransformersTextEmbedder
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.utils import ComponentDevice

        embedder = SentenceTransformersTextEmbedder(
            model=str(model),
            prefix=PREFIX,
            device=ComponentDevice.from_str("cpu"),
            normalize_embeddings=True,
            progress_bar=False,
            local_files_only=True,
        )
        self._pipeline = Pipeline()
        self._pipeline.add_component("embedder", embedder)
        self._pipeline.add_component(
            "retriever", InMemoryEmbeddingRetriever(_store(wordings, vectors), top_k=NEAREST)
        )
        self._pipeline.connect("embedder.embedding", "retriever.query_embedding")

    def search(self, text: str) -> list[str]:
        """See `Rival`."""
        return _entries(self._pipeline.run({"embedder": {"text": text}}))


def silence() -> None:
    """Keep Haystack and the model loader off the network and the terminal; call before either is imported."""
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    warnings.filterwarnings("ignore", message="`SentenceTransformers", category=FutureWarning)


def _store(wordings: Sequence[Wording], vectors: NDArray[np.float32] | None) -> Any:
    from haystack import Document
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(bm25_tokenization_regex=CHARACTERS, return_embedding=False)
    store.write_documents(
        [
            Document(
                id=str(place),
                content=wording.text,
                meta={"entry": wording.entry},
                embedding=vectors[place].tolist() if vectors is not None else None,
            )
            for place, wording in enumerate(wordings)
        ]
    )
    return store


def _entries(found: dict[str, Any]) -> list[str]:
    return different([str(document.meta["entry"]) for document in found["retriever"]["documents"]])
