"""Accounts that money would go to are seen."""

import pytest

from intents.fraud.accounts import AccountKind, find_accounts


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("转到6222020000000000000", AccountKind.CARD),
        ("卡号 6217 0000 0000 0000 000", AccountKind.CARD),
        ("txyz1234567890abcdefghijklmnopqrst", AccountKind.WALLET),
        ("0x52908400098527886e0f7030069857d2e4169ee7", AccountKind.WALLET),
        ("扫我的收款码", AccountKind.PAYMENT_CODE),
    ],
)
def test_an_account_is_seen(text: str, kind: AccountKind):
    assert kind in {account.kind for account in find_accounts(text)}


@pytest.mark.parametrize("text", ["尾号4417的卡", "订单20261123000011", "验证码660241"])
def test_other_numbers_are_no_accounts(text: str):
    assert find_accounts(text) == ()
