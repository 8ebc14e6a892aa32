"""The table `case_cards`: what a finished form leaves behind for the person, for staff and for documents.

Every function takes the open transaction.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from bot.storage.form_tables import case_cards

_TOKEN_BYTES = 24  # 192 bits: the link cannot be guessed


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCard:
    """One case: the answers as read and as stored, what was worked out, the documents that can be made of it."""

    public_id: str
    conversation_id: int
    form: str
    lines: Mapping[str, str]
    answers: Mapping[str, str]
    facts: Mapping[str, str]
    documents: tuple[str, ...]
    created_at: datetime


def fresh_token() -> str:
    """The unguessable part of a card's link."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def add(tx: Connection, card: CaseCard) -> None:
    """Store a new card."""
    at = card.created_at.timestamp()
    tx.execute(
        insert(case_cards).values(
            public_id=card.public_id,
            conversation_id=card.conversation_id,
            form=card.form,
            lines=dict(card.lines),
            answers=dict(card.answers),
            facts=dict(card.facts),
            documents=list(card.documents),
            created_at=at,
            updated_at=at,
        )
    )


def find(tx: Connection, public_id: str) -> CaseCard | None:
    """The card with this link."""
    row = tx.execute(select(case_cards).where(case_cards.c.public_id == public_id)).one_or_none()
    return _card(row) if row else None


def of_conversation(tx: Connection, conversation_id: int) -> tuple[CaseCard, ...]:
    """The cards of a conversation, newest first."""
    rows = tx.execute(
        select(case_cards)
        .where(case_cards.c.conversation_id == conversation_id)
        .order_by(case_cards.c.id.desc())
    )
    return tuple(_card(row) for row in rows)


def erase(tx: Connection, conversation_id: int) -> None:
    """Delete every card of the conversation."""
    tx.execute(delete(case_cards).where(case_cards.c.conversation_id == conversation_id))


def _card(row: Row[Any]) -> CaseCard:
    return CaseCard(
        public_id=row.public_id,
        conversation_id=row.conversation_id,
        form=row.form,
        lines=row.lines,
        answers=row.answers,
        facts=row.facts,
        documents=tuple(row.documents),
        created_at=datetime.fromtimestamp(row.created_at, tz=UTC),
    )
