"""One line in the citizen's own words beside a rating, for staff to read. Pure.

It is asked for by a button, and only the very next message is taken for it: while the button to leave it out is on the
table. Where there are no buttons, “留言：…” does the same.
"""

import re
from dataclasses import replace

from bot.conversation.model import Choice, Human, Reply, State, TicketMove, Turn, TurnKind
from bot.conversation.playbook import Heard, Playbook
from bot.conversation.wording import Wording
from bot.tickets.model import Ticket, TicketStatus
from intents.router import Wish

COMMENT = "comment:"  # a button that begins a comment, with the number of the ticket
NO_COMMENT = "no_comment:"  # the button that leaves it out, likewise
LONGEST = 500  # characters that are kept with the ticket; the message itself is kept whole

_WRITTEN = re.compile(r"\s*(?:评价)?(?:留言|comment)\s*[:：]\s*(?P<words>\S.*)", re.DOTALL | re.IGNORECASE)
# Kind words are small talk elsewhere; here they are the comment.
_WORDS = (Wish.QUESTION, Wish.THANKS, Wish.GREETING, Wish.GOODBYE, Wish.IDENTITY)


def comment_choice(ticket: Ticket, wording: Wording, language: str) -> Choice:
    """The button that begins a comment on `ticket`."""
    return Choice(label=wording.say("comment_button", language), value=f"{COMMENT}{ticket.number}")


def about_comment(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn for a comment, or for the wish to write one; None for anything else."""
    ticket = rated_ticket(playbook)
    if pressed.startswith((COMMENT, NO_COMMENT)):
        return _pressed(pressed, ticket, state, playbook)
    if pressed or ticket is None:
        return None
    written = _WRITTEN.fullmatch(heard.text)
    is_asked = any(choice.value == f"{NO_COMMENT}{ticket.number}" for choice in state.offered)
    if written is None and not (is_asked and heard.intent.wish in _WORDS and heard.text.strip()):
        return None
    words = written["words"] if written else heard.text
    phrase = "comment_kept_live" if ticket.is_live else "comment_kept"
    reply = playbook.wording.reply(phrase, state.language, number=ticket.number)
    return _turn(reply, ticket, state, comment=words.strip()[:LONGEST])


def rated_ticket(playbook: Playbook) -> Ticket | None:
    """The ticket a comment goes to: rated, and nobody is at work on it, who would have to read it as a message."""
    ticket = playbook.ticket.ticket if playbook.ticket else playbook.closed_ticket
    if ticket is None or ticket.satisfaction is None:
        return None
    return ticket if ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED) else None


def _pressed(pressed: str, ticket: Ticket | None, state: State, playbook: Playbook) -> Turn:
    say, language = playbook.wording.say, state.language
    if ticket is None or pressed.partition(":")[2] != ticket.number:
        return _turn(playbook.wording.reply("comment_expired", language), ticket, state)
    if pressed.startswith(NO_COMMENT):
        return _turn(playbook.wording.reply("comment_skipped", language), ticket, state)
    skip = Choice(label=say("comment_skip", language), value=f"{NO_COMMENT}{ticket.number}")
    ask = playbook.wording.reply("comment_ask", language, number=ticket.number, choices=(skip,))
    return _turn(ask, ticket, state)


def _turn(reply: Reply, ticket: Ticket | None, state: State, *, comment: str = "") -> Turn:
    return Turn(
        kind=TurnKind.SMALLTALK,  # no question, and not counted as one
        domain=ticket.queue.value if ticket else "services",
        confidence=1.0,
        human=Human.MADE if ticket is not None and ticket.is_live else Human.NONE,
        replies=(reply,),
        move=TicketMove(comment=comment) if ticket is not None else None,
        state=replace(state, offered=reply.choices),
    )
