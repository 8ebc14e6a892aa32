"""Carries replies to citizens: the outbox's door to Telegram.

Telegram has no key against doubles. Before a part of a message is sent it is noted that it is tried; one whose try
ended without a word may arrive twice, and says so in its row.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from telegram import Bot, InlineKeyboardMarkup, Message
from telegram.constants import ParseMode

from bot.channels.base import Capabilities
from bot.channels.telegram import links, markup
from bot.channels.telegram.api import Ambiguous, BadMarkup, MessageLost, translated
from bot.channels.telegram.buttons import choices_keyboard
from bot.channels.telegram.counts import Counts
from bot.channels.telegram.links import Link, Part, Role
from bot.channels.telegram.pace import PersonPace
from bot.conversation import my_data, transcript
from bot.conversation.delivery import Trouble
from bot.conversation.model import Address, Post, Reply
from bot.errors import RetryLater, Undeliverable
from bot.storage.database import Database

log = structlog.get_logger(__name__)

NAME = "telegram"
COPY = "telegram_copy"  # key of a payload: the message of a topic whose file the citizen gets
LONGEST_WAIT_S = 5.0  # a message that must wait longer goes back to the outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """What is known before anything is sent."""

    post: Post
    blocked: bool
    texts: tuple[str, ...]  # HTML of each message; the first is the caption where a file goes with it
    parts: tuple[Part | None, ...]
    data: bytes | None  # the file with the person's own data


class Sender:
    """The Telegram channel of the outbox. Calls Telegram in the loop given by `use`.

    Args:
        clock: UTC.
    """

    name = NAME
    capabilities = Capabilities(longest_text=markup.LONGEST_TEXT, buttons=True, proactive=True)

    def __init__(
        self, *, database: Database, pace: PersonPace, counts: Counts, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._pace = pace
        self._counts = counts
        self._clock = clock
        self._bot: Bot | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def use(self, bot: Bot | None, loop: asyncio.AbstractEventLoop | None) -> None:
        """From now on messages go through `bot`, in `loop`; None: nothing goes out until there is one."""
        self._bot, self._loop = bot, loop

    async def send(self, address: Address, reply: Reply, *, key: int) -> None:
        """As the protocol `Pushing`."""
        bot, loop = self._bot, self._loop
        if bot is None or loop is None or loop.is_closed():
            raise RetryLater(Trouble.UNREACHABLE)
        sending = self._sent(bot, int(address.user), reply, key)
        if loop is asyncio.get_running_loop():
            await sending
            return
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(sending, loop))

    async def _sent(self, bot: Bot, chat_id: int, reply: Reply, key: int) -> None:
        ready = await asyncio.to_thread(self._read, chat_id, reply, key)
        if ready.blocked:
            raise Undeliverable(Trouble.BLOCKED)
        copy, texts = ready.post.payload.get(COPY), ready.texts
        keyboard = choices_keyboard(key, reply.choices)
        for number, text in enumerate(texts):
            buttons = keyboard if number == len(texts) - 1 else None
            send = (
                partial(_copied, bot, chat_id, text, copy)
                if copy is not None and number == 0
                else partial(_said, bot, chat_id, text, buttons)
            )
            await self._once(chat_id, ready, number, send)
        if ready.data is not None:
            data = ready.data
            await self._once(chat_id, ready, len(texts), lambda: _given(bot, chat_id, data))

    def _read(self, chat_id: int, reply: Reply, key: int) -> _Ready:
        with self._database.reading() as tx:
            found = transcript.by_id(tx, key)
            if found is None:
                raise Undeliverable(Trouble.GONE)
            post = found[1]
            blocked = links.is_blocked(tx, chat_id)
            longest = markup.LONGEST_CAPTION if COPY in post.payload else markup.LONGEST_TEXT
            texts = markup.parts(reply, longest=longest)
            parts = tuple(links.part(tx, key, number) for number in range(len(texts) + 1))
        return _Ready(post=post, blocked=blocked, texts=texts, parts=parts, data=self._data(chat_id, post))

    def _data(self, chat_id: int, post: Post) -> bytes | None:
        if not post.payload.get("download"):
            return None
        with self._database.transaction() as tx:
            exported = my_data.export(tx, Address(channel=NAME, user=str(chat_id)), now=self._clock())
        return json.dumps(exported, ensure_ascii=False, indent=2).encode()

    async def _once(
        self,
        chat_id: int,
        ready: _Ready,
        number: int,
        send: Callable[[], Coroutine[Any, Any, int]],
    ) -> None:
        """Send a part that is not known to have arrived, and remember that it did."""
        before, key = ready.parts[number], ready.post.id
        if before is not None and before.message_id is not None:
            return
        await self._turn(chat_id)
        await asyncio.to_thread(self._trying, key, number, before)
        try:
            message_id = await send()
        except Ambiguous:
            self._counts.unsure.inc()
            raise
        except RetryLater as error:
            await asyncio.to_thread(self._refused, key, number)
            if error.after is not None:
                self._counts.limited.labels("person").inc()
                self._pace.refused(chat_id, error.after.total_seconds())
            raise
        except Undeliverable as error:
            self._counts.refused.labels(str(error)).inc()
            raise
        except MessageLost as error:  # the file to copy was deleted meanwhile
            raise Undeliverable(Trouble.REFUSED) from error
        self._counts.sent.labels("person").inc()
        await asyncio.to_thread(self._arrived, chat_id, ready.post, number, message_id)

    async def _turn(self, chat_id: int) -> None:
        while (wait := self._pace.take(chat_id)) > 0:
            if wait > LONGEST_WAIT_S:
                raise RetryLater(Trouble.SLOW_DOWN, after=timedelta(seconds=wait))
            await asyncio.sleep(wait)

    def _trying(self, key: int, number: int, before: Part | None) -> None:
        with self._database.transaction() as tx:
            links.trying(tx, key, number, after=before)
        if before is not None and before.tries:
            log.warning("maybe_sent_twice", channel=NAME, message=key, part=number)

    def _refused(self, key: int, number: int) -> None:
        with self._database.transaction() as tx:
            links.not_sent(tx, key, number)

    def _arrived(self, chat_id: int, post: Post, number: int, message_id: int) -> None:
        with self._database.transaction() as tx:
            links.arrived(tx, post.id, number, message_id)
            links.add(
                tx,
                Link(
                    chat_id=chat_id, message_id=message_id, role=Role.PRIVATE, post_id=post.id, seq=post.seq
                ),
            )


async def _said(bot: Bot, chat_id: int, text: str, buttons: InlineKeyboardMarkup | None) -> int:
    with contextlib.suppress(BadMarkup):
        with translated():
            sent = await bot.send_message(chat_id, text, parse_mode=ParseMode.HTML, reply_markup=buttons)
        return int(sent.message_id)
    log.error("markup_refused", channel=NAME)  # our mistake: people get the text without it
    with translated():
        sent = await bot.send_message(chat_id, markup.plain(text), reply_markup=buttons)
    return int(sent.message_id)


async def _copied(bot: Bot, chat_id: int, caption: str, copy: dict[str, Any]) -> int:
    """The file out of the topic, with the beginning of what is said to it."""
    with translated():
        sent = await bot.copy_message(
            chat_id, copy["chat"], copy["message"], caption=caption, parse_mode=ParseMode.HTML
        )
    return int(sent.message_id)


async def _given(bot: Bot, chat_id: int, data: bytes) -> int:
    with translated():
        sent: Message = await bot.send_document(chat_id, data, filename="anwen-data.json")
    return int(sent.message_id)
