"""Commands in a topic and buttons of its card: moves of the ticket, the same ones the web console makes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from sqlalchemy import Connection

from bot.channels.telegram import identity, inbox, links, markup, topics
from bot.channels.telegram.advice import SEND, Advice
from bot.channels.telegram.answering import Answering
from bot.channels.telegram.buttons import Data, packed, unpacked
from bot.channels.telegram.commands import Command, command
from bot.channels.telegram.events import Pressed, Said
from bot.channels.telegram.links import Link, Role
from bot.channels.telegram.topics import Topic
from bot.channels.telegram.words import Words
from bot.conversation import handling
from bot.conversation.suggestions import Suggestion
from bot.conversation.wording import Wording
from bot.errors import CallBackMissing, StaffError, TicketError
from bot.storage.database import Database
from bot.tickets import queue
from bot.tickets import staff as accounts
from bot.tickets.desk import Desk
from bot.tickets.model import CloseReason, Ticket
from bot.tickets.people import Staff
from knowledge.entries import Queue

CLAIM, URGENT, GIVE, TO, SUGGEST, END, CLOSE, MODE = (
    "claim",
    "urgent",
    "give",
    "to",
    "sugg",
    "end",
    "close",
    "mode",
)
REASONS = (
    CloseReason.SOLVED,
    CloseReason.REFERRED,
    CloseReason.NO_REPLY,
    CloseReason.DUPLICATE,
    CloseReason.SPAM,
)
_SHOWN_SUGGESTION = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What staff order in a topic."""

    database: Database
    desk: Desk
    wording: Wording
    words: Words
    advice: Advice
    answering: Answering
    reply_mode: timedelta
    clock: Callable[[], datetime]

    def prepared(self, said: Said) -> tuple[str, ...]:
        """Suggestions, where they are asked for: they are looked for before the transaction."""
        asked = command(said.text)
        if asked is None or asked.name != "suggest" or said.thread_id is None:
            return ()
        with self.database.reading() as tx:
            topic = topics.by_thread(tx, said.chat_id, said.thread_id)
            allowed = identity.find(tx, said.sender.id) is not None
        return tuple(each.text for each in self.advice.of(topic)) if topic and allowed else ()

    def obey(
        self,
        tx: Connection,
        said: Said,
        topic: Topic,
        staff: Staff,
        asked: Command,
        *,
        suggestions: tuple[str, ...],
    ) -> None:
        """A command other than the one that answers; an unknown one shows what there is."""
        try:
            words = self._ordered(tx, said, topic, staff, asked, suggestions)
        except (TicketError, StaffError) as error:
            words = self._refused(error)
        if words:
            self.answering.tell(tx, said, words)

    def stay_in_reply_mode(self, tx: Connection, topic: Topic, staff: Staff) -> None:
        """Who writes in reply mode stays in it."""
        now = self.clock()
        if topics.in_reply_mode(tx, staff.id, topic.ticket_id, now=now):
            topics.set_reply_mode(tx, staff.id, topic.ticket_id, until=now + self.reply_mode)

    def pressed(self, pressed: Pressed, row_id: int) -> str:
        """A button; what its presser is told in a moment's notice."""
        data = unpacked(pressed.data)
        suggestions = self._asked_for(data, pressed)
        with self.database.transaction() as tx:
            inbox.done(tx, row_id)
            staff = identity.find(tx, pressed.sender.id)
            if staff is None:
                return self.words("stranger")
            topic = topics.of_ticket(tx, data.id) if data else None
            if data is None or topic is None or topic.group_id != pressed.chat_id:
                return ""
            try:
                return self._done(tx, pressed, topic, staff, data, suggestions)
            except TicketError as error:
                return markup.shortened(self.words("refused", reason=str(error)), 200)

    # --- commands -----------------------------------------------------------------------------------------

    def _ordered(
        self,
        tx: Connection,
        said: Said,
        topic: Topic,
        staff: Staff,
        asked: Command,
        suggestions: tuple[str, ...],
    ) -> str:
        now, ticket_id = self.clock(), topic.ticket_id
        match asked.name:
            case "claim":
                handling.claim(tx, self.desk, ticket_id, staff, now=now)
                return self.words("did_claim")
            case "urgent":
                handling.mark_urgent(tx, self.desk, ticket_id, staff, now=now)
                return self.words("did_urgent")
            case "resolve":
                handling.resolve(tx, self.desk, ticket_id, staff, wording=self.wording, now=now)
                return self.words("resolved")
            case "assign":
                return self._assigned(tx, ticket_id, staff, asked.rest.lstrip("@"))
            case "close":
                return self._closed(tx, ticket_id, staff, asked.rest or CloseReason.SOLVED.value)
            case "reopen":
                handling.reopen(tx, self.desk, ticket_id, staff, now=now)
                return self.words("reopened")
            case "note":
                handling.note(tx, ticket_id, staff, asked.rest, now=now)
                return ""
            case "mode":
                return self._mode_switched(tx, topic, staff)
            case "undo":
                link = self._replied(tx, said)
                self.answering.take_back(tx, topic, staff, link, reply_to=said.message_id)
                return ""
            case "suggest":
                return self.advice.show(tx, topic, suggestions, reply_to=said.message_id)
            case _:
                return escape(self.words("help"))

    def _assigned(self, tx: Connection, ticket_id: int, staff: Staff, username: str) -> str:
        to = accounts.by_username(tx, username)
        if to is None:
            return self.words("no_such_person", name=escape(username[:64]))
        handling.reassign(tx, self.desk, ticket_id, to, staff, now=self.clock())
        return self.words("assigned", name=escape(to.name))

    def _closed(self, tx: Connection, ticket_id: int, staff: Staff, reason: str) -> str:
        if reason not in {each.value for each in REASONS}:
            return escape(self.words("closed_how"))
        handling.close(
            tx, self.desk, ticket_id, staff, CloseReason(reason), wording=self.wording, now=self.clock()
        )
        return self.words("did_close")

    def _mode_switched(self, tx: Connection, topic: Topic, staff: Staff) -> str:
        now = self.clock()
        if topics.in_reply_mode(tx, staff.id, topic.ticket_id, now=now):
            topics.set_reply_mode(tx, staff.id, topic.ticket_id, until=None)
            return self.words("mode_off")
        topics.set_reply_mode(tx, staff.id, topic.ticket_id, until=now + self.reply_mode)
        return self.words("mode_on", minutes=int(self.reply_mode.total_seconds() // 60))

    def _replied(self, tx: Connection, said: Said) -> Link | None:
        link = links.find(tx, said.chat_id, said.reply_to) if said.reply_to else None
        return link if link is not None and link.role is Role.ANSWER else None

    # --- buttons ------------------------------------------------------------------------------------------

    def _done(
        self,
        tx: Connection,
        pressed: Pressed,
        topic: Topic,
        staff: Staff,
        data: Data,
        suggestions: tuple[Suggestion, ...],
    ) -> str:
        now = self.clock()
        match data.action:
            case "claim":
                handling.claim(tx, self.desk, data.id, staff, now=now)
                return self.words("did_claim")
            case "urgent":
                handling.mark_urgent(tx, self.desk, data.id, staff, now=now)
                return self.words("did_urgent")
            case "mode":
                return self._mode_switched(tx, topic, staff)
            case "give" | "end":
                self._ask(tx, topic, pressed, data)
                return ""
            case "to":
                handling.transfer(tx, self.desk, data.id, Queue(data.argument), staff, note="", now=now)
                return self.words("did_transfer")
            case "close":
                return self._closed(tx, data.id, staff, data.argument)
            case "sugg":
                texts = tuple(each.text for each in suggestions)
                return self.advice.show(tx, topic, texts, reply_to=pressed.message_id)
            case "send":
                return self.advice.send(tx, pressed, topic, staff, data, suggestions)
        return ""

    def _ask(self, tx: Connection, topic: Topic, pressed: Pressed, data: Data) -> None:
        ticket = queue.get(tx, data.id)
        if data.action == GIVE:
            text = self.words("button_transfer")
            choices = [
                (self.wording.say(f"queue_{each.value}", self.words.language), TO, each.value)
                for each in Queue
                if each is not ticket.queue
            ]
        else:
            text = self.words("button_close")
            choices = [(self.words(f"reason_{each.value}"), CLOSE, each.value) for each in REASONS]
        topics.owe_words(
            tx,
            topic.group_id,
            topic.thread_id,
            f"{escape(text)} #{ticket.number}",
            now=self.clock(),
            reply_to=pressed.message_id,
            buttons=[
                (label, packed(Data(action=action, id=ticket.id, argument=argument)))
                for label, action, argument in choices
            ],
        )

    def _asked_for(self, data: Data | None, pressed: Pressed) -> tuple[Suggestion, ...]:
        if data is None or data.action not in (SUGGEST, SEND):
            return ()
        with self.database.reading() as tx:
            topic = topics.of_ticket(tx, data.id)
            allowed = identity.find(tx, pressed.sender.id) is not None
        return self.advice.of(topic) if topic is not None and allowed else ()

    def _refused(self, error: TicketError | StaffError) -> str:
        if isinstance(error, CallBackMissing):
            return self.words("call_back_first")
        return self.words("refused", reason=escape(markup.shortened(str(error), 200)))


def card_buttons(ticket: Ticket, words: Words) -> list[tuple[str, Data]]:
    """What a card offers; nothing once the ticket is closed."""
    if not ticket.is_live:
        return []
    offered = [
        (words("button_claim"), CLAIM),
        (words("button_transfer"), GIVE),
        (words("button_suggest"), SUGGEST),
        (words("button_close"), END),
        (words("button_mode"), MODE),
        (words("button_urgent"), URGENT),
    ]
    return [(label, Data(action=action, id=ticket.id)) for label, action in offered]
