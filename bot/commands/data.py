"""`anwen backup`, `restore` and `purge`: the data as a whole."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import config as configuration
from bot.commands.options import DEFAULT_CONFIG, ConfigOption


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; must not exist.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write a consistent copy of the database to FILE, also while anwen is serving."""
    from bot.backup import back_up

    size = back_up(configuration.load(config), file)
    typer.echo(f"{file}: {size:,} bytes; it holds personal data, keep it as safe as the database")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `anwen backup` wrote.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Put a backup in the place of the database; stop anwen first. The old database is kept beside it."""
    from bot.backup import restore as run

    kept = run(configuration.load(config), file)
    typer.echo(f"restored {file}" + (f"; the database before is {kept}" if kept else ""))


def purge(
    config: ConfigOption = DEFAULT_CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it only count.")] = False,
) -> None:
    """Delete what is older than its retention (privacy.keep_… in config.yaml); without --yes only count it."""
    from bot.app import open_storage
    from bot.tickets.audit import COMMAND_LINE
    from bot.upkeep import count_expired, delete_expired, keeping

    loaded = configuration.load(config)
    database, keep, now = open_storage(loaded), keeping(loaded.privacy), datetime.now(UTC)
    if yes:
        found = delete_expired(database, keep, zone=loaded.district.zone, actor=COMMAND_LINE, now=now)
    else:
        with database.reading() as tx:
            found = count_expired(tx, keep, now=now)
    database.close()
    for category, count in found.items():
        typer.echo(f"{category.value:<14}{count:>8} older than {keep[category].days} days")
    typer.echo("deleted" if yes else "nothing was deleted; --yes deletes them")
