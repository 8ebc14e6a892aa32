"""One obvious path for a message: understand it without a lock, then decide and record in one transaction.

Until the commit the platform or the client still owns the message; after it we do. A message whose handling
raises is recorded raw, answered with one kind line that names people to call, and never blocks the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.conversation import my_data, sessions, transcript
from bot.conversation.buttons import menu_choices
from bot.conversation.consequences import escalated, with_ticket
from bot.conversation.delivery import person_is_back
from bot.conversation.dialog import decide
from bot.conversation.feedback import rated
from bot.conversation.form_effects import carry_out, forms_for
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
from bot.conversation.understanding import Search, understand
from bot.conversation.unusual import failure_turn, unreadable
from bot.conversation.wording import Wording
from bot.storage.database import Database
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.model import Escalation, Priority, Receipt
from intents.router import language_of
from intents.triage import Risk, triage
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
            earlier = self._earlier(message)
            if isinstance(earlier, Outcome):
                return earlier
            state = earlier.state if earlier else State()
            heard = understand(
                message.text, state, self._search, longest=self._settings.longest_message, now=now
            )
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

    def _earlier(self, message: Message) -> Conversation | Outcome | None:
        with self._database.reading() as tx:
            conversation = sessions.find(tx, message.sender)
            if conversation is None:
                return None
            return self._repeated(tx, conversation, message) or conversation

    def _repeated(self, tx: Connection, conversation: Conversation, message: Message) -> Outcome | None:
        known = transcript.known(tx, conversation.id, message.external_id)
        if known is None:
            return None
        replies = transcript.replies_to(tx, known.id)
        facts = replies[0].payload if replies else known.payload
        return Outcome(
            conversation=conversation.public_id,
            message=known,
            turn=facts.get("turn", {}),
            replies=replies,
            ticket=facts.get("ticket"),
        )

    # --- deciding and recording: fast, one transaction ----------------------------------------------------

    def _commit(self, message: Message, heard: Heard | None, *, delivery: Delivery, now: datetime) -> Outcome:
        with self._database.transaction() as tx:
            language = (heard.language if heard else None) or "zh"
            conversation = sessions.start(tx, message.sender, now=now, language=language)
            repeated = self._repeated(tx, conversation, message)
            if repeated is not None:
                return repeated
            received = transcript.receive(tx, conversation.id, message, now=now)
            is_new = conversation.last_seq == 0  # so nothing waits for the person, and there is no ticket
            if not is_new:
                person_is_back(tx, conversation.id, now=now)
            playbook = self._playbook(tx, None if is_new else conversation.id, now)
            if heard is not None:
                playbook = replace(playbook, forms=forms_for(tx, self._settings.forms, heard, now=now))
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
            sessions.save(tx, conversation, turn.state, now=now)
            replies = self._post(tx, conversation, turn, received, receipt, delivery=delivery, now=now)
        return self._outcome(conversation, received, turn, replies, receipt)

    def _erased(
        self, tx: Connection, message: Message, turn: Turn, now: datetime
    ) -> tuple[Conversation, Post]:
        """Delete what is known of the sender; the message that asked for it is the first of a new conversation,
        so that it is still known when it comes again.
        """
        my_data.erase(tx, message.sender, now=now)
        conversation = sessions.start(tx, message.sender, now=now, language=turn.language)
        return conversation, transcript.receive(tx, conversation.id, message, now=now)

    def _outcome(
        self,
        conversation: Conversation,
        received: Post,
        turn: Turn,
        replies: tuple[Post, ...],
        receipt: Receipt | None,
    ) -> Outcome:
        return Outcome(
            conversation=conversation.public_id,
            message=received,
            turn=turn.summary(),
            replies=replies,
            ticket=receipt.to_json(self._desk.zone) if receipt else None,
        )

    def _post(
        self,
        tx: Connection,
        conversation: Conversation,
        turn: Turn,
        received: Post,
        receipt: Receipt | None,
        *,
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
            )
            for reply in turn.replies
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
            repeated = self._repeated(tx, conversation, message)
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
                turn, receipt = escalated(
                    tx, self._desk, conversation, turn, escalation, received, wording=self._wording, now=now
                )
            replies = self._post(tx, conversation, turn, received, receipt, delivery=delivery, now=now)
        return replace(self._outcome(conversation, received, turn, replies, receipt), failed=True)
