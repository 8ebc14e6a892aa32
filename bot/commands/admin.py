"""`anwen admin`: accounts of staff. Passwords come from the keyboard or ANWEN_ADMIN_PASSWORD, never from an option.

A password that is set here must be changed by the person at the next sign-in, because somebody else knows it. Not so
the first account's when it is typed at the keyboard: nobody else is there yet; and not with --own.
"""

import os
import sys
from typing import Annotated

import typer

from bot import config as configuration
from bot.commands.options import DEFAULT_CONFIG, ConfigOption
from bot.errors import StaffError
from bot.tickets.people import Role
from knowledge.entries import Queue

PASSWORD_VARIABLE = "ANWEN_ADMIN_PASSWORD"  # noqa: S105 a name, not a password

app = typer.Typer(no_args_is_help=True, help="Accounts of staff: create, disable, change a password.")
Username = Annotated[str, typer.Argument(help="The user name; asked for when left out.")]
Own = Annotated[
    bool, typer.Option("--own", help="The person typed the password: no other is asked for at sign-in.")
]
CHANGE = "they choose a password of their own at the first sign-in"


@app.command()
def create(
    username: Username = "",
    name: Annotated[str, typer.Option(help="As colleagues see it; the user name unless given.")] = "",
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.ADMIN,
    queue: Annotated[list[Queue] | None, typer.Option(help="A queue to work on; none means all.")] = None,
    own: Own = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Create an account; the first one is how the desk begins."""
    from bot.admin import create_account, has_accounts

    loaded = configuration.load(config)
    username = username or _asked("User name")
    is_own = own or not (PASSWORD_VARIABLE in os.environ or has_accounts(loaded))
    made = create_account(
        loaded,
        username=username,
        name=name or username,
        role=role,
        queues=queue or (),
        password=_password(),
        temporary=not is_own,
    )
    typer.echo(
        f"created {made.username} ({made.role}); sign in at /staff" + ("" if is_own else f"; {CHANGE}")
    )


@app.command()
def disable(username: Username = "", config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Lock an account, end its sessions, and put its tickets back in line."""
    from bot.admin import disable_account

    loaded = configuration.load(config)
    person, tickets = disable_account(loaded, username=username or _asked("User name"))
    typer.echo(f"disabled {person.username}; {tickets} tickets went back or to colleagues")


@app.command()
def passwd(username: Username = "", own: Own = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Set another password; every session of the account ends."""
    from bot.admin import change_password

    loaded = configuration.load(config)
    person = change_password(
        loaded, username=username or _asked("User name"), password=_password(), temporary=not own
    )
    typer.echo(
        f"changed the password of {person.username} and ended all sessions" + ("" if own else f"; {CHANGE}")
    )


def _asked(what: str) -> str:
    if not sys.stdin.isatty():
        raise StaffError("the user name is missing; write it behind the command")
    return str(typer.prompt(what, err=True))


def _password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise StaffError(f"there is nobody to ask for a password; set {PASSWORD_VARIABLE}")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
