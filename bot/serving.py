"""`anwen serve`: prepares the machine, compiles the knowledge if needed, and serves until stopped."""

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import FastAPI

from bot import logs
from bot.app import App, build, open_desk
from bot.background import Background
from bot.channels.base import WEB, Pushing
from bot.channels.web.app import create_web
from bot.channels.web.live import Hub
from bot.channels.web.server import run
from bot.compiling import compile_if_changed
from bot.config import Config
from bot.console.app import install
from bot.conversation.model import Address
from bot.doctor import free_port, writable
from bot.memory import give_back
from bot.outbox import Outbox
from bot.tickets.desk import Desk
from bot.upkeep import RanOut, Upkeep, keeping, nobody_else
from knowledge import artefacts
from knowledge.errors import BuildError

if TYPE_CHECKING:
    from bot.channels.telegram.service import Telegram


def serve(config: Config, *, host: str | None = None, port: int | None = None) -> None:
    """Serve the web chat and the API. Raises AnwenError or KnowledgeError with one line and the fix."""
    logs.configure(config.logging)
    host, port = host or config.server.host, config.server.port if port is None else port
    writable(config)
    free_port(host, port)
    prepare_knowledge(config)
    with build(config) as built:
        web = create_web(
            config,
            engine=built.engine,
            database=built.database,
            ready=built.library.ready,
            encode=built.encode,
        )
        desk = open_desk(config)
        install(
            web,
            config,
            database=built.database,
            desk=desk,
            search=built.library,
            wording=built.engine.wording,
        )
        channels: dict[str, Pushing] = {}  # by name, those whose messages must be carried to people
        with ExitStack() as running:
            telegram = _telegram(config, built, desk, web)
            if telegram is not None:
                channels[telegram.sender.name] = telegram.sender
                running.enter_context(telegram)
            ran_out = nobody_else if telegram is None else telegram.alarm.ran_out
            outbox = _outbox(built, channels)
            upkeep = _upkeep(config, built, desk, web.state.hub, ran_out)
            running.enter_context(Background(upkeep=upkeep, outbox=outbox))
            give_back()
            _say(f"{config.district.service} is ready: http://{host}:{port}  (Ctrl+C stops it)")
            run(web, host=host, port=port)


def _telegram(config: Config, built: App, desk: Desk, web: FastAPI) -> "Telegram | None":
    """The Telegram channel, where there is a token; elsewhere its library costs neither time nor memory."""
    if not config.telegram.is_on:
        return None
    from bot.channels.telegram.service import Parts, Telegram

    parts = Parts(
        config=config,
        engine=built.engine,
        database=built.database,
        desk=desk,
        search=built.library,
        metrics=web.state.metrics,
        clock=lambda: datetime.now(UTC),
        told=_telling(web.state.hub),
        encode=built.encode,
    )
    telegram = Telegram(parts)
    if telegram.router is not None:
        web.include_router(telegram.router)
    built.database.after_commit(telegram.wake)
    return telegram


def _outbox(built: App, channels: Mapping[str, Pushing]) -> Outbox | None:
    if not channels:
        return None
    outbox = Outbox(
        database=built.database,
        channels=channels,
        wording=built.engine.wording,
        clock=lambda: datetime.now(UTC),
    )
    built.database.after_commit(outbox.wake)
    return outbox


def _telling(hub: Hub) -> Callable[[Address], None]:
    """Wakes the open page of a web chat."""

    def told(address: Address) -> None:
        if address.channel == WEB.name:
            hub.wake(address.user)

    return told


def _upkeep(config: Config, built: App, desk: Desk, hub: Hub, ran_out: RanOut) -> Upkeep:
    return Upkeep(
        database=built.database,
        desk=desk,
        wording=built.engine.wording,
        close_resolved_after=config.desk.close_resolved_after,
        keep=keeping(config.privacy),
        clock=lambda: datetime.now(UTC),
        told=_telling(hub),
        ran_out=ran_out,
    )


def prepare_knowledge(config: Config) -> None:
    """Compile the content unless the current build already is this content with this encoder.

    Content with problems stops the first start; later the last good build goes on serving.
    """
    from bot.cli import progress_bar

    try:
        _say(compile_if_changed(config, progress=progress_bar()))
    except BuildError as error:
        if not _has_build(config):
            raise
        _say(f"the content has problems, the last good build goes on serving: {error}")


def _has_build(config: Config) -> bool:
    try:
        return artefacts.is_complete(artefacts.current_build(config.build))
    except BuildError:
        return False


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
