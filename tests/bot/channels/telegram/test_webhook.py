"""The webhook: who does not know the secret learns nothing, and 200 means it is in the database."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.channels.telegram import inbox
from bot.channels.telegram.webhook import HEADER, create_router, hook_of
from bot.storage.database import Database, open_database
from bot.storage.telegram_tables import telegram_updates
from tests.bot.world import migrated

TOKEN = "1:secret-token"
HOOK = hook_of(TOKEN)
UPDATE = {"update_id": 7, "message": {"message_id": 1}}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    shutil.copyfile(migrated(), tmp_path / "anwen.db")
    database = open_database(f"sqlite:///{tmp_path / 'anwen.db'}")
    yield database
    database.close()


def post(database: Database, body: bytes, *, secret: str = HOOK.secret, path: str = HOOK.path) -> int:
    app = FastAPI()
    app.include_router(
        create_router(HOOK, bot_id=1, database=database, clock=lambda: datetime.now(UTC), wake=lambda: None)
    )

    async def sent() -> int:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://anwen"
        ) as client:
            return (await client.post(path, content=body, headers={HEADER: secret})).status_code

    return asyncio.run(sent())


def kept(database: Database) -> list[int]:
    with database.reading() as tx:
        return [row.update_id for row in tx.execute(select(telegram_updates))]


def test_an_update_is_kept_once_however_often_it_comes(database: Database):
    statuses = [post(database, json.dumps(UPDATE).encode()) for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert kept(database) == [7]


@pytest.mark.parametrize(
    "secret", ["", HOOK.secret[:-1] + "0", HOOK.secret + "0", HOOK.secret.upper(), TOKEN]
)
def test_without_the_secret_nothing_is_taken(database: Database, secret: str):
    assert post(database, json.dumps(UPDATE).encode(), secret=secret) == 403
    assert kept(database) == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"update_id": "7"}', b'{"update_id": true}', b"\xff"]
)
def test_what_is_no_update_is_refused(database: Database, body: bytes):
    assert post(database, body) == 400
    assert kept(database) == []


def test_a_body_over_a_megabyte_is_refused(database: Database):
    assert post(database, b'{"update_id": 7, "x": "' + b"a" * 1_100_000 + b'"}') == 413
    assert kept(database) == []


def test_another_path_is_not_there_and_another_token_has_another():
    assert hook_of("1:other-token") != HOOK
    assert TOKEN not in HOOK.path + HOOK.secret
    assert len(HOOK.secret) <= 256


def test_what_came_in_the_wrong_order_is_dealt_with_in_the_order_telegram_numbered_it(database: Database):
    for number in (9, 7, 8):
        assert post(database, json.dumps({"update_id": number}).encode()) == 200

    with database.reading() as tx:
        assert [row.update_id for row in inbox.pending(tx, 1, limit=10)] == [7, 8, 9]


def test_what_cannot_be_kept_is_not_confirmed(database: Database):
    with database.transaction() as tx:
        telegram_updates.drop(tx)

    assert post(database, json.dumps(UPDATE).encode()) == 500
