"""What a visitor can do with a chat, apart from HTTP: say, read, rate, clear. Blocking: call it in a thread."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from bot.channels.base import cleaned
from bot.channels.web.limits import Limits
from bot.channels.web.live import Ended, Hub, Page
from bot.channels.web.posts import read_page
from bot.channels.web.session import Visitor
from bot.conversation import case_cards, my_data, sessions
from bot.conversation.buttons import STAGE
from bot.conversation.engine import Engine
from bot.conversation.model import Conversation, Message, Reply
from bot.conversation.outcome import Outcome
from bot.conversation.transcript import Rating
from bot.metrics import Metrics
from bot.storage.database import Database
from intents.credit import documents
from intents.router import language_of
from intents.triage import triage

log = structlog.get_logger(__name__)

TRIAGED = 2_000  # characters looked at for danger before a limit is applied


class SlowDown(Exception):
    """Over a limit: nothing was recorded. The message is for the person."""

    def __init__(self, words: str, *, wait_s: float) -> None:
        super().__init__(words)
        self.wait_s = wait_s


class Broken(Exception):
    """Nothing could be recorded. The message is for the person: what to do without us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came from the page. `choice` is the value of the button whose label is `text`."""

    client_id: str
    text: str
    choice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """The web chat's use cases."""

    engine: Engine
    database: Database
    hub: Hub
    limits: Limits
    metrics: Metrics
    clock: Callable[[], datetime]

    def say(self, visitor: Visitor, said: Said, *, address: str) -> Outcome:
        """Answer what `visitor` said from the network address `address`; other open pages learn of it.

        Raises:
            SlowDown: over a limit; never for somebody in danger.
            Broken: it could not even be recorded that handling failed.
        """
        text = cleaned(said.text)
        try:
            conversation = self._find(visitor)
            self._limited(visitor, conversation, text, said.choice, address=address)
            outcome = self.metrics.handle(self.engine, self._message(visitor, conversation, said, text))
        except SlowDown:
            raise
        except Exception as error:
            log.exception("web_message_lost", error=type(error).__name__)
            raise Broken(self._words_without_us(text)) from error
        self.hub.wake(visitor.address.user)
        return outcome

    def read(self, visitor: Visitor, after: int) -> Page:
        """What the chat holds behind place `after`."""
        return read_page(self.database, visitor.address, after)

    def my_data(self, visitor: Visitor) -> dict[str, Any]:
        """Everything kept about the visitor, as they get it."""
        with self.database.transaction() as tx:
            return my_data.export(tx, visitor.address, now=self.clock())

    def document(self, visitor: Visitor, card_id: str, name: str) -> bytes | None:
        """The document `name` of a case card of this visitor, as a .docx file; None for anybody else's, or none."""
        with self.database.reading() as tx:
            card = case_cards.find(tx, card_id)
            mine = {conversation.id for conversation in sessions.of_address(tx, visitor.address)}
        if card is None or card.conversation_id not in mine or name not in card.documents:
            return None
        return documents.render(name, card.lines, card.answers, card.facts)

    def rate(self, visitor: Visitor, seq: int, rating: Rating) -> Reply | None:
        """Store 👍 or 👎; what to say to that. None when there is no such answer in this chat."""
        reply = self.engine.rate(visitor.address, seq, rating)
        self.hub.wake(visitor.address.user)
        return reply

    def clear(self, visitor: Visitor) -> None:
        """End the chat: its pages forget it, the next message begins a new one."""
        with self.database.transaction() as tx:
            sessions.end(tx, visitor.address, now=self.clock())
        self.hub.end(visitor.address.user, Ended.CLEARED)

    def _find(self, visitor: Visitor) -> Conversation | None:
        with self.database.reading() as tx:
            return sessions.find(tx, visitor.address)

    def _limited(
        self,
        visitor: Visitor,
        conversation: Conversation | None,
        text: str,
        choice: str | None,
        *,
        address: str,
    ) -> None:
        wait_s = self.limits.message(chat=visitor.address.user, address=address, begins=conversation is None)
        if wait_s == 0.0 or _urgent(text, choice):
            return
        self.metrics.slowed.labels(visitor.address.channel).inc()
        language = conversation.state.language if conversation else language_of(text) or "zh"
        raise SlowDown(self.engine.wording.say("slow_down", language), wait_s=wait_s)

    def _message(self, visitor: Visitor, conversation: Conversation | None, said: Said, text: str) -> Message:
        """A button of the last reply is sent as its label, which reads well in the transcript; one of an
        older reply as its value, which is known however old it is.
        """
        offered = conversation.state.offered if conversation else ()
        if said.choice is not None and all(said.choice != choice.value for choice in offered):
            text = cleaned(said.choice)
        return Message(sender=visitor.address, text=text, external_id=said.client_id)

    def _words_without_us(self, text: str) -> str:
        """The emergency words need no database."""
        found = triage(text[:TRIAGED])
        language = language_of(text) or "zh"
        if found.crisis is not None:
            return self.engine.wording.say(f"emergency_{found.crisis.value}", language)
        if found.stage is not None:
            return self.engine.wording.say(f"stage_{found.stage.value}", language)
        return self.engine.wording.say("unavailable", language)


def _urgent(text: str, choice: str | None) -> bool:
    return triage(text[:TRIAGED]).urgent or (choice or "").startswith(STAGE)
