"""`create_web`: the HTTP application, from its parts."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from bot import api, health
from bot.channels.web import file_routes, pages, routes
from bot.channels.web.chat import Chat
from bot.channels.web.limits import Limits
from bot.channels.web.live import Hub
from bot.channels.web.page import Assets, Page
from bot.channels.web.sending import Files
from bot.config import Config
from bot.conversation.engine import Engine
from bot.http import BodyCap, Protected, install_errors
from bot.metrics import Metrics
from bot.storage.database import Database
from intents.fraud.meaning import Encode


def create_web(
    config: Config,
    *,
    engine: Engine,
    database: Database,
    ready: health.Ready,
    encode: Encode | None = None,
) -> FastAPI:
    """The web chat, the public API and the health checks.

    `state.hub` wakes open pages after somebody else posted to a web chat; `state.metrics` counts.

    Args:
        ready: None when questions can be answered, else why not in one line.
        encode: the encoder for checks of messages; None checks by words alone.
    """
    metrics = Metrics()
    hub = Hub(per_chat=config.web.streams_per_chat, metrics=metrics)
    assets = Assets()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        hub.close()

    web = FastAPI(
        title=f"{config.district.service} anwen",
        version=_version(),
        openapi_url=f"{api.PREFIX}/openapi.json",
        docs_url=None,  # the shipped viewers load scripts from another host
        redoc_url=None,
        lifespan=lifespan,
    )
    web.state.hub = hub
    web.state.metrics = metrics
    install_errors(web)
    web.add_middleware(BodyCap)
    web.add_middleware(Protected)
    chat = Chat(
        engine=engine,
        database=database,
        hub=hub,
        limits=Limits(config.web),
        metrics=metrics,
        clock=lambda: datetime.now(UTC),
    )
    web.include_router(api.create_router(engine=engine, metrics=metrics, encode=encode))
    web.include_router(health.create_router(database=database, ready=ready, metrics=metrics))
    web.include_router(routes.create_router(config, chat=chat))
    files = Files(
        chat,
        largest_bytes=config.web.largest_file_mb * 1024**2,
        folder=config.data,
        clock_s=time.monotonic,
    )
    web.include_router(file_routes.create_router(config, files=files))
    web.include_router(
        pages.create_router(config, page=Page(config, engine=engine, assets=assets), assets=assets)
    )
    return web


def _version() -> str:
    try:
        return version("anwen")
    except PackageNotFoundError:  # run from a checkout
        return "0"
