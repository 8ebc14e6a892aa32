"""What wording must never contain: numbers nobody verified, promises, and texts in the wrong language."""

import re
import unicodedata
from collections.abc import Collection, Iterator

# Each group is a way of promising an outcome, or of vouching for someone else's offer.
BANNED = re.compile(
    r"一定(?:能|会|可以)?(?:追回|要回|拿回|赢|胜诉|成功|通过|批准|立案)|保证(?:胜诉|追回|赢|成功|通过|修复|拿回|办成)"
    r"|(?:绝对|百分之百|百分百|100%)(?:安全|没问题|不会|能|可以|成功|追回)|必(?:胜|赢)|稳(?:赢|赚)(?:不赔)?"
    r"|包(?:过|赢|胜诉|追回|成功|通过|修复)|肯定(?:能|会)(?:追回|赢|胜诉|成功|通过)|(?:可以|请)?放心(?:转账|付款|汇款)"
    r"|(?:会|将)(?:判|被判)[一二三四五六七八九十\d]+年"
    r"|\bguaranteed? (?:to|that|win|success|refund|recovery|you)|\byou will (?:definitely|certainly) "
    r"|\b(?:100 ?%|completely|absolutely|perfectly|totally) safe\b|\bcertain to win\b|\brisk[- ]free\b",
    re.IGNORECASE,
)
# In the same sentence these turn a promise into a warning: "说一定能追回的都是骗子", "不能保证追回".
_TURNED = re.compile(
    r"不|没|未|无法|难以|别|勿|骗|凡|声称|自称|号称|谎称|承诺|[“”\"「」『』]"
    r"|\b(?:not|no|never|nobody|cannot|can't|don't|doesn't|isn't|scam\w*|fraud\w*|claim\w*|promis\w*)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[。！？!?;；\n]|\. ")

_UNITS = (
    "元日天%条款项号年月周岁个万亿千百人平米公里小时分钟秒家户部套件张页字名位次倍度克斤吨以多余来股批台辆笔"
)
_ENGLISH_UNITS = r"yuan|rmb|cny|days?|months?|years?|hours?|minutes?|per ?cent|km|kg|people|times"
# What follows an amount, a decimal or a range, but not a telephone number.
_NO_AMOUNT = rf"(?!\d|[.,]\d|-\d|\s*(?:[{_UNITS}]|(?:{_ENGLISH_UNITS})\b))"
_PHONE = re.compile(
    r"(?<![\d.,\-第〔\[])"
    r"(?P<number>0\d{2,3}[- ]?\d{7,8}|[48]00[- ]?\d{3}[- ]?\d{4}|1[3-9]\d{9}"
    r"|(?:95|96|10|11|12)\d{3,4}|1\d{2})" + _NO_AMOUNT,
    re.IGNORECASE,
)
_DIALLED = re.compile(
    r"(?:打|拨|致电|热线|电话|短信至|发送到|call|dial|ring|phone|text|hotline)[:\s]*(?P<number>\d{3,12})"
    + _NO_AMOUNT,
    re.IGNORECASE,
)
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")


def unknown_numbers(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Telephone-like numbers in `text` that are not `known`, in order, each once.

    Amounts, dates, articles and percentages are no telephone numbers.

    >>> unknown_numbers("拨打 96110，或 0573-82712345；罚款500元，第120条", {"96110"})
    ('0573-82712345',)
    """
    text = unicodedata.normalize("NFKC", text)
    found = dict.fromkeys(
        match["number"] for pattern in (_PHONE, _DIALLED) for match in pattern.finditer(text)
    )
    return tuple(number for number in found if re.sub(r"\D", "", number) not in known)


def promises(text: str) -> tuple[str, ...]:
    """Phrases in `text` that promise an outcome or vouch for safety, unless the sentence warns of them.

    >>> promises("报警后一定能追回。"), promises("谁也不能保证追回。")
    (('一定能追回',), ())
    """
    return tuple(
        match[0]
        for sentence in _sentences(text)
        for match in BANNED.finditer(sentence)
        if not _TURNED.search(sentence.replace(match[0], " "))
    )


def has_chinese(text: str) -> bool:
    """Whether `text` has a Chinese character."""
    return _CHINESE.search(text) is not None


def is_english(text: str) -> bool:
    """Whether `text` is mostly latin letters; single Chinese names inside are fine."""
    return len(_LATIN.findall(text)) > 2 * len(_CHINESE.findall(text))


def length(text: str) -> int:
    """Characters of `text` that are not white space."""
    return len(re.sub(r"\s", "", text))


def _sentences(text: str) -> Iterator[str]:
    yield from filter(None, _SENTENCE_END.split(text))
