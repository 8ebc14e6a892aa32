"""What people send that the bot cannot read, or only has to keep: pictures, voices, a flood of texts.

It is recorded like any message and belongs to the ticket where there is one; else the person gets one kind line.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.conversation import sessions, transcript
from bot.conversation.delivery import person_is_back
from bot.conversation.model import Author, Delivery, Human, Message, Post, Turn, TurnKind
from bot.conversation.wording import Wording
from bot.tickets.desk import Desk


def receive(
    tx: Connection,
    desk: Desk,
    wording: Wording,
    message: Message,
    *,
    phrase: str | None,
    language: str,
    delivery: Delivery,
    now: datetime,
) -> Post:
    """Record `message`; a known one is returned as it stands and nothing happens.

    Args:
        phrase: what is said to it while the bot has the conversation; None for nothing.
        language: of a conversation that begins with it.
    """
    conversation = sessions.start(tx, message.sender, now=now, language=language)
    known = transcript.known(tx, conversation.id, message.external_id)
    if known is not None:
        return known
    received = transcript.receive(tx, conversation.id, message, now=now)
    person_is_back(tx, conversation.id, now=now)
    live = desk.live(tx, conversation.id)
    if live is not None:
        desk.citizen_wrote(tx, live, now=now)
        sessions.save(tx, conversation, replace(conversation.state, offered=()), now=now)
        return received
    if phrase is None:
        return received
    language = conversation.state.language
    reply = wording.reply(phrase, language, choices=(wording.person(language),))
    turn = Turn(
        kind=TurnKind.DECLINE,
        domain="services",
        replies=(reply,),
        state=conversation.state.offering(reply.choices),
        human=Human.OFFERED,
    )
    sessions.save(tx, conversation, turn.state, now=now)
    transcript.post(
        tx,
        conversation.id,
        Author.BOT,
        reply.text,
        {**transcript.reply_payload(reply), "turn": turn.summary(), "ticket": None},
        status=delivery,
        now=now,
        reply_to=received.id,
    )
    return received
