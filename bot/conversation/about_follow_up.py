"""What a citizen says after staff closed their ticket. Pure.

Who plainly goes on with it gets the same ticket again: a second one would tell the story anew, and a bot that answers
“still not working” with a menu strands people. What can be answered is answered; what is unclear offers both ways.
docs/adr/0011-after-the-close.md says why.
"""

from dataclasses import replace

from bot.conversation.about_ticket import REOPEN, may_go_on, reopen_choice, says_nothing_since
from bot.conversation.answering import handover
from bot.conversation.model import Human, State, TicketMove, Turn, TurnKind
from bot.conversation.playbook import Heard, Playbook
from bot.conversation.wording import HUMAN
from bot.tickets.model import CloseReason, Ticket
from intents.follow_ups import goes_on, speaks_to_desk
from intents.router import Wish
from intents.triage import Risk

_UNSURE = (TurnKind.DECLINE, TurnKind.CHOICES)


def about_follow_up(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn that opens the ticket again; None for what is the bot's to answer."""
    ticket = may_go_on(playbook)
    if pressed.startswith(REOPEN):
        return _pressed(ticket, state, playbook)
    if ticket is None or pressed or not _is_plain_question(heard):
        return None
    if says_nothing_since(state, ticket) and _continues(heard, ticket, playbook):
        return _opened_again(ticket, state, playbook)
    if speaks_to_desk(heard.text) and playbook.sure(heard.whole) is None:
        return _opened_again(ticket, state, playbook)
    return None


def offering_the_desk(turn: Turn, heard: Heard, state: State, playbook: Playbook) -> Turn:
    """The turn, with the way back to the desk on its last reply where it is not sure to be what was meant."""
    ticket = may_go_on(playbook)
    if ticket is None or not turn.replies or turn.escalation is not None or turn.move is not None:
        return turn
    is_new = says_nothing_since(state, ticket)
    unsure = is_new and (turn.kind in _UNSURE or heard.intent.follow_up)
    if not unsure and not (turn.kind is TurnKind.ANSWER and speaks_to_desk(heard.text)):
        return turn
    last, back = turn.replies[-1], reopen_choice(ticket, playbook.wording, turn.language)
    choices = (*(choice for choice in last.choices if choice.value != HUMAN), back)
    replies = (*turn.replies[:-1], replace(last, choices=choices))
    return replace(turn, replies=replies, state=turn.state.offering(choices))


def _is_plain_question(heard: Heard) -> bool:
    """Whether nothing else takes the message: a wish, a choice, a sign of fraud."""
    if heard.intent.wish is not Wish.QUESTION or heard.intent.number is not None:
        return False
    return heard.triage.stage is None and (heard.check is None or heard.check.risk is Risk.NONE)


def _continues(heard: Heard, ticket: Ticket, playbook: Playbook) -> bool:
    """Whether the first words after the close go on with the talk: by their wording, or as the answer that staff
    had waited for in vain.
    """
    if ticket.first_answer_at is None or ticket.close_reason is CloseReason.HANDED_BACK:
        return False
    if goes_on(heard.text):
        return True
    return ticket.close_reason is CloseReason.NO_REPLY and playbook.sure(heard.whole) is None


def _pressed(ticket: Ticket | None, state: State, playbook: Playbook) -> Turn:
    """The button: another ticket, or too late, is a person all the same."""
    named = playbook.named_ticket
    if ticket is not None and named is not None and ticket.id == named.id:
        return _opened_again(ticket, state, playbook)
    queue = named.queue if named is not None else None
    return handover(state, playbook, reason="asked for a person", queue=queue)


def _opened_again(ticket: Ticket, state: State, playbook: Playbook) -> Turn:
    reply = playbook.wording.reply("ticket_goes_on", state.language, number=ticket.number)
    return Turn(
        kind=TurnKind.HANDOVER,
        domain=ticket.queue.value,
        confidence=1.0,
        human=Human.MADE,
        replies=(reply,),
        state=replace(state, offered=(), misses=0),
        move=TicketMove(reopen=True),
    )
