"""What a turn led to, from what was just decided or from what is on record of it."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.conversation import transcript
from bot.conversation.model import Conversation, Message, Post, Turn
from bot.conversation.outcome import Outcome
from bot.tickets.model import Receipt


def outcome_of(
    conversation: Conversation,
    received: Post,
    turn: Turn,
    replies: tuple[Post, ...],
    receipt: Receipt | None,
    *,
    zone: ZoneInfo,
) -> Outcome:
    """The outcome of a turn that was decided just now."""
    return Outcome(
        conversation=conversation.public_id,
        message=received,
        turn=turn.summary(),
        replies=replies,
        ticket=receipt.to_json(zone) if receipt else None,
    )


def repeated_turn(tx: Connection, conversation: Conversation, message: Message) -> Outcome | None:
    """The outcome on record for a message that came before under the same id; None for a new one."""
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
