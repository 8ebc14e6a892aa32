"""Private chats against `lo-bot-api-emulator`, a Bot API other people wrote: the outside judge of our receiving."""

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from bot.channels.telegram import links
from bot.channels.telegram.buttons import CHOICE, Data, packed
from bot.channels.telegram.service import Parts
from bot.channels.telegram.service import Telegram as Channel
from bot.conversation import attachments, sessions, transcript
from bot.conversation.model import Address, Author, Delivery
from bot.metrics import Metrics
from tests.bot.channels.telegram.fake.people import PNG
from tests.bot.channels.telegram.front import Front, free_port
from tests.bot.channels.telegram.world import Now, delivering
from tests.bot.tickets.world import Office, open_office
from tests.bot.world import serving, until

TOKEN = "123456:TEST"
COMMAND = shutil.which("lo-bot-api-emulator", path=str(Path(sys.executable).parent))

pytestmark = pytest.mark.skipif(COMMAND is None, reason="lo-bot-api-emulator is not installed")


@contextmanager
def emulator() -> Iterator[str]:
    port = free_port()
    assert COMMAND is not None
    process = subprocess.Popen(
        [COMMAND, "--port", str(port), "--enable-control", "--allow-insecure-loopback-webhooks"],
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


def say(url: str, who: int, text: str, message_id: int, **more: Any) -> None:
    content = {"text": text} if text else {}
    offer(url, {"message": {**envelope(who, message_id), **content, **more}})


def press(url: str, who: int, data: str, press_id: str) -> None:
    message = {**envelope(who, 1), "text": "…"}
    query = {"id": press_id, "from": person(who), "chat_instance": "1", "message": message, "data": data}
    offer(url, {"callback_query": query})


def person(who: int) -> dict[str, Any]:
    return {"id": who, "is_bot": False, "first_name": "U"}


def envelope(who: int, message_id: int) -> dict[str, Any]:
    chat = {"id": who, "type": "private"}
    return {"message_id": message_id, "date": 1_700_000_000, "chat": chat, "from": person(who)}


def offer(url: str, update: dict[str, Any]) -> None:
    _call(url, "/__fixture/updates", {"token": TOKEN, "update": update})


@contextmanager
def channel(office: Office, url: str, *, mode: str = "polling") -> Iterator[Front]:
    telegram = office.config.telegram.model_copy(update={"token": SecretStr(TOKEN), "api": url, "mode": mode})
    port, front = free_port(), Front()
    server = office.config.server.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    parts = Parts(
        config=office.config.model_copy(update={"telegram": telegram, "server": server}),
        engine=office.engine,
        database=office.database,
        desk=office.desk,
        search=office.search,
        metrics=Metrics(),
        clock=lambda: datetime.now(UTC),
    )
    running = Channel(parts)
    with ExitStack() as stack:
        if running.router is not None:
            web = FastAPI()
            web.include_router(running.router)
            web.middleware("http")(front)
            stack.enter_context(serving(web, port=port))
        stack.enter_context(running)
        stack.enter_context(delivering(office, running))
        yield front


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


def test_behind_a_webhook_that_fails_at_first_questions_and_buttons_are_answered_once(tmp_path: Path):
    with (
        emulator() as url,
        open_office(tmp_path, clock=Now(), telegram={"messages_per_minute": 100_000}) as office,
        channel(office, url, mode="webhook") as front,
    ):
        until(lambda: bool(_call(url, f"/bot{TOKEN}/getWebhookInfo", {})["result"]["url"]), seconds=30)
        front.troubles.extend(["refuse", "lose"])
        for number in range(6):
            say(url, 111 + number % 2, f"房东不退押金怎么办 {number}", 1 + number)
        say(url, 111, "菜单", 50)
        until(lambda: _delivered(url) and len(_answered(office)) == 7, seconds=60)
        menu = _answered(office)[3]
        place = next(
            place for place, choice in enumerate(transcript.reply_of(menu).choices) if "押金" in choice.label
        )
        press(url, 111, packed(Data(action=CHOICE, id=menu.id, argument=str(place))), "q1")
        until(lambda: len(_answered(office)) == 8, seconds=60)

        assert len(_posts(office, Author.CITIZEN)) == 8
        assert any("先发书面催告" in post.text for post in _answered(office)[3:5])


def test_a_picture_is_fetched_and_kept_and_own_data_goes_out_as_a_file(tmp_path: Path):
    with (
        emulator() as url,
        open_office(tmp_path, clock=Now(), telegram={"messages_per_minute": 100_000}) as office,
        channel(office, url),
    ):
        sent = httpx.post(
            f"{url}/bot{TOKEN}/sendPhoto", data={"chat_id": "111"}, files={"photo": ("p.png", PNG)}
        )
        sizes = sent.json()["result"]["photo"]
        say(url, 111, "", 1, photo=sizes, caption="老板拖欠工资怎么办")
        until(lambda: len(_answered(office)) == 1, seconds=60)
        say(url, 111, "导出我的数据", 2)
        until(lambda: len(_answered(office)) == 2, seconds=60)
        say(url, 111, "整理给我", 3)
        until(lambda: len(_answered(office)) == 3, seconds=60)

        with office.database.reading() as tx:
            conversation = sessions.find(tx, Address(channel="telegram", user="111"))
            assert conversation is not None
            kept = attachments.listing(tx, conversation.id)
            file = links.part(tx, _answered(office)[-1].id, 1)
        assert [file.media_type for file in kept] == ["image/png"]
        assert file is not None
        assert file.message_id is not None  # the emulator took the file


def _delivered(url: str) -> bool:
    """Posts what its webhook could not take before, as Telegram does by itself."""
    _call(url, "/__fixture/deliver", {"token": TOKEN})
    return bool(_call(url, f"/bot{TOKEN}/getWebhookInfo", {})["result"]["pending_update_count"] == 0)


def _answered(office: Office) -> list[Any]:
    return [post for post in _posts(office, Author.BOT) if post.status is Delivery.SENT]


def _posts(office: Office, author: Author) -> list[Any]:
    found: list[Any] = []
    with office.database.reading() as tx:
        for who in ("111", "112"):
            conversation = sessions.find(tx, Address(channel="telegram", user=who))
            found += transcript.all_of(tx, conversation.id) if conversation else ()
    return [post for post in found if post.author is author]
