"""What a channel is: a name and what it can carry. Also the one place where incoming text is made harmless."""

import re
from dataclasses import dataclass
from typing import Protocol

from bot.conversation.model import Address, Reply

# Control characters mean nothing in a message; they can hide words, break a terminal or a database driver.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# They change the order in which other characters are shown: a link can be made to look like another.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can carry; richer replies are degraded to this."""

    longest_text: int | None  # characters of one message; None: no limit
    buttons: bool  # False: choices become a numbered list
    proactive: bool  # may speak first, for example when staff answer later


class Channel(Protocol):
    """A way people reach the desk."""

    @property
    def name(self) -> str:
        """As it stands in `Address.channel`, in metrics and in the console."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What replies on this channel may contain."""
        ...


class Pushing(Channel, Protocol):
    """A channel whose messages somebody must carry to the person: the outbox does, by `send`.

    It is always called in the outbox's event loop, for one message of a person at a time, in order.
    """

    async def send(self, address: Address, reply: Reply, *, key: int) -> None:
        """Return once the platform has the reply.

        Args:
            key: the id of the message; the same when it is tried again.

        Raises:
            RetryLater: not now; `after` is honoured when the platform named it.
            WindowClosed: not before the person writes again.
            Undeliverable: never; with a reason people understand.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A channel told by its values."""

    name: str
    capabilities: Capabilities


WEB = Described(name="web", capabilities=Capabilities(longest_text=8_000, buttons=True, proactive=True))
API = Described(name="api", capabilities=Capabilities(longest_text=None, buttons=True, proactive=False))
TERMINAL = Described(
    name="terminal", capabilities=Capabilities(longest_text=None, buttons=False, proactive=False)
)


def cleaned(text: str) -> str:
    """`text` without control characters and lone surrogates; line breaks and tabs stay.

    >>> cleaned("a\\x1b[31mb\\x00\\r\\nc")
    'a[31mb\\nc'
    """
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def printable(text: str) -> str:
    """`cleaned`, and without the characters that reorder what is shown; for a terminal."""
    return _DIRECTIONS.sub("", cleaned(text)).replace("\t", "    ")
