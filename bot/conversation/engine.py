"""One obvious path for a message: understand it without a lock, then decide and record in one transaction.

Until the commit the platform or the client still owns the message; after it we do. A message whose handling
raises is recorded raw, answered with one kind line that names people to call, and never blocks the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from bot.conversation import my_data, sessions, transcript
from bot.conversation.about_ticket import with_receipt
from bot.conversation.delivery import person_is_back
from bot.conversation.dialog import decide, is_value, menu_choices
from bot.conversation.model import (
    Author,
    Choice,
    Conversation,
    DataMove,
    Delivery,
    Human,
    Message,
    Post,
    Reply,
    State,
    TicketMove,
    Turn,
    TurnKind,
)
from bot.conversation.playbook import Heard, Playbook, Question
from bot.conversation.wording import Wording
from bot.privacy import redact
from bot.storage.database import Database
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.model import Escalation, Priority, Receipt, Ticket
from intents.router import Intent, Wish, is_short, language_of, route, split_questions
from intents.triage import Risk, Triage, triage
from knowledge.entries import Entry, Queue
from knowledge.hits import Hit, Thresholds

log = structlog.get_logger(__name__)

LONGEST_EXTERNAL_ID = 128
LONGEST_BARE_REQUEST = 12  # characters: a longer one also says what it is about
LOOK_BACK = 12  # messages before a request for a person in which its subject is looked for
LONGEST_RAW = 8_000  # characters of a failed message that are kept

Clock = Callable[[], datetime]


class Search(Protocol):
    """What the engine needs of the knowledge base: one consistent build at a time."""

    @property
    def thresholds(self) -> Thresholds:
        """Least confidence to answer and to ask back."""
        ...

    def entries(self, day: datetime) -> dict[str, Entry]:
        """The entries visible on that day, by id."""
        ...

    def search(self, text: str, *, now: datetime) -> tuple[Hit, ...]:
        """The best entries for `text`, best first, with calibrated confidence."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The engine's limits and standing content."""

    longest_message: int
    misses_before_person: int
    forget_context_after: timedelta
    danger_entries: dict[str, str]
    danger_meanings: dict[str, str]
    menu: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one message led to: the contract's `turn`, and the rows that answer it."""

    conversation: str
    message: Post | None
    turn: dict[str, Any]
    replies: tuple[Post, ...]
    ticket: dict[str, Any] | None = None
    failed: bool = False  # handling raised; the person got the words for that

    def to_json(self, id: str) -> dict[str, Any]:
        """The object of the public contract."""
        return {
            "id": id,
            "conversation": self.conversation,
            "turn": self.turn,
            "replies": [
                {
                    "text": reply.text,
                    "choices": reply.payload.get("choices", []),
                    "sources": reply.payload.get("sources", []),
                }
                for reply in self.replies
            ],
            "ticket": self.ticket,
        }


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
            heard = self._understand(message.text, earlier.state if earlier else State(), now)
            return self._commit(message, heard, delivery=delivery, now=now)
        except Exception as error:
            log.exception("message_failed", channel=message.sender.channel, error=type(error).__name__)
            return self._failed(message, error, delivery=delivery, now=now)

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

    # --- understanding: slow, no lock ---------------------------------------------------------------------

    def _understand(self, text: str, state: State, now: datetime) -> Heard | None:
        """None when there is nothing to understand: empty, or longer than anybody reads."""
        text = text.strip()
        danger = triage(text[: self._settings.longest_message])
        if not text or (len(text) > self._settings.longest_message and not danger.urgent):
            return None
        intent = route(text)
        if intent.wish is not Wish.QUESTION or intent.number is not None or _is_button(text, state):
            return _without_search(text, danger, intent, state)
        return self._searched(text[: self._settings.longest_message], danger, intent, state, now)

    def _searched(self, text: str, danger: Triage, intent: Intent, state: State, now: datetime) -> Heard:
        parts = split_questions(text)
        leans = state.last_question and is_short(text)
        leaning = f"{state.last_question} {text}" if leans else None
        return Heard(
            text=text,
            language=language_of(text),
            triage=danger,
            intent=intent,
            whole=Question(text=text, hits=self._search.search(text, now=now)),
            parts=tuple(Question(text=part, hits=self._search.search(part, now=now)) for part in parts),
            leaning=Question(text=leaning, hits=self._search.search(leaning, now=now)) if leaning else None,
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
            turn = (
                self._unreadable(message, conversation.state)
                if heard is None
                else decide(heard, conversation.state, playbook)
            )
            turn, receipt = self._with_ticket(tx, conversation, turn, playbook, received)
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

    def _with_ticket(
        self, tx: Connection, conversation: Conversation, turn: Turn, playbook: Playbook, received: Post
    ) -> tuple[Turn, Receipt | None]:
        """The turn's consequences for the ticket, and the turn with what the citizen is told of them."""
        now = playbook.now
        live = playbook.ticket.ticket if playbook.ticket else None
        if turn.move is not None:
            return turn, self._moved(tx, turn.move, live or playbook.closed_ticket, now)
        if turn.escalation is not None:
            return self._escalated(tx, conversation, turn, turn.escalation, received, now)
        if live is not None:
            return turn, self._desk.receipt(tx, self._desk.citizen_wrote(tx, live, now=now), now=now)
        return turn, None

    def _escalated(
        self,
        tx: Connection,
        conversation: Conversation,
        turn: Turn,
        escalation: Escalation,
        received: Post,
        now: datetime,
    ) -> tuple[Turn, Receipt | None]:
        is_new = self._desk.live(tx, conversation.id) is None
        ticket = self._desk.open(
            tx,
            conversation.id,
            escalation,
            subject=redact(_subject(tx, conversation.id, received).replace("\n", " ")),
            context={"turn": turn.summary(), "last_entry": conversation.state.last_entry},
            now=now,
        )
        receipt = self._desk.receipt(tx, ticket, now=now)
        turn = replace(turn, human=Human.MADE)
        return with_receipt(turn, receipt, self._wording, is_new=is_new, now=now), receipt

    def _moved(
        self, tx: Connection, move: TicketMove, ticket: Ticket | None, now: datetime
    ) -> Receipt | None:
        assert ticket is not None, "decide moves a ticket only when there is one"
        if move.cancel:
            self._desk.cancel(tx, ticket, now=now)
            return None
        assert move.satisfaction is not None
        rated = self._desk.rate(tx, ticket, move.satisfaction, now=now)
        return self._desk.receipt(tx, rated, now=now) if rated.is_live else None

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
            danger_meanings=self._settings.danger_meanings,
            menu=self._settings.menu,
            misses_before_person=self._settings.misses_before_person,
            forget_context_after=self._settings.forget_context_after,
            staffed=self._desk.is_staffed(tx),
            now=now,
            ticket=self._desk.receipt(tx, live, now=now) if live else None,
            closed_ticket=None if live else last,
        )

    def _unreadable(self, message: Message, state: State) -> Turn:
        phrase = "too_long" if message.text.strip() else "nothing_to_say"
        text = self._wording.say(phrase, state.language, limit=self._settings.longest_message)
        return Turn(
            kind=TurnKind.DECLINE,
            domain="out_of_scope",
            replies=(Reply(text=text, choices=(self._wording.person(state.language),)),),
            state=state,
        )

    # --- failing: recorded, answered, never in the way ----------------------------------------------------

    def _failed(self, message: Message, error: Exception, *, delivery: Delivery, now: datetime) -> Outcome:
        danger = triage(message.text[: self._settings.longest_message])
        language = language_of(message.text) or "zh"
        turn = self._failure_turn(danger, language)
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
                turn, receipt = self._escalated(tx, conversation, turn, escalation, received, now)
            replies = self._post(tx, conversation, turn, received, receipt, delivery=delivery, now=now)
        return replace(self._outcome(conversation, received, turn, replies, receipt), failed=True)

    def _failure_turn(self, danger: Triage, language: str) -> Turn:
        """What is said when everything else broke: the emergency words need no index and no model."""
        phrase = "failed"
        if danger.crisis is not None:
            phrase = f"emergency_{danger.crisis.value}"
        elif danger.stage is not None:
            phrase = f"stage_{danger.stage.value}"
        return Turn(
            kind=TurnKind.EMERGENCY if danger.urgent else TurnKind.HANDOVER,
            domain="emergency" if danger.crisis else "fraud" if danger.stage else "services",
            replies=(self._wording.reply(phrase, language),),
            state=State(language=language),
            risk=danger.risk,
            urgent=danger.urgent,
            human=Human.OFFERED,
        )


def _subject(tx: Connection, conversation_id: int, received: Post) -> str:
    """What a ticket is about: “转人工” alone says nothing, what was asked before it does."""
    if route(received.text).wish is not Wish.HUMAN or len(received.text) > LONGEST_BARE_REQUEST:
        return received.text
    earlier = transcript.after(tx, conversation_id, received.seq - LOOK_BACK)
    asked = [
        post.text
        for post in earlier
        if post.author is Author.CITIZEN and route(post.text).wish is Wish.QUESTION
    ]
    return asked[-1] if asked else received.text


def _is_button(text: str, state: State) -> bool:
    return is_value(text) or any(text in (choice.value, choice.label) for choice in state.offered)


def _without_search(text: str, danger: Triage, intent: Intent, state: State) -> Heard:
    # “human” from a button is no English; as the first word of a chat it is
    spoken = intent.wish is not Wish.QUESTION and (not is_value(text) or state == State())
    return Heard(
        text=text,
        language=language_of(text) if spoken else None,
        triage=danger,
        intent=intent,
        whole=Question(text=text, hits=()),
    )
