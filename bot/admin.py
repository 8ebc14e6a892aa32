"""What `anwen admin` does: accounts, changed from the machine itself. Every change is in the audit."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from bot.app import open_desk, open_storage
from bot.channels.telegram import identity
from bot.config import Config
from bot.errors import StaffError
from bot.storage.database import Database
from bot.tickets import audit, staff
from bot.tickets.audit import COMMAND_LINE
from bot.tickets.people import Role, Staff
from knowledge.entries import Queue


def create_account(
    config: Config,
    *,
    username: str,
    name: str,
    role: Role,
    queues: Collection[Queue],
    password: str,
    temporary: bool = False,
) -> Staff:
    """A new account; with a `temporary` password the person must choose another one at the first sign-in.

    Raises StaffError or PasswordRefused.
    """
    now = datetime.now(UTC)
    with _opened(config) as database, database.transaction() as tx:
        made = staff.create(
            tx,
            username=username,
            name=name,
            role=role,
            password=password,
            queues=queues,
            temporary=temporary,
            now=now,
        )
        audit.record(
            tx,
            COMMAND_LINE,
            "staff.create",
            _target(made),
            now=now,
            role=role.value,
            temporary=temporary,
        )
    return made


def has_accounts(config: Config) -> bool:
    """Whether anybody has an account, also a disabled one."""
    with _opened(config) as database, database.reading() as tx:
        return bool(staff.listing(tx))


def disable_account(config: Config, *, username: str) -> tuple[Staff, int]:
    """The account, disabled, and how many tickets it had in hand. Raises StaffError for an unknown name."""
    now = datetime.now(UTC)
    with _opened(config) as database, database.transaction() as tx:
        person = _known(staff.by_username(tx, username), username)
        moved = open_desk(config).leaves(tx, person.id, now=now)
        audit.record(tx, COMMAND_LINE, "staff.disable", _target(person), now=now, tickets=len(moved))
    return person, len(moved)


def change_password(config: Config, *, username: str, password: str, temporary: bool = False) -> Staff:
    """The account with another password, which may be `temporary`. Raises StaffError or PasswordRefused."""
    now = datetime.now(UTC)
    with _opened(config) as database, database.transaction() as tx:
        person = _known(staff.by_username(tx, username), username)
        staff.set_password(tx, person.id, password, temporary=temporary)
        audit.record(tx, COMMAND_LINE, "staff.password", _target(person), now=now, temporary=temporary)
    return person


def invite_to_telegram(config: Config, *, username: str) -> str:
    """A code that ties the person's Telegram to their account. Raises StaffError for an unknown name."""
    now = datetime.now(UTC)
    with _opened(config) as database, database.transaction() as tx:
        person = _known(staff.by_username(tx, username), username)
        code = identity.invite(tx, person.id, now=now)
        audit.record(tx, COMMAND_LINE, "staff.invited", _target(person), now=now)
    return code


def unlink_telegram(config: Config, *, username: str) -> bool:
    """Cut the person's Telegram off; False when none was tied. Raises StaffError for an unknown name."""
    now = datetime.now(UTC)
    with _opened(config) as database, database.transaction() as tx:
        person = _known(staff.by_username(tx, username), username)
        was = identity.unlink(tx, person.id)
        audit.record(tx, COMMAND_LINE, "staff.unlinked", _target(person), now=now)
    return was


def _target(person: Staff) -> str:
    return f"staff:{person.username}"


def _known(person: Staff | None, username: str) -> Staff:
    if person is None:
        raise StaffError(f"there is no account ‘{username}’")
    return person


@contextmanager
def _opened(config: Config) -> Iterator[Database]:
    database = open_storage(config)
    try:
        yield database
    finally:
        database.close()
