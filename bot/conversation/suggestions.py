"""Reviewed answers that may fit what the citizen wrote last, for staff to use and change."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.conversation.understanding import Search
from bot.conversation.wording import Wording
from knowledge.errors import KnowledgeError

log = structlog.get_logger(__name__)

MOST = 3
LEAST_CONFIDENCE = 0.05  # below it a suggestion only costs the reader time
LONGEST_QUESTION = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An entry, laid out as the citizen would read it."""

    id: str
    question: str
    confidence: float
    text: str


def suggest(
    search: Search, wording: Wording, question: str, *, language: str, now: datetime
) -> tuple[Suggestion, ...]:
    """The best entries for `question`, best first; none when the knowledge base is missing."""
    if not question.strip():
        return ()
    try:
        hits = search.search(question[:LONGEST_QUESTION], now=now)[:MOST]
    except KnowledgeError as error:  # staff can work without suggestions
        log.warning("no_suggestions", error=type(error).__name__)
        return ()
    return tuple(
        Suggestion(
            id=hit.entry.id,
            question=hit.entry.question_in(language),
            confidence=hit.confidence,
            text=wording.answer(hit.entry, language).text,
        )
        for hit in hits
        if hit.confidence >= LEAST_CONFIDENCE
    )
