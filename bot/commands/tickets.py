"""`anwen tickets`: a look at the desk from the machine itself. What people wrote is masked, as in the console."""

import json
from typing import Annotated, Any

import typer

from bot import config as configuration
from bot.commands.options import DEFAULT_CONFIG, ConfigOption
from knowledge.entries import Queue

app = typer.Typer(no_args_is_help=True, help="Look at tickets.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_tickets(
    queue: Annotated[Queue | None, typer.Option(help="Only this queue.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """List tickets, newest first; live ones unless --all."""
    from bot.looking import list_lines

    lines = list_lines(configuration.load(config), queue=queue, live_only=not every, limit=limit)
    if as_json:
        typer.echo(_json(lines))
        return
    for line in lines:
        flag = "!" if line["priority"] == "urgent" else " "
        who = line["assignee"] or "-"
        typer.echo(
            f"{line['number']} {flag} {line['status']:<9}{line['queue']:<10}{who:<12}{line['subject']}"
        )


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="The ticket's number, for example 20261124-0007.")],
    as_json: AsJson = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Show a ticket with its history and its chat; that it was read is in the audit."""
    from bot.looking import show_ticket

    ticket = show_ticket(configuration.load(config), number)
    if as_json:
        typer.echo(_json(ticket))
        return
    for key, value in ticket.items():
        if not isinstance(value, list):
            typer.echo(f"{key:<13}{value if value is not None else '-'}")
    for heading in ("history", "notes", "messages"):
        typer.echo(f"\n{heading}")
        for line in ticket[heading]:
            typer.echo("  " + "  ".join(str(part) for part in line.values()))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
