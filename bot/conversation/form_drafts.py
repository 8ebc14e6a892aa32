"""The table `form_drafts`: forms kept under a code, to be gone on with on any channel. Functions take the open tx.

The code is shown once and only its hash is stored; taking a form up ends it. 32 signs, eight of them: 40 bits.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from bot.storage.form_tables import form_drafts
from intents.forms.model import FormState

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I
LENGTH = 8
KEPT_FOR = timedelta(days=14)


def fresh_code() -> str:
    """A code nobody can guess."""
    return "".join(secrets.choice(SIGNS) for _ in range(LENGTH))


def keep(tx: Connection, conversation_id: int, code: str, state: FormState, *, now: datetime) -> None:
    """Keep a form under `code`."""
    tx.execute(
        insert(form_drafts).values(
            code_hash=_hash(code),
            conversation_id=conversation_id,
            state=state.to_json(),
            created_at=now.timestamp(),
            expires_at=(now + KEPT_FOR).timestamp(),
        )
    )


def find(tx: Connection, code: str, *, now: datetime) -> FormState | None:
    """The form kept under `code`; None when there is none, or its time is over."""
    row = tx.execute(
        select(form_drafts.c.state).where(
            form_drafts.c.code_hash == _hash(code), form_drafts.c.expires_at > now.timestamp()
        )
    ).one_or_none()
    return FormState.from_json(row.state) if row else None


def drop(tx: Connection, code: str) -> bool:
    """The form was taken up: its code is worth nothing now. False when somebody else was faster."""
    return tx.execute(delete(form_drafts).where(form_drafts.c.code_hash == _hash(code))).rowcount > 0


def purge(tx: Connection, *, now: datetime) -> int:
    """Delete what was kept long enough; how many."""
    return tx.execute(delete(form_drafts).where(form_drafts.c.expires_at <= now.timestamp())).rowcount


def erase(tx: Connection, conversation_id: int) -> None:
    """Delete what somebody kept in this conversation."""
    tx.execute(delete(form_drafts).where(form_drafts.c.conversation_id == conversation_id))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
