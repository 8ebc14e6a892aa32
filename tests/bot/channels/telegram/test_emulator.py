"""Private chats against `lo-bot-api-emulator`, a Bot API other people wrote: the outside judge of our receiving."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.channels.telegram.service import Parts
from bot.channels.telegram.service import Telegram as Channel
from bot.conversation import sessions, transcript
from bot.conversation.model import Address, Author, Delivery
from bot.metrics import Metrics
from tests.bot.channels.telegram.world import Now, delivering
from tests.bot.tickets.world import Office, open_office
from tests.bot.world import until

TOKEN = "123456:TEST"
COMMAND = shutil.which("lo-bot-api-emulator", path=str(Path(sys.executable).parent))

pytestmark = pytest.mark.skipif(COMMAND is None, reason="lo-bot-api-emulator is not installed")


@contextmanager
def emulator() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert COMMAND is not None
    process = subprocess.Popen(
        [COMMAND, "--port", str(port), "--enable-control"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(url), seconds=30)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return bool(_call(url, f"/bot{TOKEN}/getMe", {})["ok"])
    except OSError:
        time.sleep(0.1)
        return False


def _call(url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        url + path, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found


def say(url: str, who: int, text: str, message_id: int) -> None:
    message = {
        "message_id": message_id,
        "date": 1_700_000_000,
        "chat": {"id": who, "type": "private"},
        "from": {"id": who, "is_bot": False, "first_name": "U"},
        "text": text,
    }
    _call(url, "/__fixture/updates", {"token": TOKEN, "update": {"message": message}})


@contextmanager
def channel(office: Office, url: str) -> Iterator[None]:
    telegram = office.config.telegram.model_copy(update={"token": SecretStr(TOKEN), "api": url})
    parts = Parts(
        config=office.config.model_copy(update={"telegram": telegram}),
        engine=office.engine,
        database=office.database,
        desk=office.desk,
        search=office.search,
        metrics=Metrics(),
        clock=lambda: datetime.now(UTC),
    )
    running = Channel(parts)
    with running, delivering(office, running):
        yield


def test_twenty_questions_over_two_lives_are_answered_once_each(tmp_path: Path):
    with (
        emulator() as url,
        open_office(tmp_path, clock=Now(), telegram={"messages_per_minute": 100_000}) as office,
    ):
        with channel(office, url):
            for number in range(10):
                say(url, 111 + number % 2, f"房东不退押金怎么办 {number}", 1 + number)
            until(lambda: len(_answered(office)) == 10, seconds=60)
        for number in range(10, 20):
            say(url, 111 + number % 2, f"房东不退押金怎么办 {number}", 1 + number)
        with channel(office, url):
            until(lambda: len(_answered(office)) == 20, seconds=60)

        said = _posts(office, Author.CITIZEN)
        assert sorted(int(post.text.split()[-1]) for post in said) == list(range(20))


def _answered(office: Office) -> list[Any]:
    return [post for post in _posts(office, Author.BOT) if post.status is Delivery.SENT]


def _posts(office: Office, author: Author) -> list[Any]:
    found: list[Any] = []
    with office.database.reading() as tx:
        for who in ("111", "112"):
            conversation = sessions.find(tx, Address(channel="telegram", user=who))
            found += transcript.all_of(tx, conversation.id) if conversation else ()
    return [post for post in found if post.author is author]
