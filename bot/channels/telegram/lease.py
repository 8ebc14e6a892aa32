"""One process at a time receives from Telegram and mirrors the desk: who, is a row with an end that is moved on."""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.telegram import inbox
from bot.errors import ChannelError
from bot.storage.database import Database

LASTS, RENEW_S = timedelta(seconds=30), 10.0
_LONGEST_HOST = 24


def _this_process() -> str:
    return f"{socket.gethostname()[:_LONGEST_HOST]}:{os.getpid()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The lease of one bot."""

    database: Database
    bot_id: int
    clock: Callable[[], datetime]
    holder: str = field(default_factory=_this_process)

    async def wait(self) -> None:
        """Return once it is ours."""
        while not await asyncio.to_thread(self.take):
            await asyncio.sleep(RENEW_S)

    async def keep(self) -> None:
        """Keep it. Raises ChannelError when another process has it."""
        while True:
            await asyncio.sleep(RENEW_S)
            if not await asyncio.to_thread(self.take):
                raise ChannelError("another process talks to Telegram")

    def take(self) -> bool:
        """Whether it is ours, from now on for a while."""
        now = self.clock()
        with self.database.transaction() as tx:
            before = inbox.holder(tx, self.bot_id)
            if before is not None and before != self.holder and _is_dead(before):
                inbox.let_go(tx, self.bot_id, before)
            return inbox.hold(tx, self.bot_id, self.holder, now=now, until=now + LASTS)

    def let_go(self) -> None:
        """Another process may have it at once."""
        with self.database.transaction() as tx:
            inbox.let_go(tx, self.bot_id, self.holder)


def _is_dead(holder: str) -> bool:
    """Whether the process that held it ran on this machine and no longer does: killed, it cannot say so."""
    host, _, pid = holder.rpartition(":")
    if host != socket.gethostname()[:_LONGEST_HOST] or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
