"""What a turn does to the conversation's ticket, inside the message's transaction."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.conversation import transcript
from bot.conversation.about_comment import rated_ticket
from bot.conversation.about_ticket import number_in, with_receipt
from bot.conversation.buttons import pressed
from bot.conversation.files import only_names_files
from bot.conversation.model import Author, Conversation, Human, Post, TicketMove, Turn
from bot.conversation.playbook import Heard, Playbook
from bot.conversation.wording import Wording
from bot.privacy import redact
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.model import Escalation, Receipt, Ticket
from intents.router import Wish, route

LONGEST_BARE_REQUEST = 12  # characters: a longer one also says what it is about
LOOK_BACK = 12  # messages before a request for a person in which its subject is looked for


def with_ticket(
    tx: Connection, desk: Desk, conversation: Conversation, turn: Turn, playbook: Playbook, received: Post
) -> tuple[Turn, Receipt | None]:
    """The turn's consequences for the ticket, and the turn with what the citizen is told of them."""
    now = playbook.now
    live = playbook.ticket.ticket if playbook.ticket else None
    if turn.move is not None and turn.move.comment is not None:
        return turn, _commented(tx, desk, turn.move.comment, playbook)
    if turn.move is not None and turn.move.reopen:
        return _gone_on(tx, desk, turn, playbook)
    if turn.move is not None:
        of = playbook.named_ticket if turn.move.satisfaction else live
        return turn, _moved(tx, desk, turn.move, of, now)
    if turn.escalation is not None:
        return escalated(
            tx, desk, conversation, turn, turn.escalation, received, wording=playbook.wording, now=now
        )
    if live is not None:
        return turn, desk.receipt(tx, desk.citizen_wrote(tx, live, now=now), now=now)
    return turn, None


def named_ticket(tx: Connection, conversation: Conversation, heard: Heard) -> Ticket | None:
    """The ticket whose number the message or the pressed button names; None for none, or one of another chat."""
    number = number_in(pressed(heard, conversation.state) or heard.text)
    ticket = queue.by_number(tx, number) if number else None
    return ticket if ticket is not None and ticket.conversation_id == conversation.id else None


def escalated(
    tx: Connection,
    desk: Desk,
    conversation: Conversation,
    turn: Turn,
    escalation: Escalation,
    received: Post,
    *,
    wording: Wording,
    now: datetime,
) -> tuple[Turn, Receipt | None]:
    """Open a ticket, or add to the live one; the turn with its receipt."""
    is_new = desk.live(tx, conversation.id) is None
    context: dict[str, Any] = {"turn": turn.summary(), "last_entry": conversation.state.last_entry}
    if turn.form is not None:
        context["form"] = dict(turn.form.lines)
    ticket = desk.open(
        tx,
        conversation.id,
        escalation,
        subject=redact(_subject(tx, conversation.id, turn, received).replace("\n", " ")),
        context=context,
        now=now,
    )
    if turn.form is not None and not is_new:  # one that was opened now has it already
        queue.add_context(tx, ticket.id, {"form": context["form"]})
    receipt = desk.receipt(tx, ticket, now=now)
    turn = replace(turn, human=Human.MADE)
    return with_receipt(turn, receipt, wording, is_new=is_new, now=now), receipt


def _commented(tx: Connection, desk: Desk, comment: str, playbook: Playbook) -> Receipt | None:
    ticket = rated_ticket(playbook)
    assert ticket is not None, "decide takes a comment only for a rated ticket"
    if comment:
        queue.comment(tx, ticket, comment, now=playbook.now)
    return desk.receipt(tx, ticket, now=playbook.now) if ticket.is_live else None


def _gone_on(tx: Connection, desk: Desk, turn: Turn, playbook: Playbook) -> tuple[Turn, Receipt | None]:
    """The closed ticket is open again, with the subject and the context that it had."""
    assert playbook.closed_ticket is not None, "decide goes on with a ticket only when there is one"
    ticket = desk.go_on(tx, playbook.closed_ticket, now=playbook.now)
    receipt = desk.receipt(tx, ticket, now=playbook.now)
    return with_receipt(turn, receipt, playbook.wording, is_new=True, now=playbook.now), receipt


def _moved(
    tx: Connection, desk: Desk, move: TicketMove, ticket: Ticket | None, now: datetime
) -> Receipt | None:
    assert ticket is not None, "decide moves a ticket only when there is one"
    if move.cancel:
        desk.cancel(tx, ticket, now=now)
        return None
    assert move.satisfaction is not None
    rated = desk.rate(tx, ticket, move.satisfaction, now=now)
    return desk.receipt(tx, rated, now=now) if rated.is_live else None


def _subject(tx: Connection, conversation_id: int, turn: Turn, received: Post) -> str:
    """What a ticket is about: “转人工” alone says nothing, what was asked before it does, and a form is its own."""
    if turn.form is not None:
        return turn.form.subject
    if route(received.text).wish is not Wish.HUMAN or len(received.text) > LONGEST_BARE_REQUEST:
        return received.text
    earlier = transcript.after(tx, conversation_id, received.seq - LOOK_BACK)
    asked = [
        post.text
        for post in earlier
        if post.author is Author.CITIZEN
        and route(post.text).wish is Wish.QUESTION
        and not only_names_files(post.text)
    ]
    return asked[-1] if asked else received.text
