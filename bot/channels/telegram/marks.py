"""What became of an answer, shown on it in the topic: a mark when it arrived, words besides when it did not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.channels.telegram import deeds, links, topics
from bot.channels.telegram.deeds import Deed
from bot.channels.telegram.links import Link
from bot.channels.telegram.words import Words
from bot.conversation import delivery, transcript
from bot.conversation.model import Delivery
from bot.conversation.wording import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks on answers."""

    words: Words
    wording: Wording
    clock: Callable[[], datetime]

    def next(self, tx: Connection, group_id: int) -> Deed | None:
        """The next mark to make."""
        for link in links.undecided(tx, group_id):
            found = transcript.by_id(tx, link.post_id) if link.post_id else None
            if found is None:
                continue
            post = found[1]
            if post.status is Delivery.FAILED:
                return self._undelivered(link, post.error or "")
            if post.status is not Delivery.QUEUED:
                return deeds.mark(link, status=post.status.value, delivered=True)
        return None

    def _undelivered(self, link: Link, error: str) -> Deed:
        """The words are owed together with the mark."""
        reason = delivery.explain(error, self.wording, self.words.language)
        marked = deeds.mark(link, status=Delivery.FAILED.value, delivered=False)
        now = self.clock()

        def settle(tx: Connection, result: object) -> None:
            marked.settle(tx, result)
            text = self.words("not_delivered", reason=reason)
            topics.owe_words(tx, link.chat_id, link.thread_id, text, now=now, reply_to=link.message_id)

        return replace(marked, settle=settle, important=True)
