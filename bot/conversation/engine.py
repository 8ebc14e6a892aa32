"""One obvious path for a message: understand it without a lock, then decide and record in one transaction.

Until the commit the platform or the client still owns the message; after it we do. A message whose handling
raises is recorded raw, answered with one kind line that names people to call, and never blocks the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.conversation import my_data, sessions, transcript
from bot.conversation.buttons import menu_choices
from bot.conversation.consequences import escalated, named_ticket, with_ticket
from bot.conversation.delivery import person_is_back
from bot.conversation.dialog import decide
from bot.conversation.feedback import rated
from bot.conversation.form_effects import carry_out, forms_for
from bot.conversation.in_time import InTime
from bot.conversation.model import (
    Address,
    Author,
    Choice,
    Conversation,
    DataMove,
    Delivery,
    Message,
    Post,
    Reply,
    State,
    Turn,
)
from bot.conversation.outcome import Outcome
from bot.conversation.playbook import FormBook, Heard, Playbook
from bot.conversation.transcript import Rating
from bot.conversation.turns import outcome_of, repeated_turn
from bot.conversation.understanding import Search, listen, understood
from bot.conversation.unusual import failure_turn, unreadable
from bot.conversation.wording import Wording
from bot.storage.database import Database
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.model import Escalation, Priority, Receipt
from intents.router import language_of
from intents.triage import Risk, triage
from knowledge.beside import beside
from knowledge.entries import Queue

log = structlog.get_logger(__name__)

LONGEST_EXTERNAL_ID = 128
LONGEST_RAW = 8_000  # characters of a failed message that are kept

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The engine's limits and standing content."""

    longest_message: int
    misses_before_person: int
    forget_context_after: timedelta
    understand_within: timedelta
    danger_entries: dict[str, str]
    meanings: dict[str, str]
    menu: tuple[str, ...]
    forms: FormBook = field(default_factory=FormBook)


