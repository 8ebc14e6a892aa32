"""Every error of the bot.

AnwenError
├── ConfigError      config.yaml or the environment is wrong: names the key and the fix
├── StartupError     the machine is not ready: port taken, folder not writable, index corrupt
├── StorageError     the database cannot be opened or migrated
├── ChannelError     a channel could not deliver
│   ├── RetryLater   try again after `after`
│   ├── WindowClosed  not before the person writes again
│   └── Undeliverable  never try again; the reason is for staff to read
├── InvalidRequest   a caller of the public API sent something unusable
├── StaffError       an account of staff cannot be made or changed like this
│   └── PasswordRefused  the password is too easy; says why
├── SignInRefused    wrong name or password, or too many tries
├── FileRefused      a file cannot be taken; says why
└── TicketError      an illegal move of a ticket
    ├── CallBackMissing  the citizen complained and was not called back yet
    └── TicketConflict  somebody else was faster: look again
        └── LateAnswer  a colleague has answered meanwhile
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
        reason: what happened, as a code of `delivery.Trouble` or in words for staff.
        after: wait at least this long; None leaves it to the backoff.
    """

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class WindowClosed(ChannelError):
    """The platform lets us speak only for some time after the person wrote, and that is over."""


class Undeliverable(ChannelError):
    """Delivery will never work; the message says why: a code of `delivery.Trouble`, or words for staff."""


class InvalidRequest(AnwenError):
    """A request of the public API is unusable.

    Args:
        code: stable, for programs.
        message: one sentence, for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StaffError(AnwenError):
    """An account of staff cannot be made or changed like this."""


class PasswordRefused(StaffError):
    """The password is too easy.

    Args:
        code: stable: too_short, too_long, common, like_name.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SignInRefused(AnwenError):
    """Nobody was signed in. What was wrong is not told.

    Args:
        wait_s: no try counts before this many seconds have passed; 0 when one may try at once.
    """

    def __init__(self, *, wait_s: int = 0) -> None:
        super().__init__(f"too many tries; wait {wait_s} s" if wait_s else "wrong name or password")
        self.wait_s = wait_s


class FileRefused(AnwenError):
    """A file cannot be taken.

    Args:
        code: stable: empty, too_large, unknown, broken, too_many, full; the phrase `file_<code>` says it to people.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"the file was refused: {code}")
        self.code = code


class TicketError(AnwenError):
    """An illegal move of a ticket."""


class CallBackMissing(TicketError):
    """The ticket may not end before the citizen, who complained, was called back."""


class TicketConflict(TicketError):
    """The ticket was changed since it was read."""


class LateAnswer(TicketConflict):
    """A colleague answered after the page of this answer was loaded.

    Args:
        name: the colleague's.
        minutes: how long ago, rounded down.
    """

    def __init__(self, name: str, *, minutes: int) -> None:
        super().__init__(f"{name} answered {minutes} min ago; read that first")
        self.name = name
        self.minutes = minutes
