"""Text as it is compared: what a person typed, without what their keyboard and their mood added to it."""

import re
import unicodedata
from functools import lru_cache

import opencc

from knowledge.dialect import standard

# Zero-width and bidirectional signs, soft hyphen, variation selectors, tags: scammers hide words with them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN = re.compile(rf"[{_CJK}]")
_NOT_WORD = re.compile(r"[^\w]|_")  # punctuation, symbols, emoji, controls
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """`text` as it is encoded: full-width and traditional forms unified, nothing invisible, single spaces.

    Case and punctuation stay.

    >>> plain("我\\u200b被騙了！！  ＡＴＭ")
    '我被骗了!! ATM'
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    text = _SPACES.sub(" ", text).strip()
    return _simplified(text) if _HAN.search(text) else text


def normalized(text: str) -> str:
    """`text` as it is matched: `plain`, lower case, only letters and digits, no space between Han characters,
    the district's own words in standard Chinese.

    Applying it twice changes nothing. Text of signs alone gives "".

    >>> normalized("我 被 騙 了！！😭 ＱＱ群：123")
    '我被骗了qq群123'
    """
    text = unicodedata.normalize("NFKC", plain(text).casefold())
    text = _INVISIBLE.sub("", text)
    text = _SPACES.sub(" ", _NOT_WORD.sub(" ", text)).strip()
    text = _joined(text)
    return standard(text) if _HAN.search(text) else text


def _joined(text: str) -> str:
    # A space means something only between two latin words or numbers.
    return re.sub(rf"(?<=[{_CJK}]) | (?=[{_CJK}])", "", text)


def _simplified(text: str) -> str:
    return str(_converter().convert(text))


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    # Loaded on first use: reading its dictionaries costs a program that never needs them.
    return opencc.OpenCC("t2s")
