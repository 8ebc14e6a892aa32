"""The staff group: what people write in a topic becomes an answer, a move of the ticket, or a note.

Blocking: call it in a thread. Effect and “dealt with” commit together, so that an update that comes again changes
nothing. Who is not tied to an account of staff can do nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from sqlalchemy import Connection

from bot.channels.telegram import identity, inbox, links, markup, topics
from bot.channels.telegram.answering import Answering
from bot.channels.telegram.commands import Command, command
from bot.channels.telegram.events import Happened, Kind, Reacted, Said, Service
from bot.channels.telegram.links import Link, Role
from bot.channels.telegram.orders import Orders
from bot.channels.telegram.permission import SEND, Answer, Internal, judged
from bot.channels.telegram.topics import Topic
from bot.channels.telegram.words import Words
from bot.conversation import handling, transcript
from bot.conversation.wording import Wording
from bot.errors import TicketError
from bot.storage.database import Database
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.model import CloseReason
from bot.tickets.people import Staff

_TAKE_BACK = "👎"  # a reaction of one's own on one's answer
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleagues:
    """The use cases of the staff group.

    Args:
        me: the bot's user name, lower case.
    """

    database: Database
    desk: Desk
    wording: Wording
    words: Words
    answering: Answering
    orders: Orders
    clock: Callable[[], datetime]
    me: str

    def said(self, said: Said, row_id: int) -> None:
        """A message in the group, new or edited."""
        suggestions = self.orders.prepared(said)
        with self.database.transaction() as tx:
            inbox.done(tx, row_id)
            topic = self._topic(tx, said.chat_id, said.thread_id)
            if said.sender.is_bot and not said.sender.anonymous:
                return
            if topic is None:
                self._elsewhere(tx, said)
                return
            if said.sender.anonymous:
                self._tell(tx, said, self.words("anonymous"))
                return
            staff = identity.find(tx, said.sender.id)
            if staff is None:
                return
            if said.edited_at is not None:
                self._edited(tx, said, topic, staff)
                return
            self._written(tx, said, topic, staff, suggestions)

    def reacted(self, reacted: Reacted, row_id: int) -> tuple[Link, tuple[str, ...]] | None:
        """A reaction of staff: taken back is an answer with 👎 by who wrote it; what stands on the citizen's words
        is to be shown to them: the message in their chat, and the reaction.
        """
        with self.database.transaction() as tx:
            inbox.done(tx, row_id)
            staff = identity.find(tx, reacted.sender.id)
            link = links.find(tx, reacted.chat_id, reacted.message_id)
            if staff is None or link is None or link.post_id is None:
                return None
            topic = self._topic(tx, link.chat_id, link.thread_id)
            if link.role is Role.ANSWER and _TAKE_BACK in reacted.emojis and topic is not None:
                self.answering.take_back(tx, topic, staff, link, reply_to=reacted.message_id)
                return None
            if link.role is not Role.CITIZEN:
                return None
            shown = links.of_post(tx, link.post_id, Role.PRIVATE)
            return (shown[0], reacted.emojis[-1:]) if shown else None

    def happened(self, happened: Happened, row_id: int) -> None:
        """Somebody closed or reopened a topic by hand: the ticket follows, when they may."""
        with self.database.transaction() as tx:
            inbox.done(tx, row_id)
            topic = self._topic(tx, happened.chat_id, happened.thread_id)
            if topic is None or happened.sender.is_bot:
                return
            closed = happened.what is Service.TOPIC_CLOSED
            # seen as it is: where the ticket says otherwise, the topic is put right
            topics.change(tx, topic.ticket_id, closed=closed, seen_version=-1)
            staff = identity.find(tx, happened.sender.id)
            if staff is None:
                return
            try:
                self._follow(tx, topic, staff, closed=closed)
            except TicketError as error:
                reason = self.words("refused", reason=escape(str(error)[:_LONGEST_REASON]))
                topics.owe_words(tx, topic.group_id, topic.thread_id, reason, now=self.clock())

    # --- helpers ------------------------------------------------------------------------------------------

    def _topic(self, tx: Connection, group_id: int, thread_id: int | None) -> Topic | None:
        return None if thread_id is None else topics.by_thread(tx, group_id, thread_id)

    def _elsewhere(self, tx: Connection, said: Said) -> None:
        """Outside the topics of tickets people talk as they like; but nobody may believe a citizen was answered."""
        asked = command(said.text)
        to_us = asked is not None and asked.name == SEND and asked.to in (None, self.me)
        if to_us and said.edited_at is None and identity.find(tx, said.sender.id) is not None:
            self._tell(tx, said, self.words("no_ticket_here"))

    def _written(
        self, tx: Connection, said: Said, topic: Topic, staff: Staff, suggestions: tuple[str, ...]
    ) -> None:
        if links.find(tx, said.chat_id, said.message_id) is not None:  # its change came before it
            self._tell(tx, said, self.words("out_of_order"))
            return
        act = self._judged(tx, said, topic, staff)
        match act:
            case Answer():
                self._answer(tx, said, topic, staff, act)
            case Internal():
                self._note(tx, said, topic, staff, act.text)
            case Command():
                self.orders.obey(tx, said, topic, staff, act, suggestions=suggestions)

    def _judged(self, tx: Connection, said: Said, topic: Topic, staff: Staff) -> Answer | Internal | Command:
        replied = links.find(tx, said.chat_id, said.reply_to) if said.reply_to else None
        here = replied is not None and replied.thread_id == topic.thread_id
        return judged(
            said.text,
            reply_to=replied.role if replied is not None and here else None,
            in_reply_mode=topics.in_reply_mode(tx, staff.id, topic.ticket_id, now=self.clock()),
            forwarded=said.forwarded,
            me=self.me,
        )

    def _answer(self, tx: Connection, said: Said, topic: Topic, staff: Staff, act: Answer) -> None:
        if said.kind in (Kind.STICKER, Kind.LOCATION, Kind.CONTACT, Kind.OTHER):
            return  # nothing an office says
        if not act.text and said.kind is Kind.TEXT:
            self._tell(tx, said, self.words("needs_words"))
            return
        self.answering.answer(tx, said, topic, staff, act.text)
        self.orders.stay_in_reply_mode(tx, topic, staff)

    def _note(self, tx: Connection, said: Said, topic: Topic, staff: Staff, text: str) -> None:
        if not text.strip():
            return
        note = handling.note(tx, topic.ticket_id, staff, text, now=self.clock())
        links.add(tx, replace(_internal(said), shown=links.note_mark(note.id)))

    def _edited(self, tx: Connection, said: Said, topic: Topic, staff: Staff) -> None:
        """Only an answer can be changed; a note stays as it was written, and never goes out."""
        link = links.find(tx, said.chat_id, said.message_id)
        if link is None:  # it may be on its way here still: as it was first written it must not go out
            links.add(tx, _internal(said))
            return
        found = transcript.by_id(tx, link.post_id) if link.post_id else None
        if link.role is not Role.ANSWER or found is None:
            return
        act = self._judged(tx, said, topic, staff)
        if isinstance(act, Answer) and (act.text or said.kind is not Kind.TEXT):
            self.answering.reword(tx, said, topic, staff, found[1], act.text or found[1].text)
        else:  # it no longer says that it goes out
            self.answering.take_back(tx, topic, staff, link, reply_to=said.message_id)

    def _follow(self, tx: Connection, topic: Topic, staff: Staff, *, closed: bool) -> None:
        ticket, now = queue.get(tx, topic.ticket_id), self.clock()
        if closed and ticket.is_live:
            handling.close(tx, self.desk, ticket.id, staff, CloseReason.SOLVED, wording=self.wording, now=now)
        elif not closed and not ticket.is_live:
            handling.reopen(tx, self.desk, ticket.id, staff, now=now)

    def _tell(self, tx: Connection, said: Said, text: str) -> None:
        topics.owe_words(
            tx,
            said.chat_id,
            said.thread_id,
            markup.shortened(text, markup.LONGEST_TEXT),
            now=self.clock(),
            reply_to=said.message_id,
        )


def _internal(said: Said) -> Link:
    return Link(
        chat_id=said.chat_id, message_id=said.message_id, thread_id=said.thread_id, role=Role.INTERNAL
    )
