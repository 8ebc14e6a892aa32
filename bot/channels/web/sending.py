"""A citizen's files: sent, and looked at again. Blocking: call it in a thread."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from bot.channels.buckets import Buckets
from bot.channels.web.chat import Chat, SlowDown
from bot.channels.web.posts import shown
from bot.channels.web.session import Visitor
from bot.conversation import attachments, sessions
from bot.conversation.attachments import Content
from bot.conversation.files import checked
from bot.conversation.model import Message, Post
from bot.conversation.outcome import Outcome
from bot.errors import FileRefused

MOST_A_DAY = 20  # files of one chat
AN_HOUR_FROM_ONE_ADDRESS = 60
_LEAST_FREE_BYTES = 1024**3  # the desk must be able to write when a stranger fills the disk
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A file as it came. `client_id` is the page's own id of it, the key against doubles."""

    client_id: str
    name: str
    content: bytes


class Files:
    """The files of the web chat.

    Args:
        folder: lies on the disk that must not run full.
        clock_s: seconds of a clock that only runs forward.
    """

    def __init__(self, chat: Chat, *, largest_bytes: int, folder: Path, clock_s: Callable[[], float]) -> None:
        self._chat = chat
        self._folder = folder
        self._clock_s = clock_s
        self._addresses = Buckets(rate=AN_HOUR_FROM_ONE_ADDRESS / 3600, burst=AN_HOUR_FROM_ONE_ADDRESS)
        self._lock = Lock()
        self.largest_bytes = largest_bytes

    def admit(self, visitor: Visitor, *, address: str) -> None:
        """Raises SlowDown or FileRefused when this visitor may not send a file now: before it is read."""
        now = self._chat.clock()
        with self._chat.database.reading() as tx:
            conversation = sessions.find(tx, visitor.address)
            count = attachments.count(tx, conversation.id, since=now - _DAY) if conversation else 0
        if count >= MOST_A_DAY:
            raise FileRefused("too_many")
        if self.is_full:
            raise FileRefused("full")
        with self._lock:
            wait_s = self._addresses.wait(address, self._clock_s())
            if wait_s == 0.0:
                self._addresses.take(address, self._clock_s())
        if wait_s > 0.0:
            language = conversation.state.language if conversation else "zh"
            raise SlowDown(self._chat.engine.wording.say("slow_down", language), wait_s=wait_s)

    @property
    def is_full(self) -> bool:
        """Whether the disk is too full for files of strangers."""
        return self._folder.exists() and shutil.disk_usage(self._folder).free < _LEAST_FREE_BYTES

    def send(self, visitor: Visitor, sent: Sent) -> Outcome:
        """What came of a file; the same one again gives the same. Raises FileRefused for what is not taken."""
        upload = checked(sent.name, sent.content, largest_bytes=self.largest_bytes)
        message = Message(sender=visitor.address, text="", external_id=sent.client_id, files=(upload,))
        outcome = self._chat.metrics.handle(self._chat.engine, message)
        self._chat.hub.wake(visitor.address.user)
        return outcome

    def shown(self, visitor: Visitor, post: Post) -> dict[str, Any]:
        """A message of the visitor's chat with its files, as the page gets it."""
        with self._chat.database.reading() as tx:
            conversation = sessions.find(tx, visitor.address)
            return shown(post, attachments.listing(tx, conversation.id) if conversation else ())

    def read(self, visitor: Visitor, public_id: str) -> Content | None:
        """A file of the visitor's own chat, also one that staff sent."""
        with self._chat.database.reading() as tx:
            conversation = sessions.find(tx, visitor.address)
            return attachments.content(tx, conversation.id, public_id) if conversation else None

    def explain(self, visitor: Visitor, refused: FileRefused) -> str:
        """Why a file is not taken, in the language of the chat."""
        with self._chat.database.reading() as tx:
            conversation = sessions.find(tx, visitor.address)
        language = conversation.state.language if conversation else "zh"
        limit = self.largest_bytes // 1024**2
        return self._chat.engine.wording.say(f"file_{refused.code}", language, limit=limit)
