"""The knowledge that a running program answers from: always the current build, without a restart."""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Lock

from knowledge import artefacts
from knowledge.errors import BuildError
from knowledge.fusion import FUSION_FILE, Fusion, load_fusion
from knowledge.hits import Hit, Thresholds
from knowledge.retriever import Retriever
from knowledge.vectors import Encoder

LOOK_EVERY_S = 1.0

Signature = tuple[tuple[int, int], ...]  # modification time and file number of what is watched


class KnowledgeBase:
    """Searches the current build below `out`, and changes over when a new one becomes current.

    Safe to call from many threads. A search that is under way keeps the build it began with. A build that
    cannot be opened is passed over, with `on_error`, and looked at again when the pointer changes.

    Args:
        out: where `build` writes; its own `fusion.json`, if there is one, replaces the shipped coefficients.
        encoder: the one the builds are made with.
        clock: seconds that only grow.
        on_error: told when a new build cannot be opened; the old one stays in use.

    Raises:
        BuildError: nothing was built yet, or the current build cannot be opened.
    """

    def __init__(
        self,
        out: Path,
        encoder: Encoder,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_error: Callable[[BuildError], None] = lambda error: None,
    ) -> None:
        self._out = out
        self._encoder = encoder
        self._clock = clock
        self._on_error = on_error
        self._reloading = Lock()
        self._looked_at = clock()
        self._seen = self._signature()
        self._retriever = self._open()

    @property
    def retriever(self) -> Retriever:
        """The retriever of the current build; keep it for as long as one answer takes."""
        now = self._clock()
        # Whoever finds the lock taken answers from the old build rather than wait.
        if now - self._looked_at >= LOOK_EVERY_S and self._reloading.acquire(blocking=False):
            try:
                self._looked_at = now
                self._reload()
            finally:
                self._reloading.release()
        return self._retriever

    @property
    def thresholds(self) -> Thresholds:
        """From which probability on to answer, and to ask back."""
        return self.retriever.thresholds

    def search(self, text: str, *, today: date, limit: int = 5) -> tuple[Hit, ...]:
        """See `Retriever.search`."""
        return self.retriever.search(text, today=today, limit=limit)

    def _reload(self) -> None:
        signature = self._signature()
        if signature == self._seen:
            return
        self._seen = signature
        try:
            self._retriever = self._open()
        except BuildError as error:
            self._on_error(error)

    def _open(self) -> Retriever:
        build = artefacts.current_build(self._out)
        return Retriever.open(build, self._encoder, fusion=self._fusion())

    def _fusion(self) -> Fusion:
        own = self._out / FUSION_FILE
        return load_fusion(own) if own.exists() else load_fusion()

    def _signature(self) -> Signature:
        found = []
        for name in (artefacts.CURRENT, FUSION_FILE):
            try:
                state = (self._out / name).stat()
            except OSError:
                found.append((0, 0))
            else:
                found.append((state.st_mtime_ns, state.st_ino))
        return tuple(found)
