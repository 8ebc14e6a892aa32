"""Telephone numbers in a text, by the kind of their range: who can have such a number, and which are forged.

Ranges are of China's numbering plan. A kind says nothing about the one who calls: numbers shown can be faked.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

_NUMBER = re.compile(r"(?<![a-z0-9*._@/=-])(?:\+|00)?\d(?:[ -]?[\d*x]){2,17}(?![a-z0-9@*])")
_JOINTS = re.compile(r"[ -]")
_MOBILE = re.compile(r"1[3-9][\d*x]{9}")
_VIRTUAL = re.compile(r"1(?:6[257]|7[01])[\d*x]{8}")  # ranges of virtual operators, much used to stay unknown
_SERVICE = re.compile(r"[48]00[\d*x]{7}")
_SHORT = re.compile(
    r"1(?:10|19|20|22|14)|1(?:2\d{3}|0086|0010|0000|0001|0099|1185)|9(?:5\d{3}|6\d{3,4})|100\d\d"
)
_GATEWAY = re.compile(r"106[\d*x]{5,17}")  # how services send messages; anybody can rent one
_LANDLINE = re.compile(r"0[1-9]\d{1,2}[\d*x]{7,8}")
_FORGED = re.compile(
    r"(?:\+|00)(?:86)?0?\d{0,4}(?:1(?:10|2345|2381|2348|2333)|96110|95\d{3}|10086|10010|10000)"
)


class PhoneKind(StrEnum):
    """What range a number is of."""

    OFFICIAL_SHORT = "official_short"
    FORGED = "forged"
    OVERSEAS = "overseas"
    VIRTUAL = "virtual"
    SERVICE_400 = "service_400"
    GATEWAY_106 = "gateway_106"
    MOBILE = "mobile"
    LANDLINE = "landline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A number, its place in the text and its kind."""

    start: int
    end: int
    kind: PhoneKind


def find_phones(text: str) -> tuple[Phone, ...]:
    """The telephone numbers of a text, in order; amounts, dates and account numbers are none.

    >>> [phone.kind.value for phone in find_phones("来电+00110,回拨0085212345678或96110")]
    ['forged', 'overseas', 'official_short']
    """
    found = []
    for match in _NUMBER.finditer(text):
        kind = _kind(_JOINTS.sub("", match.group()))
        if kind is not None:
            found.append(Phone(start=match.start(), end=match.end(), kind=kind))
    return tuple(found)


def _kind(number: str) -> PhoneKind | None:
    if number.startswith(("+", "00")):
        return _from_abroad(number)
    for kind, pattern in _KINDS:
        if pattern.fullmatch(number):
            return kind
    return None


_KINDS = (
    (PhoneKind.VIRTUAL, _VIRTUAL),
    (PhoneKind.MOBILE, _MOBILE),
    (PhoneKind.SERVICE_400, _SERVICE),
    (PhoneKind.OFFICIAL_SHORT, _SHORT),
    (PhoneKind.GATEWAY_106, _GATEWAY),
    (PhoneKind.LANDLINE, _LANDLINE),
)


def _from_abroad(number: str) -> PhoneKind | None:
    """A number with + or 00 before it: forged when a Chinese short code stands behind it, else overseas."""
    if _FORGED.fullmatch(number):
        return PhoneKind.FORGED
    digits = re.sub(r"^(?:\+00|00|\+)", "", number)
    if digits.startswith("86"):
        return _kind(digits[2:]) or _kind(f"0{digits[2:]}")
    if "*" in digits or "x" in digits:
        return PhoneKind.OVERSEAS if len(digits) >= 8 else None
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    return PhoneKind.OVERSEAS if phonenumbers.is_possible_number(parsed) else None
