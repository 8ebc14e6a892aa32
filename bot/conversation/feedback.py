"""👍 and 👎 under an answer. The first 👎 asks what was wrong, with a person one tap away; the second brings one, and
so does the first on an answer to somebody in danger. docs/adr/0012-thumbs-down.md says why. Every function takes the
open transaction.
"""

from datetime import datetime

from sqlalchemy import Connection

from bot.conversation import transcript
from bot.conversation.buttons import NONE_OF_THESE
from bot.conversation.consequences import escalated
from bot.conversation.model import Author, Choice, Conversation, Delivery, Post, Reply, Turn, TurnKind
from bot.conversation.transcript import Rating
from bot.conversation.wording import Wording
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.model import Escalation, Priority, Receipt
from intents.triage import Risk
from knowledge.entries import Domain, Queue

UNHELPFUL_BEFORE_PERSON = 2  # answers rated 👎 since a person was last there
REASON = "two answers did not help"
IN_DANGER = "an answer in danger did not help"


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
    answer = transcript.at(tx, conversation.id, seq)
    assert answer is not None, "it was rated"
    reason = _reason_for_person(tx, conversation.id, answer)
    if reason is not None and desk.is_staffed(tx):
        _hand_over(tx, desk, conversation, answer, reason, wording=wording, now=now)
        return wording.reply("feedback_person", language)
    again = Choice(label=wording.say("rephrase_button", language), value=NONE_OF_THESE)
    return wording.reply("feedback_sorry", language, choices=(again, wording.person(language)))


def _reason_for_person(tx: Connection, conversation_id: int, answer: Post) -> str | None:
    if _is_about_danger(answer):
        return IN_DANGER
    return REASON if _unhelpful(tx, conversation_id) >= UNHELPFUL_BEFORE_PERSON else None


def _is_about_danger(answer: Post) -> bool:
    turn = answer.payload.get("turn") or {}
    return bool(turn.get("urgent")) or turn.get("risk", Risk.NONE) != Risk.NONE


def _unhelpful(tx: Connection, conversation_id: int) -> int:
    last = queue.last_closed(tx, conversation_id)
    since = last.closed_at if last else None
    return transcript.count_unhelpful(tx, conversation_id, since=since)


def _hand_over(
    tx: Connection,
    desk: Desk,
    conversation: Conversation,
    answer: Post,
    reason: str,
    *,
    wording: Wording,
    now: datetime,
) -> None:
    asked = transcript.get(tx, answer.reply_to) if answer.reply_to else answer
    urgent = bool((answer.payload.get("turn") or {}).get("urgent"))
    priority = Priority.URGENT if urgent else Priority.NORMAL
    escalation = Escalation(queue=_queue_of(answer), priority=priority, reason=reason)
    turn = Turn(
        kind=TurnKind.HANDOVER,
        domain=escalation.queue.value,
        entry=(answer.payload.get("turn") or {}).get("entry"),
        confidence=1.0,
        urgent=urgent,
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
    if domain == Domain.EMERGENCY:
        return Queue.SAFETY
    return Queue(domain) if domain in set(Queue) else Queue.SERVICES
