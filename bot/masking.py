"""Hides ID, phone and card numbers on the screen, with enough left to recognise one's own. Pure.

Unlike `privacy.redact`, which is for logs and greedy, this leaves other numbers readable: staff need amounts.
"""

import re

_ID = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)((?:\+?86[ -]?)?1[3-9]\d)([ -]?)\d{4}([ -]?)(\d{4})(?!\d)")
_CARD = re.compile(r"(?<![0-9*])(\d{4})(?:[ -]?\d){8,11}[ -]?(\d{4})(?![0-9*])")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}-?)\d{4}(\d{3,4})(?!\d)")
_REDACTED = re.compile("<(?:email|id|card|phone|number)>")  # subjects are stored by `privacy.redact`
_EMAIL = re.compile(r"([A-Za-z0-9._%+-])[A-Za-z0-9._%+-]*(@[A-Za-z0-9.-]+\.[A-Za-z]{2,})")


def masked(text: str) -> str:
    """`text` with the middle of every ID, phone and card number replaced by stars.

    >>> masked("我叫李四，身份证330402199001011234，电话13812345678，卡6222021234567890123，转了30000元")
    '我叫李四，身份证330402********1234，电话138****5678，卡6222****0123，转了30000元'
    """
    text = _REDACTED.sub("****", text)
    text = _EMAIL.sub(r"\1***\2", text)
    text = _ID.sub(r"\1********\2", text)
    text = _PHONE.sub(r"\1\2****\3\4", text)
    text = _CARD.sub(r"\1****\2", text)
    return _LANDLINE.sub(r"\1****\2", text)


def has_hidden(text: str) -> bool:
    """Whether `masked` would hide something."""
    return masked(text) != _REDACTED.sub("****", text)
