"""Groups of citizens: the bot is silent unless somebody speaks to it, and never discusses anybody's matter there."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.constants import ChatMemberStatus

from bot.channels.telegram import groups, inbox, scams
from bot.channels.telegram.api import translated
from bot.channels.telegram.commands import Command, command
from bot.channels.telegram.events import Event, Membership, Said
from bot.conversation.wording import Wording
from bot.errors import ChannelError
from bot.storage.database import Database
from intents.fraud.meaning import Encode
from intents.router import language_of
from intents.triage import triage

WATCH = "watch"
_TRIAGED = 4_096
_REMEMBERED = 10_000


class Urge(Enum):
    """Why the bot speaks, each with how many seconds lie between two of its kind in one group."""

    TALK = 30.0  # more is a nuisance
    DANGER = 3.0
    ORDER = 0.0  # the group's administrator wants to know


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    urge: Urge = Urge.TALK


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """What the bot does in a group that is not of staff.

    Args:
        me: the bot's user name, lower case.
        encode: of the check for fraud; without it the check is somewhat less sure.
    """

    bot: Bot
    database: Database
    wording: Wording
    me: str
    encode: Encode | None = None
    ticks: Callable[[], float] = time.monotonic
    spoke: dict[tuple[int, Urge], float] = field(default_factory=dict)

    async def handle(self, event: Event, row_id: int) -> None:
        """Mostly nothing."""
        line = await self._answer(event) if isinstance(event, Said) else None
        await asyncio.to_thread(self._done, event, row_id)
        if line is not None and isinstance(event, Said):
            await self._say(event, line)

    async def _answer(self, said: Said) -> _Line | None:
        """What is said to a message; None for nothing."""
        if (said.sender.is_bot and not said.sender.anonymous) or said.edited_at is not None:
            return None
        language = _language(said)
        asked = command(said.text)
        if asked is not None and asked.name == WATCH and asked.to in (None, self.me):
            return await self._ordered(said, asked, language)
        if self.me in said.mentions or (asked is not None and asked.to == self.me):
            return self._invitation(said, language)
        if said.forwarded and await asyncio.to_thread(self._is_watching, said.chat_id):
            return await asyncio.to_thread(self._warning, said.text, language)
        return None

    def _invitation(self, said: Said, language: str) -> _Line:
        """Danger first; else the way to a private chat."""
        found = triage(said.text[:_TRIAGED])
        if found.crisis is not None:
            return _Line(text=self.wording.say(f"emergency_{found.crisis.value}", language), urge=Urge.DANGER)
        if found.urgent and found.stage is not None:
            return _Line(text=self.wording.say(f"stage_{found.stage.value}", language), urge=Urge.DANGER)
        return _Line(text=self.wording.say("group_private", language))

    def _warning(self, text: str, language: str) -> _Line | None:
        code = scams.scam_type(text, encode=self.encode)
        if code is None:
            return None
        return _Line(text=self.wording.say("group_scam", language, type=scams.name_of(code, language)))

    async def _ordered(self, said: Said, asked: Command, language: str) -> _Line | None:
        """`/watch on` and `/watch off`, by the group's administrators only; others get no answer to it."""

        def line(key: str) -> _Line:
            return _Line(text=self.wording.say(key, language), urge=Urge.ORDER)

        if said.sender.anonymous:
            return line("group_watch_anonymous")
        if not await self._rules(said.chat_id, said.sender.id):
            return None
        if asked.rest not in ("on", "off"):
            return line("group_watch_how")
        await asyncio.to_thread(self._switch, said.chat_id, asked.rest == "on")
        if asked.rest == "on" and not await self._reads(said.chat_id):
            return line("group_watch_blind")
        return line(f"group_watch_{asked.rest}")

    async def _rules(self, chat_id: int, user_id: int) -> bool:
        """Whether somebody is an administrator of the group; not where Telegram does not say so."""
        try:
            with translated():
                member = await self.bot.get_chat_member(chat_id, user_id)
        except ChannelError:
            return False
        return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)

    async def _reads(self, chat_id: int) -> bool:
        """Whether what people write there comes to us: in privacy mode only an administrator's bot gets it."""
        return bool(self.bot.can_read_all_group_messages) or await self._rules(chat_id, self.bot.id)

    async def _say(self, said: Said, line: _Line) -> None:
        now, kind = self.ticks(), (said.chat_id, line.urge)
        if now - self.spoke.get(kind, -line.urge.value) < line.urge.value:
            return
        if len(self.spoke) > _REMEMBERED:
            self.spoke.clear()
        self.spoke[kind] = now
        label = self.wording.say("group_button", _language(said))
        button = InlineKeyboardButton(label, url=f"https://t.me/{self.me}?start=group")
        with contextlib.suppress(ChannelError), translated():
            await self.bot.send_message(
                said.chat_id,
                line.text,
                message_thread_id=said.thread_id,
                reply_markup=InlineKeyboardMarkup([[button]]),
                reply_parameters=ReplyParameters(said.message_id, allow_sending_without_reply=True),
            )

    def _is_watching(self, chat_id: int) -> bool:
        with self.database.reading() as tx:
            return groups.is_watching(tx, chat_id)

    def _switch(self, chat_id: int, watches: bool) -> None:
        with self.database.transaction() as tx:
            groups.set_watching(tx, chat_id, watches=watches)

    def _done(self, event: Event, row_id: int) -> None:
        with self.database.transaction() as tx:
            inbox.done(tx, row_id)
            if isinstance(event, Membership) and not event.is_member:
                groups.leave(tx, event.chat_id)


def _language(said: Said) -> str:
    return language_of(said.text) or said.sender.language or "zh"
