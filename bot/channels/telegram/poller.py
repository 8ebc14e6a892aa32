"""Long polling with a loop of our own: the next call confirms what came before, so it is made after the commit.

The library's own loop confirms updates that it holds in memory only, and stops at one it cannot read.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog

from bot.channels.telegram import inbox
from bot.channels.telegram.counts import Counts
from bot.channels.telegram.parse import ALLOWED
from bot.storage.database import Database

log = structlog.get_logger(__name__)

LONG_POLL_S = 25
_READ_S = LONG_POLL_S + 15.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0
_QUIET = timedelta(days=6)  # after a week without updates their ids begin anywhere: ask without an offset


class Poller:
    """Fetches updates into the inbox.

    Args:
        url: of the bot at the API, with its token: never logged.
        wake: called after new updates were committed.
    """

    def __init__(
        self,
        *,
        url: str,
        bot_id: int,
        database: Database,
        counts: Counts,
        clock: Callable[[], datetime],
        wake: Callable[[], None],
        long_poll_s: int = LONG_POLL_S,
    ) -> None:
        self._url = url
        self._bot_id = bot_id
        self._database = database
        self._counts = counts
        self._clock = clock
        self._wake = wake
        self._long_poll_s = long_poll_s

    async def run(self) -> None:
        """Poll until cancelled."""
        wait_s = _FIRST_WAIT_S
        async with httpx.AsyncClient(timeout=httpx.Timeout(_READ_S, connect=10.0)) as client:
            while True:
                asked_to_wait = await self._try(client)
                if asked_to_wait is None:
                    wait_s = _FIRST_WAIT_S
                    continue
                self._counts.polls_failed.inc()
                await asyncio.sleep(max(asked_to_wait, wait_s))
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    async def _try(self, client: httpx.AsyncClient) -> float | None:
        """None when it went well, else the least seconds to wait."""
        try:
            return await self.once(client)
        except httpx.HTTPError as error:
            log.warning("telegram_unreachable", error=type(error).__name__)
        except ValueError:
            log.warning("telegram_answers_nonsense")
        except Exception as error:  # the database: what was not committed comes again
            log.exception("telegram_inbox_failed", error=type(error).__name__)
        return 0.0

    async def once(self, client: httpx.AsyncClient) -> float | None:
        """One call: fetch, commit, wake. Seconds to wait when Telegram refuses, None when it does not."""
        offset = await asyncio.to_thread(self._offset)
        asked = {"timeout": self._long_poll_s, "allowed_updates": list(ALLOWED)}
        answer = await client.post(
            f"{self._url}/getUpdates", json=asked if offset == 0 else {**asked, "offset": offset}
        )
        body: dict[str, Any] = answer.json()
        if not body.get("ok"):
            log.error("telegram_refuses_updates", code=body.get("error_code"), reason=body.get("description"))
            return float((body.get("parameters") or {}).get("retry_after", 0))
        updates = [
            (int(each["update_id"]), json.dumps(each, ensure_ascii=False)) for each in body.get("result", ())
        ]
        if updates:
            await asyncio.to_thread(self._keep, updates)
            self._wake()
        return None

    def _offset(self) -> int:
        with self._database.reading() as tx:
            last = inbox.last_received(tx, self._bot_id)
            if last is not None and self._clock() - last > _QUIET:
                return 0
            return inbox.offset(tx, self._bot_id)

    def _keep(self, updates: list[tuple[int, str]]) -> None:
        now = self._clock()
        with self._database.transaction() as tx:
            inbox.receive(tx, self._bot_id, updates, now=now)
            inbox.advance(tx, self._bot_id, last_update_id=updates[-1][0], now=now)
