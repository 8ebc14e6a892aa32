"""Personal data never reaches a log: every value is masked on its way there.

Masks are deliberately greedy (any long run of digits goes): a log line is read by people who need ids and
reasons, never a citizen's numbers.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

_PATTERNS = (
    (re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"), "<email>"),
    # ID card, bank card, phone, account: digits possibly grouped by blanks or dashes
    (re.compile(r"(?<!\d)(?:\d[ -]?){16}\d[0-9Xx](?!\d)"), "<id>"),
    (re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)"), "<card>"),
    (re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), "<phone>"),
    (re.compile(r"(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)"), "<phone>"),
    (re.compile(r"(?<!\d)\d{6,11}(?!\d)"), "<number>"),
)
# Keys whose values are people's words: only their length is logged.
_WORDS = frozenset({"text", "raw", "message_text", "body", "question", "reply"})


def redact(text: str) -> str:
    """`text` with ID, card, phone and account numbers and e-mail addresses masked.

    >>> redact("我的卡6222021234567890123，电话13812345678")
    '我的卡<card>，电话<phone>'
    """
    for pattern, mask in _PATTERNS:
        text = pattern.sub(mask, text)
    return text


def redact_event(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A structlog processor: masks every value, and replaces people's words by their length."""
    return {
        key: f"<{len(value)} characters>" if key in _WORDS and isinstance(value, str) else _masked(key, value)
        for key, value in event.items()
    }


def _masked(key: str, value: Any) -> Any:
    if key in ("timestamp", "level"):
        return value
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(inner): _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(key, item) for item in value]
    return value
