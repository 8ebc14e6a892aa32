"""What a citizen may say about their own ticket at any time: how is it, cancel it, rate it. Pure.

Also the receipt: promises come from the office calendar, never from hope.
"""

from dataclasses import replace
from datetime import datetime

from bot.conversation.model import Choice, Human, Reply, State, TicketMove, Turn, TurnKind
from bot.conversation.playbook import Playbook
from bot.conversation.wording import Wording
from bot.tickets.model import CloseReason, Priority, Receipt, Satisfaction, Ticket, TicketStatus
from intents.router import Intent, Wish

RATE = "rate:"  # a button that rates the ticket, with the level from 5 (best) to 1


def about_ticket(intent: Intent, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn for a message about the ticket itself; None for anything else."""
    if pressed.startswith(RATE):
        return _rated(pressed, state, playbook)
    if intent.wish is Wish.TICKET_STATUS:
        return _status(state, playbook)
    if intent.wish is Wish.CANCEL_TICKET and playbook.ticket is None:
        return _status(state, playbook)
    if playbook.ticket is not None:
        if intent.wish in (Wish.CANCEL_TICKET, Wish.CANCEL):
            return _cancelled(playbook.ticket, state, playbook)
        if intent.wish is Wish.HUMAN:  # asked again: say how it stands instead of nothing
            return _status(state, playbook)
    return None


def silent(state: State, playbook: Playbook) -> Turn:
    """Staff have it: the message goes to them, the bot says nothing."""
    assert playbook.ticket is not None
    return Turn(
        kind=TurnKind.HANDOVER,
        domain=playbook.ticket.ticket.queue.value,
        confidence=1.0,
        human=Human.MADE,
        urgent=playbook.ticket.ticket.priority is Priority.URGENT,
        replies=(),
        state=replace(state, offered=()),
    )


def receipt_reply(receipt: Receipt, playbook_wording: Wording, language: str, *, now: datetime) -> Reply:
    """Number, desk, place in line, honest time, how to check and how to cancel."""
    say = playbook_wording.say
    ticket = receipt.ticket
    lines = [
        say(
            "receipt_head", language, number=ticket.number, desk=say(f"queue_{ticket.queue.value}", language)
        ),
        _promise(receipt, playbook_wording, language, now=now),
        say("receipt_how", language, number=ticket.number),
    ]
    return Reply(text="\n".join(line for line in lines if line))


def with_receipt(turn: Turn, receipt: Receipt, wording: Wording, *, is_new: bool, now: datetime) -> Turn:
    """The turn with its receipt as the last bubble; a ticket that was live before is not announced again."""
    if not is_new:
        return turn
    reply = receipt_reply(receipt, wording, turn.language, now=now)
    if turn.urgent:
        reply = replace(reply, text=f"{wording.say('danger_desk', turn.language)}\n{reply.text}")
    return replace(turn, replies=(*turn.replies, reply))


def rating_choices(wording: Wording, language: str) -> tuple[Choice, ...]:
    """The five official levels, best first."""
    return tuple(
        Choice(label=wording.say(f"rating_{int(level)}", language), value=f"{RATE}{int(level)}")
        for level in sorted(Satisfaction, reverse=True)
    )


def _promise(receipt: Receipt, wording: Wording, language: str, *, now: datetime) -> str:
    ticket, say = receipt.ticket, wording.say
    if ticket.status is not TicketStatus.OPEN:
        return say(f"receipt_{ticket.status.value}", language)
    if ticket.priority is Priority.URGENT:
        return say("receipt_urgent" if receipt.is_open else "receipt_urgent_closed", language)
    ahead = receipt.position - 1
    if not receipt.is_open:
        return say("receipt_closed", language, opening=wording.clock(receipt.next_opening, language, now=now))
    expected = wording.clock(receipt.expected_by, language, now=now)
    return say("receipt_open", language, ahead=ahead, expected=expected)


def _status(state: State, playbook: Playbook) -> Turn:
    if playbook.ticket is not None:
        replies = (receipt_reply(playbook.ticket, playbook.wording, state.language, now=playbook.now),)
    elif (
        playbook.closed_ticket is not None
        and playbook.closed_ticket.close_reason is not CloseReason.CANCELLED
    ):
        replies = (_closed_reply(playbook.closed_ticket, state, playbook),)
    else:
        replies = (playbook.wording.reply("no_ticket", state.language),)
    return _ticket_turn(replies, state, playbook)


def _closed_reply(ticket: Ticket, state: State, playbook: Playbook) -> Reply:
    choices = () if ticket.satisfaction else rating_choices(playbook.wording, state.language)
    return playbook.wording.reply(
        "receipt_closed_ticket", state.language, number=ticket.number, choices=choices
    )


def _cancelled(receipt: Receipt, state: State, playbook: Playbook) -> Turn:
    reply = playbook.wording.reply("ticket_cancelled", state.language, number=receipt.ticket.number)
    return replace(_ticket_turn((reply,), state, playbook), move=TicketMove(cancel=True))


def _rated(pressed: str, state: State, playbook: Playbook) -> Turn:
    ticket = playbook.ticket.ticket if playbook.ticket else playbook.closed_ticket
    level = pressed.removeprefix(RATE)
    can_rate = ticket is not None and (ticket.first_answer_at is not None or not ticket.is_live)
    if not can_rate or level not in {str(int(known)) for known in Satisfaction}:
        return _ticket_turn((playbook.wording.reply("no_ticket", state.language),), state, playbook)
    satisfaction = Satisfaction(int(level))
    phrase = "rated_complaint" if satisfaction.is_complaint else "rated"
    reply = playbook.wording.reply(phrase, state.language)
    return replace(_ticket_turn((reply,), state, playbook), move=TicketMove(satisfaction=satisfaction))


def _ticket_turn(replies: tuple[Reply, ...], state: State, playbook: Playbook) -> Turn:
    ticket = playbook.ticket.ticket if playbook.ticket else playbook.closed_ticket
    return Turn(
        kind=TurnKind.HANDOVER,
        domain=ticket.queue.value if ticket else "services",
        confidence=1.0,
        human=Human.MADE if playbook.ticket else Human.NONE,
        replies=replies,
        state=replace(state, offered=replies[-1].choices),
    )
