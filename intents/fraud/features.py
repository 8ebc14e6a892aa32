"""Evidence as numbers for the model: hashed character n-grams, and named yes-or-no features.

The names are stored beside the weights, so a signal added later only counts after the next training.
"""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from intents.fraud import signals
from intents.fraud.accounts import AccountKind
from intents.fraud.evidence import Evidence
from intents.fraud.links import LinkSign
from intents.fraud.phones import PhoneKind
from intents.triage import Stage

BUCKETS = 1 << 16
LONGEST_GRAM = 3
_NUMBER = re.compile(r"\d[\d*,.]*|\*{2,}\d*")
_MULTIPLIERS = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F], np.uint64)
_MIXER = np.uint64(0xFF51AFD7ED558CCD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """`buckets` (n,) int64, each once, with `counts` (n,) float32; `flags` are the names that hold."""

    buckets: NDArray[np.int64]
    counts: NDArray[np.float32]
    flags: frozenset[str]


def features(evidence: Evidence) -> Features:
    """The features of one text."""
    buckets, counts = np.unique(_grams(masked(evidence)), return_counts=True)
    return Features(buckets=buckets, counts=counts.astype(np.float32), flags=_flags(evidence))


@cache
def flag_names() -> tuple[str, ...]:
    """Every flag there is, in the order in which they are trained."""
    return (
        *(f"signal:{signal.code}" for signal in signals.known()),
        *(f"calm:{code}" for code in signals.calm_codes()),
        *(f"link:{sign.value}" for sign in LinkSign),
        *(f"phone:{kind.value}" for kind in PhoneKind),
        *(f"account:{kind.value}" for kind in AccountKind),
        *(f"stage:{stage.value}" for stage in Stage),
        "rule",
        "disguise",
        "much_disguise",
    )


def masked(evidence: Evidence) -> str:
    """The text as n-grams are made of it: a link is only its signs, a number only a number.

    Which domain or number stood there says nothing about the next message.
    """
    parts, last = [], 0
    text = evidence.reading.text
    for link in evidence.links:
        parts += [text[last : link.start], "⟨", *sorted(sign.value[0] for sign in link.signs), "⟩"]
        last = link.end
    return _NUMBER.sub("0", "".join([*parts, text[last:]]))


def _flags(evidence: Evidence) -> frozenset[str]:
    flags = {f"signal:{found.signal.code}" for found in evidence.found}
    flags |= {f"calm:{code}" for code in evidence.calm}
    flags |= {f"link:{sign.value}" for link in evidence.links for sign in link.signs}
    flags |= {f"phone:{phone.kind.value}" for phone in evidence.phones}
    flags |= {f"account:{account.kind.value}" for account in evidence.accounts}
    if evidence.triage.stage is not None:
        flags.add(f"stage:{evidence.triage.stage.value}")
    if any(found.signal.decides for found in evidence.found):
        flags.add("rule")
    if evidence.reading.tricks:
        flags.add("disguise")
    if len(evidence.reading.tricks) > 1:
        flags.add("much_disguise")
    return frozenset(flags)


def _grams(text: str) -> NDArray[np.int64]:
    """The bucket of every run of one to three characters of the text, its edges marked."""
    codes = np.frombuffer(f"\x02{text}\x03".encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    buckets = []
    for length in range(1, LONGEST_GRAM + 1):
        if len(codes) < length:
            break
        size = len(codes) - length + 1
        mixed = np.full(size, length, np.uint64)
        for at in range(length):
            mixed = (mixed ^ (codes[at : at + size] * _MULTIPLIERS[at])) * _MIXER
            mixed ^= mixed >> np.uint64(29)
        buckets.append(mixed % np.uint64(BUCKETS))
    return np.concatenate(buckets).astype(np.int64)
