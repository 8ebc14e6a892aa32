"""Every error of the bot.

AnwenError
├── ConfigError      config.yaml or the environment is wrong: names the key and the fix
├── StartupError     the machine is not ready: port taken, folder not writable, index corrupt
├── StorageError     the database cannot be opened or migrated
├── ChannelError     a channel could not deliver
│   ├── RetryLater   try again after `after`
│   └── Undeliverable  never try again; the reason is for staff to read
├── InvalidRequest   a caller of the public API sent something unusable
└── TicketError      an illegal move of a ticket
    └── TicketConflict  somebody else was faster: look again
"""

from datetime import timedelta


class AnwenError(Exception):
    """The root: its message is one line that names the thing and the fix."""


class ConfigError(AnwenError):
    """The configuration cannot be used."""


class StartupError(AnwenError):
    """The machine is not ready to serve."""


class StorageError(AnwenError):
    """The database cannot be opened or migrated."""


class ChannelError(AnwenError):
    """A message could not be delivered."""


class RetryLater(ChannelError):
    """Delivery may work later.

    Args:
        reason: what happened, for the log and the console.
        after: wait at least this long; None leaves it to the backoff.
    """

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Undeliverable(ChannelError):
    """Delivery will never work; the message says why, in words for staff."""


class InvalidRequest(AnwenError):
    """A request of the public API is unusable.

    Args:
        code: stable, for programs.
        message: one sentence, for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TicketError(AnwenError):
    """An illegal move of a ticket."""


class TicketConflict(TicketError):
    """The ticket was changed since it was read."""
