"""What a citizen may say about their own ticket at any time: how is it, cancel it, rate it. Pure.

Also the receipt: promises come from the office calendar, never from hope.
"""

import re
import unicodedata
from dataclasses import replace
from datetime import datetime

from bot.conversation.about_comment import comment_choice
from bot.conversation.model import Choice, Human, Reply, State, TicketMove, Turn, TurnKind
from bot.conversation.playbook import Playbook
from bot.conversation.wording import Wording
from bot.tickets.model import CloseReason, Priority, Receipt, Satisfaction, Ticket, TicketStatus
from intents.router import Intent, Wish

REOPEN = "reopen:"  # a button that opens a closed ticket again: its number
RATE = "rate:"  # a button that rates a ticket: the level from 5 (best) to 1, and the ticket's number

_OVER = (CloseReason.CANCELLED, CloseReason.DUPLICATE, CloseReason.SPAM)  # there is nothing to go on with
_LEVELS = {str(int(level)): level for level in Satisfaction}
_NUMBER = re.compile(r"\d{8}[\s\-－—–]?\d{4,}")


def about_ticket(
    intent: Intent, pressed: str, state: State, playbook: Playbook, *, said: str = ""
) -> Turn | None:
    """The turn for a message about the ticket itself; None for anything else. `said`: the message, which may name
    a number.
    """
    if pressed.startswith(RATE):
        return _rated(pressed, state, playbook)
    if pressed.startswith(REOPEN) and playbook.ticket is not None:
        return _status(state, playbook)
    if intent.wish is Wish.TICKET_STATUS:
        asked = _NUMBER.search(said)
        return _asked_for(asked.group(), state, playbook) if asked else _status(state, playbook)
    if intent.wish is Wish.CANCEL_TICKET and playbook.ticket is None:
        return _status(state, playbook)
    if playbook.ticket is not None:
        # “算了” to somebody who is already at it is said to them; only the plain words take it from them.
        nobody_has_it = playbook.ticket.ticket.status is TicketStatus.OPEN
        if intent.wish is Wish.CANCEL_TICKET or (intent.wish is Wish.CANCEL and nobody_has_it):
            return _cancelled(playbook.ticket, state, playbook)
        if intent.wish is Wish.HUMAN:  # asked again: say how it stands instead of nothing
            return _status(state, playbook)
    return None


def number_in(text: str) -> str | None:
    """The ticket number that `text` names, as it is stored; None when it names none.

    >>> number_in("查询 ２０２６１１２４－０００７")
    '20261124-0007'
    """
    found = _NUMBER.search(text)
    if found is None:
        return None
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", found.group()))
    return f"{digits[:8]}-{digits[8:]}"


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


def may_go_on(playbook: Playbook) -> Ticket | None:
    """The last ticket, closed so short a while ago that it may be opened again; None when there is no such one."""
    ticket = playbook.closed_ticket
    if ticket is None or ticket.closed_at is None or not playbook.staffed or ticket.close_reason in _OVER:
        return None
    return ticket if playbook.now - ticket.closed_at <= playbook.reopen_window else None


def says_nothing_since(state: State, ticket: Ticket) -> bool:
    """Whether the bot has answered nothing since the `ticket` was closed: staff had the last word."""
    assert ticket.closed_at is not None, "it is closed"
    return state.last_at is None or state.last_at <= ticket.closed_at.timestamp()


def reopen_choice(ticket: Ticket, wording: Wording, language: str) -> Choice:
    """The button with which a citizen goes on with a closed ticket."""
    return Choice(label=wording.say("reopen_button", language), value=f"{REOPEN}{ticket.number}")


def _is_settled(ticket: Ticket) -> bool:
    return ticket.satisfaction is not None or ticket.first_answer_at is None


