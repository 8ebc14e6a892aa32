"""What of all that staff write in a topic goes to the citizen: only what asks for it. Pure.

Three ways lead out: `/r`, a reply to the citizen's own words, and the reply mode a person switched on for a ticket.
Everything else is internal. `//` at the beginning keeps a message inside in any case.
"""

from dataclasses import dataclass

from bot.channels.telegram.commands import Command, command
from bot.channels.telegram.links import Role

SEND = "r"
INSIDE = "//"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Goes to the citizen. `text` may be empty where a file comes with it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Internal:
    """Stays with colleagues, as a note."""

    text: str


Act = Answer | Internal | Command


def judged(text: str, *, reply_to: Role | None, in_reply_mode: bool, forwarded: bool, me: str) -> Act:
    """What becomes of a message in a topic.

    Args:
        reply_to: what the message replied to is to us; None when it is no reply, or to something unknown.
        in_reply_mode: the writer switched the mode on for this ticket, and it still holds.
        forwarded: somebody else's words, passed on: nobody answers a citizen like that.
        me: the bot's user name, lower case.
    """
    if text.startswith(INSIDE):
        return Internal(text=text.removeprefix(INSIDE).strip())
    if forwarded:
        return Internal(text=text)
    asked = command(text)
    if asked is not None and asked.to not in (None, me):
        return Internal(text=text)  # for another bot
    if asked is not None:
        return Answer(text=asked.rest) if asked.name == SEND else asked
    if text.startswith("/"):
        return Internal(text=text)
    if reply_to is Role.CITIZEN or in_reply_mode:
        return Answer(text=text)
    return Internal(text=text)
