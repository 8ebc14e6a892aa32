"""The routes of the console, one file a subject."""

from collections.abc import Iterator

from fastapi import APIRouter

from bot.console.console import Console
from bot.console.routes import (
    admin,
    alerts,
    attached,
    files,
    moves,
    queues,
    reports,
    sign_in,
    speaking,
    tickets,
)


def every_router(console: Console) -> Iterator[APIRouter]:
    """All routes, without their prefix and their guard."""
    for part in (sign_in, files, queues, tickets, attached, speaking, moves, alerts, reports, admin):
        yield part.create_router(console)