def rating_choices(ticket: Ticket, wording: Wording, language: str) -> tuple[Choice, ...]:
    """The five official levels for `ticket`, best first. They name it: an old button rates no other ticket."""
    return tuple(
        Choice(
            label=wording.say(f"rating_{int(level)}", language), value=f"{RATE}{int(level)}:{ticket.number}"
        )
        for level in sorted(Satisfaction, reverse=True)
    )


def _promise(receipt: Receipt, wording: Wording, language: str, *, now: datetime) -> str:
    ticket = receipt.ticket
    if ticket.status is not TicketStatus.OPEN:
        return wording.say(f"receipt_{ticket.status.value}", language)
    return wording.say(
        _phrase(receipt, now),
        language,
        place=receipt.position,
        ahead=receipt.position - 1,
        opening=wording.clock(receipt.next_opening, language, now=now),
        expected=wording.clock(receipt.expected_by, language, now=now),
    )


def _phrase(receipt: Receipt, now: datetime) -> str:
    is_urgent = receipt.ticket.priority is Priority.URGENT
    if not receipt.is_open:
        return "receipt_urgent_closed" if is_urgent else "receipt_closed"
    if receipt.expected_by <= now:
        return "receipt_late"
    return "receipt_urgent" if is_urgent else "receipt_open"


def _asked_for(number: str, state: State, playbook: Playbook) -> Turn:
    """How the ticket with this number stands, if it is one of this chat."""
    named = playbook.named_ticket
    if named is not None and named.is_live:
        return _status(state, playbook)
    if named is None:
        reply = playbook.wording.reply("ticket_not_here", state.language, number=number)
    elif named.close_reason is CloseReason.CANCELLED:
        reply = playbook.wording.reply("ticket_cancelled", state.language, number=named.number)
    else:
        reply = _closed_reply(named, state, playbook)
    return _ticket_turn((reply,), state, playbook)


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
    choices = () if _is_settled(ticket) else rating_choices(ticket, playbook.wording, state.language)
    again = may_go_on(playbook)
    if again is not None and again.id == ticket.id:
        choices = (*choices, reopen_choice(ticket, playbook.wording, state.language))
    return playbook.wording.reply(
        "receipt_closed_ticket", state.language, number=ticket.number, choices=choices
    )


def _cancelled(receipt: Receipt, state: State, playbook: Playbook) -> Turn:
    reply = playbook.wording.reply("ticket_cancelled", state.language, number=receipt.ticket.number)
    return replace(_ticket_turn((reply,), state, playbook), move=TicketMove(cancel=True))


def _rated(pressed: str, state: State, playbook: Playbook) -> Turn:
    """The rating of the ticket that the button names, which may be an earlier one."""
    satisfaction = _LEVELS.get(pressed.removeprefix(RATE).partition(":")[0])
    ticket = playbook.named_ticket
    if satisfaction is None or ticket is None or ticket.first_answer_at is None:
        return _ticket_turn((_not_rated(state, playbook),), state, playbook)
    phrase = "rated_complaint" if satisfaction.is_complaint else "rated"
    # A line is kept with the last ticket only, and who is dissatisfied is called back anyway.
    is_last = ticket == (playbook.ticket.ticket if playbook.ticket else playbook.closed_ticket)
    choices = (
        (comment_choice(ticket, playbook.wording, state.language),)
        if is_last and not satisfaction.is_complaint
        else ()
    )
    reply = playbook.wording.reply(phrase, state.language, number=ticket.number, choices=choices)
    return replace(_ticket_turn((reply,), state, playbook), move=TicketMove(satisfaction=satisfaction))


def _not_rated(state: State, playbook: Playbook) -> Reply:
    """A button of before, or of another chat: nothing is rated by guessing which ticket was meant."""
    ticket = playbook.ticket.ticket if playbook.ticket else playbook.closed_ticket
    if ticket is None or ticket.first_answer_at is None:
        return playbook.wording.reply("no_ticket", state.language)
    choices = rating_choices(ticket, playbook.wording, state.language)
    return playbook.wording.reply("rate_expired", state.language, number=ticket.number, choices=choices)


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
