"""The knowledge base as the engine sees it: one build at a time, and the district's day."""

from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Self
from zoneinfo import ZoneInfo

import structlog

from intents.danger_reader import Danger, DangerReader, Odds, load_reader
from intents.triage import Triage
from knowledge.base import KnowledgeBase
from knowledge.entries import Entry
from knowledge.errors import BuildError, KnowledgeError
from knowledge.hits import Hit, Thresholds
from knowledge.vectors import Encoder

log = structlog.get_logger(__name__)


class Library:
    """Implements the engine's `Search` over a knowledge base that reloads by itself."""

    def __init__(self, base: KnowledgeBase, *, zone: ZoneInfo, reader: DangerReader | None = None) -> None:
        self._base = base
        self._zone = zone
        self._reader = reader
        self._visible: tuple[str, date, dict[str, Entry]] | None = None
        self._lock = Lock()

    @classmethod
    def open(cls, build: Path, encoder: Encoder, *, zone: ZoneInfo) -> Self:
        """The compiled knowledge below `build`. Raises BuildError when there is none."""
        base = KnowledgeBase(build, encoder, on_error=_report)
        return cls(base, zone=zone, reader=_fitting(load_reader(), encoder))

    @property
    def thresholds(self) -> Thresholds:
        """Least confidence to answer, and to ask back."""
        return self._base.retriever.thresholds

    def entries(self, now: datetime) -> dict[str, Entry]:
        """The entries that may be shown on the district's day of `now`, by id; do not change it."""
        day = self._day(now)
        opened = self._base.retriever.opened
        with self._lock:
            if self._visible is None or self._visible[:2] != (opened.manifest.id, day):
                visible = {entry.id: entry for entry in opened.entries if entry.visible_on(day)}
                self._visible = (opened.manifest.id, day, visible)
            return self._visible[2]

    def search(self, text: str, *, now: datetime) -> tuple[Hit, ...]:
        """The best entries for `text`, best first."""
        return self._base.retriever.search(text, today=self._day(now))

    def written(self, text: str, found: Triage) -> Odds | None:
        """What `text` and the rules say of danger, for `danger`; None where no reader fits the encoder."""
        return None if self._reader is None else self._reader.written(text, found)

    def danger(self, text: str, written: Odds | None) -> Danger | None:
        """How likely `text` is by somebody in danger, also by its meaning; None where nothing can tell."""
        if self._reader is None or written is None:
            return None
        vector = self._base.retriever.vector(text)
        return None if vector is None else self._reader.meant(written, vector)

    def ready(self) -> str | None:
        """None when questions can be answered, else why not, in one line."""
        try:
            self._base.retriever.search("ready", today=date.today())  # noqa: DTZ011 any day will do
        except KnowledgeError as error:
            return str(error)
        return None

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()


def _fitting(reader: DangerReader, encoder: Encoder) -> DangerReader | None:
    """The reader, if it was learned with this encoder; with another the rules stand alone."""
    if reader.encoder == encoder.name:
        return reader
    log.warning(
        "danger_reader_unused",
        learned_with=reader.encoder,
        encoder=encoder.name,
        fix="run: python -m training.danger",
    )
    return None


def _report(error: BuildError) -> None:
    log.error("new_build_refused", reason=str(error))
