"""What staff write to the citizen from a topic: sent after a moment in which it can be taken back or changed.

The moves are those of the web console; a colleague who was faster is noticed the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from sqlalchemy import Connection

from bot.channels.telegram import links, markup, topics
from bot.channels.telegram.events import Kind, Said
from bot.channels.telegram.links import Link, Role
from bot.channels.telegram.sender import COPY, NAME
from bot.channels.telegram.topics import Topic
from bot.channels.telegram.words import Words
from bot.conversation import delivery, handling, sessions, taking_back, transcript
from bot.conversation.model import Author, Conversation, Delivery, Post
from bot.conversation.wording import Wording
from bot.errors import LateAnswer, TicketError
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.people import Staff

_QUOTED = 600  # characters of a colleague's answer shown to who came late


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Answers from topics.

    Args:
        undo_window: how long an answer waits; only where we carry it: an open web page shows it at once.
    """

    desk: Desk
    wording: Wording
    words: Words
    undo_window: timedelta
    clock: Callable[[], datetime]

    def answer(
        self,
        tx: Connection,
        said: Said,
        topic: Topic,
        staff: Staff,
        text: str,
        *,
        client_id: str | None = None,
    ) -> Post | None:
        """Post `text`, and the file that comes with it; None when it did not work, which staff are told."""
        conversation = self._conversation(tx, topic)
        has_file = said.kind is not Kind.TEXT
        if has_file and conversation.address.channel != NAME:
            self.tell(tx, said, self.words("no_files", channel=conversation.address.channel))
            return None
        body = text or f"【{self.wording.say(f'thing_{said.kind.value}', conversation.state.language)}】"
        post = self._posted(tx, said, topic, staff, body, client_id or f"tg{said.chat_id}.{said.message_id}")
        if post is None:
            return None
        if has_file:
            copy = {"chat": said.chat_id, "message": said.message_id, "kind": said.kind.value}
            transcript.remember(tx, post.id, {**post.payload, COPY: copy})
        if conversation.address.channel == NAME:
            delivery.hold(tx, post.id, until=self.clock() + self.undo_window)
        links.add(tx, _link(said, post))
        return post

    def reword(self, tx: Connection, said: Said, topic: Topic, staff: Staff, post: Post, text: str) -> None:
        """The changed answer: in place while nobody has it, else as a correction."""
        if said.edited_at is None:
            return
        if text == post.text:
            if said.kind is not Kind.TEXT and post.status is not Delivery.QUEUED:
                self.tell(tx, said, self.words("file_stays"))  # another file, and the citizen has the first
            return
        try:
            ticket = queue.get(tx, topic.ticket_id)
            waits = self._conversation(tx, topic).address.channel == NAME  # else it may be on a page already
            if waits and taking_back.reword(tx, ticket, staff, post, text, now=self.clock()):
                return
        except TicketError as error:
            self.tell(tx, said, self._refused(error))
            return
        stamp = int(said.edited_at.timestamp())
        corrected = f"{self.words('correction')}{text}"
        self._posted(tx, said, topic, staff, corrected, f"tg{said.chat_id}.{said.message_id}e{stamp}")

    def take_back(
        self, tx: Connection, topic: Topic, staff: Staff, link: Link | None, *, reply_to: int
    ) -> None:
        """Take back the answer behind `link`, or the person's last one; staff are told what came of it."""
        post = self._answer_behind(tx, link) if link is not None else self._last(tx, topic, staff)
        words = "nothing_to_undo"
        if post is not None:
            try:
                taking_back.take_back(tx, self.desk, topic.ticket_id, staff, post, now=self.clock())
                words = "undone"
            except TicketError:
                words = "too_late"
        topics.owe_words(
            tx, topic.group_id, topic.thread_id, self.words(words), now=self.clock(), reply_to=reply_to
        )

    def tell(self, tx: Connection, said: Said, text: str, *, seq: int = 0) -> None:
        """Say something to who wrote `said`."""
        topics.owe_words(
            tx, said.chat_id, said.thread_id, text, now=self.clock(), reply_to=said.message_id, seq=seq
        )

    def _posted(
        self, tx: Connection, said: Said, topic: Topic, staff: Staff, text: str, client_id: str
    ) -> Post | None:
        assert topic.thread_id is not None, "it was found by its thread"
        seen = links.seen_before(tx, said.chat_id, topic.thread_id, said.message_id)
        try:
            return handling.answer(
                tx,
                self.desk,
                topic.ticket_id,
                staff,
                text,
                seen_seq=seen,
                now=self.clock(),
                client_id=client_id,
            )
        except LateAnswer as late:
            self._tell_late(tx, said, topic, staff, late, seen)
        except TicketError as error:
            self.tell(tx, said, self._refused(error))
        return None

    def _tell_late(
        self, tx: Connection, said: Said, topic: Topic, staff: Staff, late: LateAnswer, seen: int
    ) -> None:
        """With what the colleague wrote: who reads this may send all the same."""
        missed = [
            post
            for post in transcript.after(tx, self._conversation(tx, topic).id, seen)
            if post.author is Author.STAFF and post.payload.get("staff") != staff.id
        ]
        quoted = "\n".join(f"<blockquote>{escape(each.text[:_QUOTED])}</blockquote>" for each in missed[-3:])
        text = self.words("late", name=escape(late.name), text=quoted)
        self.tell(tx, said, text, seq=missed[-1].seq if missed else 0)

    def _answer_behind(self, tx: Connection, link: Link) -> Post | None:
        found = transcript.by_id(tx, link.post_id) if link.post_id and link.role is Role.ANSWER else None
        return found[1] if found else None

    def _last(self, tx: Connection, topic: Topic, staff: Staff) -> Post | None:
        """The person's newest answer that is still here."""
        posts = transcript.all_of(tx, self._conversation(tx, topic).id)
        mine = [post for post in posts if post.payload.get("staff") == staff.id]
        waiting = [post for post in mine if post.status is Delivery.QUEUED]
        return waiting[-1] if waiting else mine[-1] if mine else None

    def _conversation(self, tx: Connection, topic: Topic) -> Conversation:
        ticket = queue.get(tx, topic.ticket_id)
        conversation = sessions.by_id(tx, ticket.conversation_id)
        assert conversation is not None, "a ticket goes with its conversation"
        return conversation

    def _refused(self, error: TicketError) -> str:
        return self.words("refused", reason=escape(markup.shortened(str(error), 200)))


def _link(said: Said, post: Post) -> Link:
    return Link(
        chat_id=said.chat_id,
        message_id=said.message_id,
        thread_id=said.thread_id,
        role=Role.ANSWER,
        post_id=post.id,
        seq=post.seq,
        kind=said.kind,
        shown=Delivery.QUEUED.value,
    )
