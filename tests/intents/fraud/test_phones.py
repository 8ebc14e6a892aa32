"""Telephone numbers are told by their range."""

import pytest

from intents.fraud.phones import PhoneKind, find_phones


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+00110", PhoneKind.FORGED),
        ("008696110", PhoneKind.FORGED),
        ("+8695588", PhoneKind.FORGED),
        ("0085261234567", PhoneKind.OVERSEAS),
        ("+1 202 555 0143", PhoneKind.OVERSEAS),
        ("17012345678", PhoneKind.VIRTUAL),
        ("139****2211", PhoneKind.MOBILE),
        ("+8613912345678", PhoneKind.MOBILE),
        ("400-000-8120", PhoneKind.SERVICE_400),
        ("96110", PhoneKind.OFFICIAL_SHORT),
        ("106912345678", PhoneKind.GATEWAY_106),
        ("0571-00001234", PhoneKind.LANDLINE),
    ],
)
def test_a_number_is_of_its_range(text: str, kind: PhoneKind):
    (phone,) = find_phones(f"请打{text}。")

    assert phone.kind is kind


@pytest.mark.parametrize("text", ["20261123", "3106.55元", "尾号4417", "2026-11-23", "6222020000000000000"])
def test_sums_dates_and_cards_are_no_telephones(text: str):
    assert find_phones(text) == ()
