"""Amounts of money in plain words: 2万元, 两千三, ￥3,000.50."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from intents.forms.model import InvalidAnswer
from intents.forms.numerals import number

MOST = Decimal(10) ** 12
_CENT = Decimal("0.01")
_NUMBER = (
    r"(?:\d[\d,，]*(?:\.\d+)?|[〇零一二两三四五六七八九十百千万亿]+)[\d〇零一二两三四五六七八九十百千万亿]*"
)
_UNIT = r"(?:元整|元|块钱|块|圆|人民币|rmb|yuan|cny)"
_AMOUNT = re.compile(
    rf"(?P<sign>[¥￥]|rmb\s*|cny\s*)?(?P<number>{_NUMBER})\s*(?P<scale>[wWkK](?![a-zA-Z]))?"
    rf"\s*(?P<unit>{_UNIT})?(?P<cents>[\d一二两三四五六七八九](?:毛|角)?(?=[^\d年月日号个天条张次点岁人%]|$))?",
    re.IGNORECASE,
)
_SCALES = {"w": 10_000, "k": 1_000}
_NOT_MONEY = re.compile(r"\s*(?:[年月日号个天条张次点岁人笔%％]|小时|分钟|/|-|:|：)")
_NONE = re.compile(
    r"(没有|没有罚款|没罚款|无|没罚|不罚款|没有钱|none|nothing|zero)(罚款|损失)?[。.]?", re.IGNORECASE
)
_VAGUE = re.compile(r"[几多]\s*(?:十|百|千|万|块|元)|[十百千万]\s*(?:几|多|来)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Money found in a text: yuan, and where it stands."""

    yuan: Decimal
    start: int
    end: int
    sure: bool  # has a unit or a currency sign: no other number looks so


def amounts(text: str) -> Iterator[Amount]:
    """Every number of `text` that may be money, in order."""
    for match in _AMOUNT.finditer(text):
        value = _value(match)
        if value is None or _is_something_else(text, match):
            continue
        named = bool(match["unit"] or match["sign"] or match["scale"])
        scaled = re.search(r"[千万亿]", match["number"]) is not None
        yield Amount(yuan=value, start=match.start(), end=match.end(), sure=named or scaled)


def money(text: str) -> str:
    """The amount `text` says, in yuan, as 23000 or 3000.50.

    Raises InvalidAnswer: `money` when there is none, `money_vague` for 几万, `money_several` when it names several.
    """
    if _NONE.fullmatch(text.strip()):
        return "0"
    if _VAGUE.search(text):
        raise InvalidAnswer("money_vague")
    found = list(amounts(text))
    sure = [amount for amount in found if amount.sure] or found
    values = {amount.yuan for amount in sure}
    if not values:
        raise InvalidAnswer("money")
    if len(values) > 1:
        raise InvalidAnswer("money_several")
    return plain(values.pop())


def plain(yuan: Decimal) -> str:
    """As stored: no exponent, cents only when there are some."""
    rounded = yuan.quantize(_CENT, ROUND_HALF_UP)
    return f"{rounded.to_integral_value():f}" if rounded == rounded.to_integral_value() else f"{rounded:f}"


def shown_money(value: str, language: str) -> str:
    """As people read it: 20,000 元."""
    amount = f"{Decimal(value):,}"
    return f"{amount} yuan" if language == "en" else f"{amount} 元"


def _value(match: re.Match[str]) -> Decimal | None:
    value = number(match["number"])
    if value is None:
        return None
    if match["scale"]:
        value *= _SCALES[match["scale"].lower()]
    if match["cents"] and match["unit"]:
        tenths = number(match["cents"].rstrip("毛角"))
        value += (tenths or Decimal(0)) / 10
    return value if value <= MOST else None


def _is_something_else(text: str, match: re.Match[str]) -> bool:
    """A day, a year, a share, a number of things; part of a longer code."""
    if not match["unit"] and _NOT_MONEY.match(text, match.end()):
        return True
    before = text[max(0, match.start() - 1) : match.start()]
    if not match["sign"] and re.match(r"[A-Za-z\d第.\-/〔\[]", before):
        return True
    digits = re.sub(r"\D", "", match["number"])
    return len(digits) > 12 or (len(digits) == 11 and digits.startswith("1") and not match["unit"])
