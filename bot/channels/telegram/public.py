"""Groups of citizens: the bot is silent unless somebody speaks to it, and never discusses anybody's matter there."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ChatMemberStatus

from bot.channels.telegram import groups, inbox
from bot.channels.telegram.api import translated
from bot.channels.telegram.commands import Command, command
from bot.channels.telegram.events import Event, Membership, Said
from bot.conversation.wording import Wording
from bot.errors import ChannelError
from bot.storage.database import Database
from intents.router import language_of
from intents.triage import triage

SPEAKS_EVERY_S = 30.0  # in one group: more is a nuisance
_TRIAGED = 4_096
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """What the bot does in a group that is not of staff.

    Args:
        me: the bot's user name, lower case.
        is_scam: whether a text almost certainly is a scam; None where nobody can tell.
    """

    bot: Bot
    database: Database
    wording: Wording
    me: str
    is_scam: Callable[[str], str | None] | None = None
    ticks: Callable[[], float] = time.monotonic
    spoke: dict[int, float] = field(default_factory=dict)

    async def handle(self, event: Event, row_id: int) -> None:
        """Mostly nothing."""
        text = await self._answer(event) if isinstance(event, Said) else None
        await asyncio.to_thread(self._done, event, row_id)
        if text is not None and isinstance(event, Said):
            await self._say(event, text)

    async def _answer(self, said: Said) -> str | None:
        """What is said to a message; None for nothing."""
        if said.sender.is_bot or said.edited_at is not None:
            return None
        language = language_of(said.text) or said.sender.language or "zh"
        asked = command(said.text)
        if asked is not None and asked.name == "watch" and self.is_scam is not None:
            return await self._switched(said, asked, language)
        if self.me in said.mentions or (asked is not None and asked.to == self.me):
            return self._invitation(said, language)
        if self.is_scam is None or not said.forwarded:
            return None
        watching = await asyncio.to_thread(self._is_watching, said.chat_id)
        return self.is_scam(said.text) if watching else None

    def _invitation(self, said: Said, language: str) -> str:
        """Danger first; else the way to a private chat."""
        found = triage(said.text[:_TRIAGED])
        if found.crisis is not None:
            return self.wording.say(f"emergency_{found.crisis.value}", language)
        if found.urgent and found.stage is not None:
            return self.wording.say(f"stage_{found.stage.value}", language)
        return self.wording.say("group_private", language)

    async def _switched(self, said: Said, asked: Command, language: str) -> str | None:
        """`/watch on` and `/watch off`, by the group's administrators only."""
        if asked.rest not in ("on", "off"):
            return None
        try:
            with translated():
                member = await self.bot.get_chat_member(said.chat_id, said.sender.id)
        except ChannelError:
            return None
        if member.status not in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR):
            return None
        await asyncio.to_thread(self._switch, said.chat_id, asked.rest == "on")
        return self.wording.say(f"group_watch_{asked.rest}", language)

    async def _say(self, said: Said, text: str) -> None:
        now = self.ticks()
        if now - self.spoke.get(said.chat_id, -SPEAKS_EVERY_S) < SPEAKS_EVERY_S:
            return
        if len(self.spoke) > _REMEMBERED:
            self.spoke.clear()
        self.spoke[said.chat_id] = now
        label = self.wording.say("group_button", language_of(said.text) or said.sender.language or "zh")
        button = InlineKeyboardButton(label, url=f"https://t.me/{self.me}?start=group")
        with contextlib.suppress(ChannelError), translated():
            await self.bot.send_message(
                said.chat_id,
                text,
                message_thread_id=said.thread_id,
                reply_markup=InlineKeyboardMarkup([[button]]),
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
