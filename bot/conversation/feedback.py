"""👍 and 👎 under an answer. The first 👎 offers a person, the second brings one: somebody whom two answers did not
help is not sent round again. Every function takes the open transaction.
"""

from datetime import datetime

from sqlalchemy import Connection

from bot.conversation import transcript
from bot.conversation.consequences import escalated
from bot.conversation.model import Author, Conversation, Delivery, Post, Reply, Turn, TurnKind
from bot.conversation.transcript import Rating
from bot.conversation.wording import Wording
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.model import Escalation, Priority, Receipt
from knowledge.entries import Queue

UNHELPFUL_BEFORE_PERSON = 2  # answers rated 👎 since a person was last there
REASON = "two answers did not help"


def rated(
    tx: Connection,
    desk: Desk,
    conversation: Conversation,
    seq: int,
    rating: Rating,
    *,
    wording: Wording,
    now: datetime,
) -> Reply | None:
    """Store what the citizen thinks of the bot's message at place `seq`; what to say to that at once.

    None when there is no such message. A ticket it brings is told of in the chat itself, as a message.
    """
    if not transcript.rate(tx, conversation.id, seq, rating, now=now):
        return None
    language = conversation.state.language
    if rating is Rating.HELPFUL:
        return wording.reply("feedback_thanks", language)
    if desk.live(tx, conversation.id) is not None:
        return wording.reply("feedback_desk", language)
    if desk.is_staffed(tx) and _unhelpful(tx, conversation.id) >= UNHELPFUL_BEFORE_PERSON:
        _hand_over(tx, desk, conversation, seq, wording=wording, now=now)
        return wording.reply("feedback_person", language)
    return wording.reply("feedback_sorry", language, choices=(wording.person(language),))


def _unhelpful(tx: Connection, conversation_id: int) -> int:
    last = queue.last_closed(tx, conversation_id)
    since = last.closed_at if last else None
    return transcript.count_unhelpful(tx, conversation_id, since=since)


def _hand_over(
    tx: Connection, desk: Desk, conversation: Conversation, seq: int, *, wording: Wording, now: datetime
) -> None:
    answer = transcript.at(tx, conversation.id, seq)
    assert answer is not None, "it was rated"
    asked = transcript.get(tx, answer.reply_to) if answer.reply_to else answer
    escalation = Escalation(queue=_queue_of(answer), priority=Priority.NORMAL, reason=REASON)
    turn = Turn(
        kind=TurnKind.HANDOVER,
        domain=escalation.queue.value,
        entry=(answer.payload.get("turn") or {}).get("entry"),
        confidence=1.0,
        replies=(),
        state=conversation.state,
    )
    turn, receipt = escalated(tx, desk, conversation, turn, escalation, asked, wording=wording, now=now)
    _tell(tx, desk, conversation, turn, receipt, now=now)


def _tell(
    tx: Connection,
    desk: Desk,
    conversation: Conversation,
    turn: Turn,
    receipt: Receipt | None,
    *,
    now: datetime,
) -> None:
    ticket = receipt.to_json(desk.zone) if receipt else None
    for reply in turn.replies:
        transcript.post(
            tx,
            conversation.id,
            Author.BOT,
            reply.text,
            {**transcript.reply_payload(reply), "turn": turn.summary(), "ticket": ticket},
            status=Delivery.QUEUED,
            now=now,
        )


def _queue_of(answer: Post) -> Queue:
    domain = (answer.payload.get("turn") or {}).get("domain")
    return Queue(domain) if domain in set(Queue) else Queue.SERVICES
