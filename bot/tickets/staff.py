"""The tables `staff`, `staff_queues`, `staff_sessions`: accounts and who is signed in.

Functions take the open transaction, except `sign_in` and `current`, which open their own: a password takes 30 ms
to check, and nobody may wait for that.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.errors import SignInRefused, StaffError
from bot.storage.database import Database
from bot.storage.desk_tables import staff, staff_queues, staff_sessions
from bot.storage.prepared import Prepared
from bot.tickets import passwords, tries
from bot.tickets.people import Role, Staff
from knowledge.entries import Queue

__all__ = ["Role", "Staff"]

_ANYBODY = Prepared(select(staff.c.id).where(staff.c.active, staff.c.role != Role.AUDITOR.value).limit(1))
IDLE = timedelta(hours=2)  # a session ends when nothing was asked of it for so long
LONGEST_SESSION = timedelta(hours=12)  # and in any case after this: one working day
SEEN_EVERY = timedelta(minutes=1)  # how exactly the last request is remembered
_TOKEN_BYTES = 32
_USERNAME = re.compile(r"\w[\w.-]{1,63}")
_LONGEST_NAME = 64


# --- accounts ---------------------------------------------------------------------------------------------


def create(
    tx: Connection,
    *,
    username: str,
    name: str,
    role: Role,
    password: str,
    queues: Collection[Queue] = (),
    temporary: bool = False,
    now: datetime,
) -> Staff:
    """A new, active account. A `temporary` password must be changed at the first sign-in.

    Raises StaffError for an unusable or taken name, PasswordRefused for a password that is too easy.
    """
    username, name = _plain(username), name.strip()
    if not _USERNAME.fullmatch(username):
        raise StaffError(f"‘{username}’ is no user name: 2 to 64 letters, digits, dots, dashes")
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise StaffError(f"the shown name needs 1 to {_LONGEST_NAME} characters")
    passwords.check(password, username=username, name=name)
    try:
        result = tx.execute(
            insert(staff).values(
                username=username,
                name=name,
                role=role.value,
                password_hash=passwords.hashed(password),
                must_change_password=temporary,
                active=True,
                created_at=now.timestamp(),
            )
        )
    except IntegrityError as error:
        raise StaffError(f"the user name ‘{username}’ is taken") from error
    assert result.inserted_primary_key is not None
    staff_id = result.inserted_primary_key[0]
    set_queues(tx, staff_id, queues)
    return get(tx, staff_id)


def set_password(tx: Connection, staff_id: int, password: str, *, temporary: bool = False) -> None:
    """Another password; every session of the account ends. A `temporary` one must be changed at the next sign-in.

    Raises PasswordRefused.
    """
    who = get(tx, staff_id)
    passwords.check(password, username=who.username, name=who.name)
    values = {"password_hash": passwords.hashed(password), "must_change_password": temporary}
    tx.execute(update(staff).where(staff.c.id == staff_id).values(**values))
    sign_out_everywhere(tx, staff_id)


def change(
    tx: Connection,
    staff_id: int,
    *,
    name: str | None = None,
    role: Role | None = None,
    language: str | None = None,
    max_tickets: int | None = None,
) -> Staff:
    """The account with what is given changed; another role ends its sessions."""
    given = {"name": name, "role": role.value if role else None, "language": language}
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if max_tickets is not None:
        values["max_tickets"] = max_tickets
    if values:
        tx.execute(update(staff).where(staff.c.id == staff_id).values(**values))
    if role is not None:
        sign_out_everywhere(tx, staff_id)
    return get(tx, staff_id)


def set_queues(tx: Connection, staff_id: int, queues: Collection[Queue]) -> None:
    """The queues the person works on; none means all."""
    tx.execute(delete(staff_queues).where(staff_queues.c.staff_id == staff_id))
    for queue in sorted(set(queues)):
        tx.execute(insert(staff_queues).values(staff_id=staff_id, queue=queue.value))


def set_duty(tx: Connection, staff_id: int, *, on_duty: bool, now: datetime) -> None:
    """Whether the person takes new tickets from now on."""
    switch = update(staff).where(staff.c.id == staff_id)
    tx.execute(switch.values(on_duty=on_duty, duty_since=now.timestamp()))


def disable(tx: Connection, staff_id: int) -> None:
    """The account can no longer sign in and ends all its sessions; what it did stays on record."""
    tx.execute(update(staff).where(staff.c.id == staff_id).values(active=False, on_duty=False))
    sign_out_everywhere(tx, staff_id)


def enable(tx: Connection, staff_id: int) -> None:
    """The account can sign in again."""
    tx.execute(update(staff).where(staff.c.id == staff_id).values(active=True))


def get(tx: Connection, staff_id: int) -> Staff:
    """The account with this id. Raises StaffError when there is none."""
    row = tx.execute(select(staff).where(staff.c.id == staff_id)).one_or_none()
    if row is None:
        raise StaffError(f"there is no member of staff {staff_id}")
    return _staff(row, _queues(tx).get(staff_id, frozenset()))


def by_username(tx: Connection, username: str) -> Staff | None:
    """The account with this user name."""
    row = tx.execute(select(staff).where(staff.c.username == _plain(username))).one_or_none()
    return _staff(row, _queues(tx).get(row.id, frozenset())) if row else None


def listing(tx: Connection) -> tuple[Staff, ...]:
    """Every account, by user name."""
    queues = _queues(tx)
    rows = tx.execute(select(staff).order_by(staff.c.username))
    return tuple(_staff(row, queues.get(row.id, frozenset())) for row in rows)


def anybody(tx: Connection) -> bool:
    """Whether there is an active account that may answer a citizen."""
    return _ANYBODY.first(tx, {}) is not None


# --- signing in -------------------------------------------------------------------------------------------


def sign_in(database: Database, username: str, password: str, *, origin: str, now: datetime) -> str:
    """A session's token; only its hash is kept. Takes as long for a name nobody has.

    Args:
        origin: the network address of the person.

    Raises SignInRefused for anything wrong, without saying what.
    """
    username = _plain(username)[:64]
    # the try counts before it is known how it ends: guesses in parallel count too
    with database.transaction() as tx:
        wait_s = tries.wait_s(tx, username, origin, now=now)
        if wait_s == 0:
            tries.add(tx, username, origin, now=now)
        row = tx.execute(select(staff).where(staff.c.username == username, staff.c.active)).one_or_none()
    if wait_s:
        raise SignInRefused(wait_s=wait_s)
    if not passwords.matches(row.password_hash if row else None, password):
        raise SignInRefused
    assert row is not None, "nothing matches an account that is not there"
    better = passwords.hashed(password) if passwords.is_outdated(row.password_hash) else None
    with database.transaction() as tx:
        return _signed_in(tx, row, origin=origin, now=now, better=better)


def _signed_in(tx: Connection, row: Row[Any], *, origin: str, now: datetime, better: str | None) -> str:
    """The token, unless the account was changed while its password was checked."""
    same = (staff.c.id == row.id, staff.c.active, staff.c.password_hash == row.password_hash)
    values: dict[str, Any] = {"last_seen_at": now.timestamp()}
    if better is not None:
        values["password_hash"] = better
    if tx.execute(update(staff).where(*same).values(**values)).rowcount != 1:
        raise SignInRefused
    tries.forgive(tx, row.username, origin)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    tx.execute(
        insert(staff_sessions).values(
            token_hash=_hash(token),
            staff_id=row.id,
            created_at=now.timestamp(),
            seen_at=now.timestamp(),
            expires_at=(now + LONGEST_SESSION).timestamp(),
        )
    )
    return token


def current(database: Database, token: str, *, now: datetime) -> Staff | None:
    """Who holds `token`, as `session` tells; that they were here is remembered once a minute."""
    with database.reading() as tx:
        found = session(tx, token, now=now)
        seen_at = tx.execute(_of_token(token, staff_sessions.c.seen_at)).scalar()
    if found is None or seen_at is None or now.timestamp() - seen_at < SEEN_EVERY.total_seconds():
        return found
    with database.transaction() as tx:
        still = session(tx, token, now=now)
        if still is not None:
            mine = staff_sessions.c.token_hash == _hash(token)
            tx.execute(update(staff_sessions).where(mine).values(seen_at=now.timestamp()))
            seen(tx, still.id, now=now)
    return still


def seen(tx: Connection, staff_id: int, *, now: datetime) -> None:
    """They have the console open."""
    tx.execute(update(staff).where(staff.c.id == staff_id).values(last_seen_at=now.timestamp()))


def session(tx: Connection, token: str, *, now: datetime) -> Staff | None:
    """Who holds `token`; None for an unknown, idle, expired or revoked one. Reads only."""
    row = tx.execute(_of_token(token, staff_sessions)).one_or_none()
    if row is None or now.timestamp() >= min(row.expires_at, row.seen_at + IDLE.total_seconds()):
        return None
    who = get(tx, row.staff_id)
    return who if who.active else None


def sign_out(tx: Connection, token: str) -> None:
    """End the session of `token`."""
    tx.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == _hash(token)))


def sign_out_everywhere(tx: Connection, staff_id: int) -> None:
    """End every session of the account."""
    tx.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id))


def purge_stale(tx: Connection, *, now: datetime) -> int:
    """Delete ended sessions and tries nobody counts any more; how many."""
    ended = (staff_sessions.c.expires_at <= now.timestamp()) | (
        staff_sessions.c.seen_at <= (now - IDLE).timestamp()
    )
    return tx.execute(delete(staff_sessions).where(ended)).rowcount + tries.purge(tx, now=now)


def _of_token(token: str, what: Any) -> Any:
    return select(what).where(staff_sessions.c.token_hash == _hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _plain(username: str) -> str:
    return username.strip().casefold()


def _queues(tx: Connection) -> dict[int, frozenset[Queue]]:
    found: dict[int, set[Queue]] = {}
    for row in tx.execute(select(staff_queues)):
        found.setdefault(row.staff_id, set()).add(Queue(row.queue))
    return {staff_id: frozenset(queues) for staff_id, queues in found.items()}


def _staff(row: Row[Any], queues: frozenset[Queue]) -> Staff:
    return Staff(
        id=row.id,
        username=row.username,
        name=row.name,
        role=Role(row.role),
        language=row.language,
        active=row.active,
        on_duty=row.on_duty,
        max_tickets=row.max_tickets,
        queues=queues,
        must_change_password=row.must_change_password,
        duty_since=_maybe(row.duty_since),
        last_seen_at=_maybe(row.last_seen_at),
    )


def _maybe(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
