"""Numbers as people write them, in digits, in Chinese numerals, or half and half."""

import re
from decimal import Decimal, InvalidOperation

_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")
NUMERAL = r"[\d〇零一二两三四五六七八九十廿卅百千万亿.]+"


def number(text: str) -> Decimal | None:
    """The number written as `text`, None when it is none.

    >>> number("两千三"), number("1万2"), number("二〇二六"), number("2.5万"), number("半")
    (Decimal('2300'), Decimal('12000'), Decimal('2026'), Decimal('25000'), Decimal('0.5'))
    """
    text = text.replace(",", "").replace("，", "").strip()
    if text == "半":
        return Decimal("0.5")
    if not re.fullmatch(NUMERAL, text):
        return None
    if re.fullmatch(r"[〇零一二三四五六七八九]{2,}", text):
        text = text.translate(_DIGITS)  # 二〇二六: a year read digit by digit
    try:
        return Decimal(text)
    except InvalidOperation:
        pass
    import cn2an  # late: it takes a third of a second, and most starts never read a number

    try:
        return Decimal(str(cn2an.cn2an(text, "smart")))
    except ValueError:
        return None


def whole(text: str) -> int | None:
    """As `number`, for whole ones."""
    found = number(text)
    return int(found) if found is not None and found == found.to_integral_value() else None
