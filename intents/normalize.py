"""The text as rules read it; the original stays for display.

`normalize` keeps punctuation (rules look at sentence ends); `bare` drops it (whole wordings are compared).
"""

import re
import unicodedata

from knowledge.textnorm import normalized, plain

_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


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
