"""Passwords of staff: which are good enough, and how they are kept. Slow on purpose: never inside a transaction.

argon2id with m=19456 KiB, t=2, p=1: the OWASP Password Storage Cheat Sheet's first choice, read 2026-11-20.
"""

import re
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import PasswordRefused

SHORTEST, LONGEST = 10, 128
LEAST_KINDS = 5  # different characters
_HASHER = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
# What is tried first everywhere, in the parts people build longer passwords from.
_COMMON = re.compile(
    r"(password|passw0rd|p@ssw0rd|admin|administrator|root|qwerty|qwertyuiop|asdfgh|zxcvbn|1qaz2wsx|letmein|welcome"
    r"|iloveyou|woaini|5201314|1314520|abc|abcd|abcdef|anwen|test|guest|888|666|000|111|123|1234|12345|123456|654321"
    r"|12345678|123456789|987654321|20\d\d|[@!#.$%&*_-])+"
)


def check(password: str, *, username: str, name: str) -> None:
    """Nothing, when `password` is good enough. Raises PasswordRefused with the reason and the fix."""
    plain = normalized(password).casefold()
    if len(plain) < SHORTEST:
        raise PasswordRefused("too_short", f"the password needs at least {SHORTEST} characters")
    if len(plain) > LONGEST:
        raise PasswordRefused("too_long", f"the password may have {LONGEST} characters at most")
    if len(set(plain)) < LEAST_KINDS or _COMMON.fullmatch(plain):
        raise PasswordRefused("common", "this password is tried first by everybody; take a sentence instead")
    if any(len(part) >= 3 and part.casefold() in plain for part in (username, name)):
        raise PasswordRefused("like_name", "the password must not contain the name")


def hashed(password: str) -> str:
    """`password` as it is stored. About 30 ms."""
    return _HASHER.hash(normalized(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one kept as `stored`. Takes as long for None, which nothing matches."""
    if len(password) > LONGEST:
        password, stored = "", None
    try:
        return _HASHER.verify(stored or _nobody(), normalized(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether `stored` was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def normalized(password: str) -> str:
    """One spelling for what looks the same on two keyboards (NFKC)."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobody() -> str:
    return _HASHER.hash("a password nobody has")
