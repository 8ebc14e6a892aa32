"""The parts of a long story that may hold its question."""

import re

LONG = 60  # characters; a shorter text is one question
MOST = 4  # windows in all: each costs one run of the encoder
WIDEST = 48  # characters of a part; voice input comes without any punctuation

_SENTENCES = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_CLAUSE_END = re.compile(r"[,，、:：\s]")
_ASKS = re.compile(
    r"[?？吗呢]|怎么|怎样|咋|如何|什么|啥|哪|多少|多久|几天|谁|能不能|可不可以|可以.{0,6}吗|要不要|该不该|是不是|有没有|算不算|违法|合法"
    r"|\b(?:how|what|where|when|who|which|why|can|should|do i|is it|am i)\b",
    re.IGNORECASE,
)


def windows(text: str) -> tuple[str, ...]:
    """`text`, and if it is long also its questions and its end: 1 to 4 different texts, `text` first.

    >>> windows("老板不给工资怎么办")
    ('老板不给工资怎么办',)
    """
    if len(text) <= LONG:
        return (text,)
    sentences = [found for match in _SENTENCES.finditer(text) if (found := match[0].strip())]
    asking = [sentence for sentence in sentences if _ASKS.search(sentence)]
    # The last question is most often the one that is meant; what precedes it is the story.
    parts = [_tail(sentence) for sentence in (*asking[-2:][::-1], " ".join(sentences[-2:]))]
    return tuple(dict.fromkeys((text, *(part for part in parts if part))))[:MOST]


def _tail(text: str) -> str:
    """The last part of `text`, at most WIDEST characters, from the start of a clause where there is one."""
    if len(text) <= WIDEST:
        return text
    start = len(text) - WIDEST
    clause = _CLAUSE_END.search(text, start, len(text) - WIDEST // 3)
    return text[clause.end() if clause else start :].strip()