class Engine:
    """Handles messages; thread-safe, one instance a process."""

    def __init__(
        self,
        *,
        database: Database,
        search: Search,
        wording: Wording,
        settings: Settings,
        desk: Desk,
        clock: Clock,
    ) -> None:
        self._database = database
        self._search = search
        self._wording = wording
        self._settings = settings
        self._desk = desk
        self._clock = clock
        self._in_time = InTime(settings.understand_within)

    @property
    def wording(self) -> Wording:
        """The phrases, for channels that show standing texts."""
        return self._wording

    def menu(self, language: str) -> tuple[Choice, ...]:
        """The quick topics, for channels that show them beside the chat."""
        with self._database.reading() as tx:
            playbook = self._playbook(tx, None, self._clock())
        return menu_choices(State(language=language), playbook)

    def handle(self, message: Message, *, delivery: Delivery = Delivery.INLINE) -> Outcome:
        """Answer one message and record both; a known `external_id` returns the replies already given.

        Never raises for what a person sent: a failure is recorded and answered.
        """
        now = self._clock()
        try:
            heard = self._in_time.run(partial(self._understood, message, now))
            if isinstance(heard, Outcome):
                return heard
            return self._commit(message, heard, delivery=delivery, now=now)
        except Exception as error:
            log.exception("message_failed", channel=message.sender.channel, error=type(error).__name__)
            return self._failed(message, error, delivery=delivery, now=now)

    def rate(self, sender: Address, seq: int, rating: Rating) -> Reply | None:
        """Store 👍 or 👎 on the bot's message at place `seq`; what to say to that at once.

        None when `sender` has no such message. A ticket this opens is told of by a message in the chat.
        """
        now = self._clock()
        with self._database.transaction() as tx:
            conversation = sessions.find(tx, sender)
            if conversation is None:
                return None
            return rated(tx, self._desk, conversation, seq, rating, wording=self._wording, now=now)

    def _understood(self, message: Message, now: datetime) -> Heard | Outcome | None:
        """What the message says to its chat, or what was already said to it."""
        looking = beside(partial(self._earlier, message))
        listened = listen(
            message.text,
            self._search,
            forms=self._settings.forms.forms,
            longest=self._settings.longest_message,
            now=now,
        )
        earlier = looking.result()
        if isinstance(earlier, Outcome):
            return earlier
        state = earlier.state if earlier else State()
        return understood(listened, state, self._search, now=now) if listened else None

    def _earlier(self, message: Message) -> Conversation | Outcome | None:
        with self._database.reading() as tx:
            conversation = sessions.find(tx, message.sender)
            if conversation is None:
                return None
            return repeated_turn(tx, conversation, message) or conversation

    # --- deciding and recording: fast, one transaction ----------------------------------------------------

    def _commit(self, message: Message, heard: Heard | None, *, delivery: Delivery, now: datetime) -> Outcome:
        with self._database.transaction() as tx:
            language = (heard.language if heard else None) or "zh"
            conversation = sessions.find(tx, message.sender)
            if conversation is None:  # nothing was said, nothing waits for the person, there is no ticket
                conversation = sessions.begin(tx, message.sender, now=now, language=language, posts=1)
                received = transcript.receive(tx, conversation.id, message, now=now, seq=1)
                playbook = self._playbook(tx, None, now)
            else:
                repeated = repeated_turn(tx, conversation, message)
                if repeated is not None:
                    return repeated
                received = transcript.receive(tx, conversation.id, message, now=now)
                person_is_back(tx, conversation.id, now=now)
                playbook = self._playbook(tx, conversation.id, now)
            if heard is not None:
                playbook = replace(
                    playbook,
                    forms=forms_for(tx, self._settings.forms, heard, now=now),
                    named_ticket=named_ticket(tx, conversation, heard),
                )
            turn = (
                unreadable(message, conversation.state, playbook, longest=self._settings.longest_message)
                if heard is None
                else decide(heard, conversation.state, playbook)
            )
            turn, receipt = with_ticket(tx, self._desk, conversation, turn, playbook, received)
            if turn.form is not None:
                carry_out(tx, conversation.id, turn.form, zone=self._wording.zone, now=now)
            if turn.data is DataMove.ERASE:
                conversation, received = self._erased(tx, message, turn, now)
            replies = self._post(
                tx, conversation, turn, received, receipt, state=turn.state, delivery=delivery, now=now
            )
        return outcome_of(conversation, received, turn, replies, receipt, zone=self._desk.zone)

    def _erased(
        self, tx: Connection, message: Message, turn: Turn, now: datetime
    ) -> tuple[Conversation, Post]:
        """Delete what is known of the sender; the message that asked for it is the first of a new conversation,
        so that it is still known when it comes again.
        """
        my_data.erase(tx, message.sender, now=now)
        conversation = sessions.start(tx, message.sender, now=now, language=turn.language)
        return conversation, transcript.receive(tx, conversation.id, message, now=now)

    def _post(
        self,
        tx: Connection,
        conversation: Conversation,
        turn: Turn,
        received: Post,
        receipt: Receipt | None,
        *,
        state: State,
        delivery: Delivery,
        now: datetime,
    ) -> tuple[Post, ...]:
        ticket = receipt.to_json(self._desk.zone) if receipt else None
        facts: dict[str, Any] = {"turn": turn.summary(), "ticket": ticket}
        if turn.shown:
            facts["shown"] = [[entry, round(confidence, 4)] for entry, confidence in turn.shown]
        if turn.data is DataMove.EXPORT:
            facts["download"] = True
        if not turn.replies:  # silent: a repeated message must still find what was decided
            transcript.remember(tx, received.id, facts)
        last = sessions.save(tx, conversation, state, posts=len(turn.replies), now=now)
        return tuple(
            transcript.post(
                tx,
                conversation.id,
                Author.BOT,
                reply.text,
                {**transcript.reply_payload(reply), **facts},
                status=delivery,
                now=now,
                reply_to=received.id,
                seq=seq,
            )
            for seq, reply in enumerate(turn.replies, start=last - len(turn.replies) + 1)
        )

    def _playbook(self, tx: Connection, conversation_id: int | None, now: datetime) -> Playbook:
        live = self._desk.live(tx, conversation_id) if conversation_id is not None else None
        last = queue.last_closed(tx, conversation_id) if conversation_id is not None else None
        return Playbook(
            wording=self._wording,
            entries=self._search.entries(now),
            thresholds=self._search.thresholds,
            danger_entries=self._settings.danger_entries,
            meanings=self._settings.meanings,
            menu=self._settings.menu,
            forms=self._settings.forms,
            misses_before_person=self._settings.misses_before_person,
            forget_context_after=self._settings.forget_context_after,
            staffed=self._desk.is_staffed(tx),
            now=now,
            ticket=self._desk.receipt(tx, live, now=now) if live else None,
            closed_ticket=None if live else last,
            reopen_window=self._desk.reopen_window,
        )

    # --- failing: recorded, answered, never in the way ----------------------------------------------------

    def _failed(self, message: Message, error: Exception, *, delivery: Delivery, now: datetime) -> Outcome:
        danger = triage(message.text[: self._settings.longest_message])
        language = language_of(message.text) or "zh"
        turn = failure_turn(danger, self._wording, language)
        with self._database.transaction() as tx:
            transcript.fail(
                tx,
                message.sender.channel,
                message.sender.user,
                raw=message.text[:LONGEST_RAW],
                reason=type(error).__name__,
                now=now,
            )
            conversation = sessions.start(tx, message.sender, now=now, language=language)
            repeated = repeated_turn(tx, conversation, message)
            if repeated is not None:
                return repeated
            received = transcript.receive(tx, conversation.id, message, now=now)
            receipt = None
            if self._desk.is_staffed(tx):  # every failure of the bot ends with a person
                escalation = Escalation(
                    queue=Queue.FRAUD if turn.risk is not Risk.NONE else Queue.SERVICES,
                    priority=Priority.URGENT if turn.urgent else Priority.NORMAL,
                    reason="the bot failed on this message",
                )
                if self._desk.live(tx, conversation.id) is not None and not turn.urgent:
                    turn = replace(turn, replies=())  # staff have the chat, and now this message
                turn, receipt = escalated(
                    tx, self._desk, conversation, turn, escalation, received, wording=self._wording, now=now
                )
            replies = self._post(
                tx,
                conversation,
                turn,
                received,
                receipt,
                state=conversation.state,
                delivery=delivery,
                now=now,
            )
        return replace(
            outcome_of(conversation, received, turn, replies, receipt, zone=self._desk.zone), failed=True
        )
