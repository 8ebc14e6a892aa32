"""Which forwarded texts are spoken up about in a group that asked for it: almost certain scams, and only those. Pure.

A wrong warning in front of everybody costs more than a missed one: who doubts asks in a private chat.
"""

from intents.fraud.assess import assess
from intents.fraud.meaning import Encode
from intents.fraud.types import types

CERTAIN = 0.99  # probability of fraud
LEAST_FLAGS = 2  # separate signs in the words themselves, beside the probability
LEAST_CHARACTERS = 20  # shorter texts have no room for a story
_LONGEST = 4_096


def scam_type(text: str, *, encode: Encode | None) -> str | None:
    """The code of the type of fraud `text` almost certainly is; None for everything else.

    Args:
        encode: as `assess`.
    """
    if len(text) < LEAST_CHARACTERS:
        return None
    found = assess(text[:_LONGEST], encode=encode)
    certain = found.score >= CERTAIN and len(found.red_flags) >= LEAST_FLAGS
    return found.type if certain else None


def name_of(code: str, language: str) -> str:
    """What the type is called."""
    return types()[code].name[language]
