"""The text as rules read it; the original stays for display.

`normalize` keeps punctuation (rules look at sentence ends); `bare` drops it (whole wordings are compared).
"""

import re
import unicodedata

from knowledge.textnorm import normalized, plain

_HAN = "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_BETWEEN_HAN = re.compile(rf"(?<={_HAN})\s+(?={_HAN})")


def normalize(text: str) -> str:
    """Unified width and script, lower case, nothing invisible, single spaces; idempotent.

    >>> normalize("轉　ＡＴＭ\\u200b！")
    '转 atm!'
    """
    return _BETWEEN_HAN.sub("", unicodedata.normalize("NFKC", plain(text).casefold()))


def bare(text: str) -> str:
    """`normalize` without punctuation and emoji.

    >>> bare("转人工！！")
    '转人工'
    """
    return normalized(text)
