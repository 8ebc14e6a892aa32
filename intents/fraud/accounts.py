"""Bank cards, wallets and payment codes in a text: where somebody is asked to send money."""

import re
from dataclasses import dataclass
from enum import StrEnum

# Cards quoted by scammers often fail the check digit, so it is not asked for.
_CARD = re.compile(
    r"(?<!\d)(?:62|60|4|5[1-5]|9)(?:[ -]?\d){14,17}(?!\d)|(?<!\d)62\d{2}[ \d*x-]{6,20}\d{4}(?!\d)"
)
_WALLET = re.compile(r"(?<![a-z0-9])(?:t[a-z0-9]{33}|0x[0-9a-f]{40}|bc1[a-z0-9]{20,60})(?![a-z0-9])")
_CODE = re.compile(
    r"(?:扫|识别|发(?:你|我|来)?|打开|这个|下面的?|我的|他的)[^,。\n]{0,8}(?:收款码|付款码|收钱码|二维码|付钱码|条形码)|(?:收款|付款)(?:二维)?码"
)


class AccountKind(StrEnum):
    """What money would go to."""

    CARD = "card"
    WALLET = "wallet"
    PAYMENT_CODE = "payment_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account named, and its place in the text."""

    start: int
    end: int
    kind: AccountKind


def find_accounts(text: str) -> tuple[Account, ...]:
    """The accounts a lower-case text names, by kind.

    >>> [account.kind.value for account in find_accounts("转到6222020000000000000,或扫我的收款码")]
    ['card', 'payment_code']
    """
    patterns = (
        (AccountKind.CARD, _CARD),
        (AccountKind.WALLET, _WALLET),
        (AccountKind.PAYMENT_CODE, _CODE),
    )
    return tuple(
        Account(start=match.start(), end=match.end(), kind=kind)
        for kind, pattern in patterns
        for match in pattern.finditer(text)
    )
