"""Ten ways in which messages are disguised, done automatically: what they cost is measured and tested.

Each takes a text and gives it back disguised; the place of every change is fixed by the text itself, so that a
measurement can be repeated.
"""

import re
from collections.abc import Callable
from functools import cache

import opencc

_HAN = "\u3400-\u9fff"
_WITHIN_HAN = re.compile(f"(?<=[{_HAN}])(?=[{_HAN}])")
_TERMS = re.compile(
    "微信|转账|汇款|银行卡|验证码|密码|贷款|征信|刷单|返利|佣金|兼职|投资|理财|收益|中奖|红包|客服|退款|理赔|公安|"
    "警察|安全账户|提现|解冻|保证金|手续费|会员|下载|链接|扫码|领取|老师|充值|注销|屏幕|会议"
)
_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
_ROUND = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_FAT = str.maketrans(
    {chr(97 + at): chr(0x1D41A + at) for at in range(26)}
    | {chr(65 + at): chr(0x1D400 + at) for at in range(26)}
)
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_WRONG = {
    "加微信": "加薇",
    "微信": "薇信",
    "贷款": "岱款",
    "刷单": "涮单",
    "兼职": "兼帜",
    "佣金": "拥金",
    "验证码": "验zheng码",
    "征信": "征xin",
    "投资": "投zi",
}
_HALVES = {
    "信": "亻言",
    "佣": "亻用",
    "钱": "钅戋",
    "银": "钅艮",
    "法": "氵去",
    "投": "扌殳",
    "证": "讠正",
    "利": "禾刂",
}


def _inside_terms(sign: str) -> Callable[[str], str]:
    return lambda text: _TERMS.sub(lambda match: sign.join(match.group()), text)


def _every_other(text: str, sign: str) -> str:
    places = [match.start() for match in _WITHIN_HAN.finditer(text)][::2]
    for place in reversed(places):
        text = text[:place] + sign + text[place:]
    return text


def _replaced(text: str, table: dict[str, str]) -> str:
    pattern = re.compile("|".join(sorted(table, key=len, reverse=True)))
    return pattern.sub(lambda match: table[match.group()], text)


def _look_alike_mobile(text: str) -> str:
    return _MOBILE.sub(lambda match: match.group().replace("1", "l", 1).replace("0", "o"), text)


@cache
def _traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


DISGUISES: dict[str, Callable[[str], str]] = {
    "zero-width characters in words": _inside_terms("\u200b"),
    "soft hyphens and joiners everywhere": lambda text: _every_other(text, "\u00ad\u2060"),
    "full-width letters and digits": lambda text: text.translate(_WIDE),
    "circled digits": lambda text: text.translate(_ROUND),
    "mathematical letters": lambda text: text.translate(_FAT),
    "traditional characters": lambda text: str(_traditional().convert(text)),
    "dots in words": _inside_terms("·"),
    "emoji in words": _inside_terms("👉"),
    "wrong characters for words": lambda text: _replaced(text, _WRONG),
    "split characters and look-alike digits": lambda text: _look_alike_mobile(_replaced(text, _HALVES)),
}
