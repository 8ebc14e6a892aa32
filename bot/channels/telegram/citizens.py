"""Private chats: what citizens send goes to the engine, is kept for staff, or is answered kindly.

Blocking: call it in a thread. Each call ends with the update marked as dealt with; coming again, it changes nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.channels.telegram import identity, inbox, kept, links, topics
from bot.channels.telegram.buttons import CHOICE, Data, unpacked
from bot.channels.telegram.commands import LINK, meant, wants_link
from bot.channels.telegram.events import Kind, Membership, Pressed, Reacted, Said
from bot.channels.telegram.flood import Flood
from bot.channels.telegram.links import Link, Role
from bot.channels.telegram.places import asked_with
from bot.channels.telegram.sender import NAME
from bot.config_channels import Telegram
from bot.conversation import feedback, sessions, transcript, wordless
from bot.conversation.engine import Engine
from bot.conversation.model import Address, Author, Conversation, Delivery, Message, Post, State
from bot.conversation.outcome import Outcome
from bot.conversation.transcript import Rating
from bot.metrics import Metrics
from bot.storage.database import Database
from bot.tickets.desk import Desk

_RATINGS = {"👍": Rating.HELPFUL, "❤": Rating.HELPFUL, "🙏": Rating.HELPFUL, "👎": Rating.NOT_HELPFUL}


class Citizens:
    """The use cases of a private chat."""

    def __init__(
        self,
        settings: Telegram,
        *,
        engine: Engine,
        database: Database,
        desk: Desk,
        metrics: Metrics,
        clock: Callable[[], datetime],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._database = database
        self._desk = desk
        self._metrics = metrics
        self._clock = clock
        self._flood = Flood(
            messages_per_minute=settings.messages_per_minute,
            slowed=metrics.slowed.labels(NAME).inc,
            ticks=ticks,
        )

    def wants_file(self, said: Said) -> bool:
        """Whether the file of a message is to be fetched; one that is not is still shown to staff by Telegram."""
        return said.file is not None and self._flood.takes_file(said.chat_id)

    def said(self, said: Said, content: bytes | None, row_id: int) -> None:
        """A message, new or edited.

        Args:
            content: of the file that came with it; None when there is none, or it could not be had.
        """
        if wants_link(said.text):
            self._linked(said, row_id)
            return
        self._know_language(said)
        edited = said.edited_at is not None
        if edited and (
            said.kind is Kind.LOCATION or self._is_same(said)
        ):  # somebody walks, or nothing changed
            self._done(row_id)
            return
        message = replace(self._message(said, edited=edited), files=kept.uploads(said, content))
        self._settle(said, self._received(said, message), row_id)

    def pressed(self, pressed: Pressed, row_id: int) -> None:
        """A button. One of the last reply is sent as its label, which reads well; an older one as its value."""
        data = unpacked(pressed.data)
        text = self._choice(pressed, data) if data is not None and data.action == CHOICE else None
        address = _address(pressed.chat_id)
        if text is None:
            message = Message(sender=address, text="🔘", external_id=f"p{pressed.callback_id}")
            self._keep(message, "expired_choice", pressed.sender.language)
        else:
            self._answered(Message(sender=address, text=text, external_id=f"p{pressed.callback_id}"))
        self._done(row_id)

    def reacted(self, reacted: Reacted, row_id: int) -> None:
        """A thumb on an answer rates it; one on what staff wrote is shown to them."""
        with self._database.transaction() as tx:
            inbox.done(tx, row_id)
            link = links.find(tx, reacted.chat_id, reacted.message_id)
            found = transcript.by_id(tx, link.post_id) if link and link.post_id else None
            if found is None:
                return
            conversation_id, post = found
            rating = next((_RATINGS[each] for each in reacted.emojis if each in _RATINGS), None)
            if post.author is Author.BOT and rating is not None:
                self._rated(tx, conversation_id, post, rating)
            if post.author is Author.STAFF:
                self._show_reaction(tx, post, reacted)

    def membership(self, change: Membership, row_id: int) -> None:
        """The person blocked us, or came back."""
        now = self._clock()
        with self._database.transaction() as tx:
            inbox.done(tx, row_id)
            links.set_blocked(tx, change.chat_id, blocked=not change.is_member, now=now)

    # --- helpers ------------------------------------------------------------------------------------------

    def _message(self, said: Said, *, edited: bool) -> Message:
        address = _address(said.chat_id)
        if not edited:
            return Message(sender=address, text=meant(said.text), external_id=str(said.message_id))
        assert said.edited_at is not None
        external_id = f"{said.message_id}e{int(said.edited_at.timestamp())}"
        return Message(sender=address, text=said.text, external_id=external_id)

    def _received(self, said: Said, message: Message) -> Post | None:
        """Its row; None when the engine had to record it as failed."""
        language = said.sender.language
        if said.kind is not Kind.TEXT and not message.text.strip():
            return self._wordless(said, message)
        if said.edited_at is not None and self._has_ticket(said.chat_id):
            return self._keep(self._marked(message, "thing_edited"), None, language)
        if said.edited_at is None and self._was_changed(said):
            return self._keep(self._marked(replace(message, files=()), "thing_original"), None, language)
        if self._flood.is_too_much(said.chat_id, message.text):
            return self._keep(message, self._flood.slow_down(said.chat_id), language)
        return self._answered(message)

    def _wordless(self, said: Said, message: Message) -> Post | None:
        """A location may be an answer; everything else is kept, with one kind line for as many as come at once."""
        phrase, language = self._phrase(said), said.sender.language
        if phrase is not None and self._flood.is_too_much(said.chat_id):
            return self._keep(self._named(said, message), self._flood.slow_down(said.chat_id), language)
        conversation = self._conversation(said.chat_id)
        if said.point is not None and not self._has_ticket(said.chat_id):
            state = conversation.state if conversation else State(language=language or State().language)
            text = asked_with(said.point, state, named=self._named(said, message).text)
            if text is not None:
                return self._answered(replace(message, text=text))
        return self._keep(self._named(said, message), phrase, language)

    def _marked(self, message: Message, phrase: str) -> Message:
        mark = self._engine.wording.say(phrase, self._language(int(message.sender.user)))
        return replace(message, text=f"（{mark}）{message.text}")

    def _answered(self, message: Message) -> Post | None:
        return self._metrics.handle(_Queued(self._engine), message).message

    def _keep(self, message: Message, phrase: str | None, language: str | None) -> Post:
        with self._database.transaction() as tx:
            return wordless.receive(
                tx,
                self._desk,
                self._engine.wording,
                message,
                phrase=phrase,
                language=language or "zh",
                delivery=Delivery.QUEUED,
                now=self._clock(),
            )

    def _named(self, said: Said, message: Message) -> Message:
        name = self._engine.wording.say(f"thing_{said.kind.value}", self._language(said.chat_id))
        where = f" {said.point[0]:.5f}, {said.point[1]:.5f}" if said.point else ""
        where = where if self._has_ticket(said.chat_id) else ""  # where somebody is, is for staff only
        return replace(message, text=f"【{name}】{where}")

    def _phrase(self, said: Said) -> str | None:
        if said.album is not None:
            with self._database.reading() as tx:
                if links.album_is_known(tx, said.chat_id, said.album):
                    return None  # one answer for the whole album
        return f"got_{said.kind.value}"

    def _settle(self, said: Said, post: Post | None, row_id: int) -> None:
        """What hangs on the message, and that the update is dealt with."""
        with self._database.transaction() as tx:
            inbox.done(tx, row_id)
            if post is None:
                return
            links.add(
                tx,
                Link(
                    chat_id=said.chat_id,
                    message_id=said.message_id,
                    role=Role.PRIVATE,
                    post_id=post.id,
                    seq=post.seq,
                    kind=said.kind,
                    album=said.album,
                ),
            )
            kept.note_elsewhere(tx, said, post.id)

    def _choice(self, pressed: Pressed, data: Data) -> str | None:
        with self._database.reading() as tx:
            conversation = sessions.find(tx, _address(pressed.chat_id))
            found = transcript.by_id(tx, data.id)
        if conversation is None or found is None or found[0] != conversation.id:
            return None
        choices = transcript.reply_of(found[1]).choices
        if not data.argument.isdecimal() or int(data.argument) >= len(choices):
            return None
        choice = choices[int(data.argument)]
        return choice.label if choice in conversation.state.offered else choice.value

    def _is_same(self, said: Said) -> bool:
        """Telegram also calls it an edit when it adds the preview of a link."""
        with self._database.reading() as tx:
            link = links.find(tx, said.chat_id, said.message_id)
            found = transcript.by_id(tx, link.post_id) if link and link.post_id else None
        return found is not None and found[1].text in (said.text, meant(said.text))

    def _was_changed(self, said: Said) -> bool:
        """Whether its change came before it: then that was answered, and this is only for the record."""
        with self._database.reading() as tx:
            link = links.find(tx, said.chat_id, said.message_id)
            found = transcript.by_id(tx, link.post_id) if link and link.post_id else None
        return found is not None and (found[1].external_id or "").startswith(f"{said.message_id}e")

    def _know_language(self, said: Said) -> None:
        if said.sender.language != "en":
            return
        with self._database.transaction() as tx:
            sessions.start(tx, _address(said.chat_id), now=self._clock(), language="en")

    def _language(self, chat_id: int) -> str:
        conversation = self._conversation(chat_id)
        return conversation.state.language if conversation else State().language

    def _has_ticket(self, chat_id: int) -> bool:
        with self._database.reading() as tx:
            conversation = sessions.find(tx, _address(chat_id))
            return conversation is not None and self._desk.live(tx, conversation.id) is not None

    def _conversation(self, chat_id: int) -> Conversation | None:
        with self._database.reading() as tx:
            return sessions.find(tx, _address(chat_id))

    def _linked(self, said: Said, row_id: int) -> None:
        """`/link CODE`: never a message of a conversation, the code is a secret."""
        now = self._clock()
        with self._database.transaction() as tx:
            inbox.done(tx, row_id)
            code = said.text.removeprefix(LINK).strip()
            who = identity.accept(tx, code, said.sender.id, now=now)
            conversation = sessions.start(tx, _address(said.chat_id), now=now)
            phrase = "staff_linked" if who else "staff_code_wrong"
            language = who.language if who else conversation.state.language
            words = self._engine.wording.say(phrase, language, name=who.name if who else "")
            transcript.post(tx, conversation.id, Author.SYSTEM, words, {}, status=Delivery.QUEUED, now=now)

    def _rated(self, tx: Connection, conversation_id: int, post: Post, rating: Rating) -> None:
        """A new 👎 is answered in the chat, where there is no line below the answer; a ticket it opens tells itself."""
        conversation = sessions.by_id(tx, conversation_id)
        assert conversation is not None, "a message goes with its conversation"
        is_known = transcript.ratings(tx, conversation_id).get(post.id) is rating
        wording, now = self._engine.wording, self._clock()
        reply = feedback.rated(tx, self._desk, conversation, post.seq, rating, wording=wording, now=now)
        silent = rating is Rating.HELPFUL or is_known or self._desk.live(tx, conversation_id) is not None
        if reply is None or silent:
            return
        sessions.save(tx, conversation, conversation.state.offering(reply.choices), now=now)
        payload = transcript.reply_payload(reply)
        transcript.post(tx, conversation_id, Author.BOT, reply.text, payload, status=Delivery.QUEUED, now=now)

    def _show_reaction(self, tx: Connection, post: Post, reacted: Reacted) -> None:
        for link in links.of_post(tx, post.id, Role.ANSWER, Role.SHOWN):
            if link.thread_id is not None:
                topics.owe_reaction(tx, link, reacted.emojis[-1:] or (), now=self._clock())

    def _done(self, row_id: int) -> None:
        with self._database.transaction() as tx:
            inbox.done(tx, row_id)


@dataclass(frozen=True, slots=True)
class _Queued:
    """The engine, whose replies go out through the outbox."""

    engine: Engine

    def handle(self, message: Message) -> Outcome:
        return self.engine.handle(message, delivery=Delivery.QUEUED)


def _address(chat_id: int) -> Address:
    return Address(channel=NAME, user=str(chat_id))
