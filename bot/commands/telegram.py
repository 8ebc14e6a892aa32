"""`anwen telegram`: check the bot and its groups; tie staff to their Telegram."""

from typing import Annotated

import typer

from bot import config as configuration
from bot.commands.options import DEFAULT_CONFIG, ConfigOption

app = typer.Typer(no_args_is_help=True, help="The Telegram channel: check it, tie staff to their Telegram.")
Username = Annotated[str, typer.Argument(help="The user name of a member of staff.")]


@app.command()
def check(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Ask Telegram about the token, the webhook and the staff groups; say what is wrong and how to fix it."""
    from bot.channels.telegram.checking import check as look

    findings = look(configuration.load(config))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.passed else 'FAIL'}  {finding.name}: {finding.says}")
    raise SystemExit(0 if all(finding.passed for finding in findings) else 1)


@app.command()
def invite(username: Username, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print a code with which the person ties their Telegram to their account; it works for 15 minutes, once."""
    from bot.admin import invite_to_telegram

    code = invite_to_telegram(configuration.load(config), username=username)
    typer.echo(f"{username} sends this to the bot in a private chat within 15 minutes:\n/link {code}")


@app.command()
def unlink(username: Username, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Cut the person's Telegram off: it can do nothing in the staff groups any more."""
    from bot.admin import unlink_telegram

    was = unlink_telegram(configuration.load(config), username=username)
    typer.echo(f"{username} is cut off" if was else f"no Telegram was tied to {username}")
