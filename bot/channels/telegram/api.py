"""The client of Telegram, and what its refusals mean to us. The only place that knows its exceptions.

ChannelError
├── RetryLater
│   └── Ambiguous     it may have arrived all the same
├── Undeliverable
│   └── BadMarkup     the tags of a text are wrong: send it without
├── TopicLost         the topic is gone: make it anew
├── TopicClosed       reopen it
├── MessageLost       the message to edit, copy or answer is gone
├── Unchanged         nothing to do: as good as done
├── Migrated          the group has another id now
└── Stopped           wrong token, or somebody else polls: nothing works until a person acts
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.conversation.delivery import Trouble
from bot.errors import ChannelError, RetryLater, Undeliverable

_READ_S, _CONNECT_S = 20.0, 10.0
AGAIN = timedelta(seconds=5)  # before something that may have arrived is sent once more
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Ambiguous(RetryLater):
    """No answer came: it may have arrived."""


class BadMarkup(Undeliverable):
    """Telegram cannot read the tags."""


class TopicLost(ChannelError):
    """Somebody deleted the topic."""


class TopicClosed(ChannelError):
    """The topic takes no messages while it is closed."""


class MessageLost(ChannelError):
    """The message this is about no longer exists, or cannot be changed."""


class Unchanged(ChannelError):
    """It already is as it should be."""


class Stopped(ChannelError):
    """The token is wrong, or another program uses it."""


class Migrated(ChannelError):
    """The group became a supergroup with the id `chat_id`."""

    def __init__(self, chat_id: int) -> None:
        super().__init__(f"the group now is {chat_id}")
        self.chat_id = chat_id


def open_bot(token: str, *, api: str) -> Bot:
    """A client; `initialize()` asks Telegram who it is."""
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # else every flood limit warns that ints will go away
    return Bot(
        token,
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=32,
            read_timeout=_READ_S,
            write_timeout=_READ_S,
            connect_timeout=_CONNECT_S,
            pool_timeout=_CONNECT_S,
            media_write_timeout=60.0,
        ),
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turns the library's exceptions into ours."""
    try:
        yield
    except TelegramError as error:
        raise meaning(error) from error


def meaning(error: TelegramError) -> ChannelError:
    """What an exception of the library means to us; the most specific class first."""
    if isinstance(error, RetryAfter):
        return RetryLater(Trouble.SLOW_DOWN, after=_wait(error))
    if isinstance(error, ChatMigrated):
        return Migrated(error.new_chat_id)
    if isinstance(error, InvalidToken):
        return Stopped("the token is wrong")  # the library's words quote it
    if isinstance(error, Conflict):
        return Stopped(str(error))
    if isinstance(error, Forbidden):
        gone = "deactivated" in str(error).lower()
        return Undeliverable(Trouble.GONE if gone else Trouble.BLOCKED)
    if isinstance(error, BadRequest):  # a child of NetworkError
        return _refused(str(error).lower())
    if isinstance(
        error, NetworkError
    ):  # a timeout is one, and so is 5xx: a gateway may fail after the effect
        left = not isinstance(error.__cause__, _NEVER_LEFT)
        return Ambiguous(Trouble.UNREACHABLE, after=AGAIN) if left else RetryLater(Trouble.UNREACHABLE)
    return Undeliverable(Trouble.REFUSED)


def _refused(words: str) -> ChannelError:
    if any(sign in words for sign in ("thread not found", "topic_deleted", "topic_id_invalid")):
        return TopicLost(words)
    if "topic_closed" in words:
        return TopicClosed(words)
    if any(sign in words for sign in ("not modified", "topic_not_modified")):
        return Unchanged(words)
    if any(sign in words for sign in ("query is too old", "query id is invalid")):
        return Unchanged(words)
    if "can't parse entities" in words:
        return BadMarkup(Trouble.REFUSED)
    if "not found" in words and "message" in words:
        return MessageLost(words)
    if any(sign in words for sign in ("can't be edited", "can't be copied", "message_id_invalid")):
        return MessageLost(words)
    if "chat not found" in words:
        return Undeliverable(Trouble.GONE)
    return Undeliverable(Trouble.REFUSED)


def _wait(error: RetryAfter) -> timedelta:
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
