"""Brings every event to who deals with it, and does around it what needs Telegram: files, typing, a button's notice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from telegram import Bot
from telegram.constants import ChatAction

from bot.channels.telegram import groups, inbox, topics
from bot.channels.telegram.api import translated
from bot.channels.telegram.citizens import Citizens
from bot.channels.telegram.colleagues import Colleagues
from bot.channels.telegram.events import (
    Event,
    File,
    Happened,
    Kind,
    Membership,
    Place,
    Pressed,
    Reacted,
    Said,
    Service,
)
from bot.channels.telegram.kept import LARGEST_BYTES
from bot.channels.telegram.orders import Orders
from bot.channels.telegram.public import Public
from bot.channels.telegram.sender import NAME
from bot.config_channels import TelegramGroups
from bot.conversation import sessions
from bot.conversation.model import Address
from bot.errors import ChannelError
from bot.storage.database import Database
from bot.tickets import queue

log = structlog.get_logger(__name__)

_TYPING_AFTER_S = 0.4
_NOTICE_S = 3.0  # how long a button's notice may take; it is only kind
_LONGEST_NOTICE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """The handler of the worker.

    Args:
        told: called after the chat of this address got a message, so that its page shows it at once.
    """

    bot: Bot
    database: Database
    settings: TelegramGroups
    citizens: Citizens
    colleagues: Colleagues
    orders: Orders
    public: Public
    told: Callable[[Address], None]

    async def handle(self, event: Event, row_id: int) -> None:
        """As the worker's protocol."""
        if isinstance(event, Happened) and event.what is Service.MIGRATED:
            await asyncio.to_thread(self._migrated, event, row_id)
        elif event.place is Place.PRIVATE:
            await self._private(event, row_id)
        elif await asyncio.to_thread(self._is_of_staff, event.chat_id):
            await self._of_staff(event, row_id)
        elif event.place is Place.GROUP:
            await self.public.handle(event, row_id)
        else:
            await asyncio.to_thread(self._done, row_id)

    async def _private(self, event: Event, row_id: int) -> None:
        match event:
            case Said():
                content = await self._content(event.file) if self.citizens.wants_file(event) else None
                async with self._typing(event):
                    await asyncio.to_thread(self.citizens.said, event, content, row_id)
            case Pressed():
                await self._notice(event, "")
                await asyncio.to_thread(self.citizens.pressed, event, row_id)
            case Reacted():
                await asyncio.to_thread(self.citizens.reacted, event, row_id)
            case Membership():
                await asyncio.to_thread(self.citizens.membership, event, row_id)
            case Happened():
                await asyncio.to_thread(self._done, row_id)

    async def _of_staff(self, event: Event, row_id: int) -> None:
        match event:
            case Said():
                await asyncio.to_thread(self.colleagues.said, event, row_id)
                await asyncio.to_thread(self._tell, event.chat_id, event.thread_id)
            case Pressed():
                notice = await asyncio.to_thread(self.orders.pressed, event, row_id)
                await asyncio.to_thread(self._tell, event.chat_id, event.thread_id)
                await self._notice(event, notice)
            case Reacted():
                shown = await asyncio.to_thread(self.colleagues.reacted, event, row_id)
                if shown is not None:
                    link, emojis = shown
                    await self._react(link.chat_id, link.message_id, emojis)
            case Happened():
                await asyncio.to_thread(self.colleagues.happened, event, row_id)
                await asyncio.to_thread(self._tell, event.chat_id, event.thread_id)
            case Membership():
                if not event.is_member:
                    log.error("telegram_thrown_out", group=event.chat_id)
                await asyncio.to_thread(self._done, row_id)

    async def _content(self, file: File | None) -> bytes | None:
        """The file, fetched through the configured address only; None when it is too large or cannot be had."""
        if file is None or (file.size_bytes or 0) > LARGEST_BYTES:
            return None
        try:
            with translated():
                found = await self.bot.get_file(file.id)
                if (found.file_size or 0) > LARGEST_BYTES or not self._is_ours(found.file_path):
                    return None
                return bytes(await found.download_as_bytearray())
        except ChannelError as error:
            log.warning("telegram_file_lost", error=type(error).__name__)
            return None

    def _is_ours(self, path: str | None) -> bool:
        """A path that is an address elsewhere is not followed."""
        return path is not None and path.startswith(self.bot.base_file_url)

    @asynccontextmanager
    async def _typing(self, said: Said) -> AsyncIterator[None]:
        """“typing …” where an answer takes a moment."""
        if said.kind is not Kind.TEXT:
            yield
            return
        task = asyncio.create_task(self._type(said.chat_id))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, ChannelError):
                await task

    async def _type(self, chat_id: int) -> None:
        await asyncio.sleep(_TYPING_AFTER_S)
        with translated():
            await self.bot.send_chat_action(chat_id, ChatAction.TYPING)

    async def _notice(self, pressed: Pressed, text: str) -> None:
        """Without it the button keeps turning; it changes nothing, so its failure matters to nobody."""
        with contextlib.suppress(ChannelError, TimeoutError):
            async with asyncio.timeout(_NOTICE_S):
                with translated():
                    await self.bot.answer_callback_query(
                        pressed.callback_id, text[:_LONGEST_NOTICE] or None, show_alert=len(text) > 20
                    )

    async def _react(self, chat_id: int, message_id: int, emojis: tuple[str, ...]) -> None:
        with contextlib.suppress(ChannelError), translated():
            await self.bot.set_message_reaction(chat_id, message_id, list(emojis))

    def _tell(self, group_id: int, thread_id: int | None) -> None:
        """A page that is open for the ticket of this topic looks at once."""
        with self.database.reading() as tx:
            topic = topics.by_thread(tx, group_id, thread_id) if thread_id is not None else None
            ticket = queue.get(tx, topic.ticket_id) if topic is not None else None
            conversation = sessions.by_id(tx, ticket.conversation_id) if ticket is not None else None
        if conversation is not None and conversation.address.channel != NAME:
            self.told(conversation.address)

    def _is_of_staff(self, chat_id: int) -> bool:
        with self.database.reading() as tx:
            return groups.original(tx, chat_id) in self.settings.every

    def _migrated(self, event: Happened, row_id: int) -> None:
        assert event.moved_to is not None
        with self.database.transaction() as tx:
            inbox.done(tx, row_id)
            groups.moved(tx, event.chat_id, event.moved_to)
            topics.move_group(tx, event.chat_id, event.moved_to)

    def _done(self, row_id: int) -> None:
        with self.database.transaction() as tx:
            inbox.done(tx, row_id)
