"""Suggested answers in a topic: shown to colleagues, sent only as they were shown."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from sqlalchemy import Connection

from bot.channels.telegram import markup, topics
from bot.channels.telegram.answering import Answering
from bot.channels.telegram.buttons import Data, packed
from bot.channels.telegram.events import Kind, Pressed, Said
from bot.channels.telegram.topics import Topic
from bot.channels.telegram.words import Words
from bot.conversation import sessions, transcript
from bot.conversation.model import Author
from bot.conversation.suggestions import Suggestion, suggest
from bot.conversation.understanding import Search
from bot.conversation.wording import Wording
from bot.storage.database import Database
from bot.tickets import queue
from bot.tickets.people import Staff

SEND = "send"
_SHOWN = 3_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Reviewed answers to what the citizen wrote last."""

    database: Database
    wording: Wording
    words: Words
    search: Search
    answering: Answering
    clock: Callable[[], datetime]

    def of(self, topic: Topic) -> tuple[Suggestion, ...]:
        """The best ones, best first; slow: not inside a transaction."""
        with self.database.reading() as tx:
            conversation = sessions.by_id(tx, queue.get(tx, topic.ticket_id).conversation_id)
            assert conversation is not None, "a ticket goes with its conversation"
            posts = transcript.all_of(tx, conversation.id)
        question = next((post.text for post in reversed(posts) if post.author is Author.CITIZEN), "")
        language = conversation.state.language
        return suggest(self.search, self.wording, question, language=language, now=self.clock())

    def show(self, tx: Connection, topic: Topic, texts: tuple[str, ...], *, reply_to: int) -> str:
        """Show the best one; words for who asked when there is none."""
        if not texts:
            return self.words("no_suggestion")
        text = texts[0]
        button = packed(Data(action=SEND, id=topic.ticket_id, argument=_fingerprint(text)))
        shown = escape(markup.shortened(f"/r {text}", _SHOWN), quote=False)
        topics.owe_words(
            tx,
            topic.group_id,
            topic.thread_id,
            f"{escape(self.words('suggestion'))}\n<code>{shown}</code>",
            now=self.clock(),
            reply_to=reply_to,
            buttons=[(self.words("button_send"), button)],
        )
        return ""

    def send(
        self,
        tx: Connection,
        pressed: Pressed,
        topic: Topic,
        staff: Staff,
        data: Data,
        suggestions: tuple[Suggestion, ...],
    ) -> str:
        """Only the very text that was shown goes out: the knowledge or the question may have changed since."""
        text = next((each.text for each in suggestions if _fingerprint(each.text) == data.argument), None)
        if text is None:
            return self.words("no_suggestion")
        said = Said(
            place=pressed.place,
            chat_id=pressed.chat_id,
            message_id=pressed.message_id,
            sender=pressed.sender,
            at=datetime.now(UTC),
            kind=Kind.TEXT,
            text=text,
            thread_id=topic.thread_id,
        )
        post = self.answering.answer(tx, said, topic, staff, text, client_id=f"p{pressed.callback_id}")
        return self.words("did_send") if post is not None else ""


def _fingerprint(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"
