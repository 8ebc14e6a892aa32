"""Disguised words are read as meant, the original is kept, and honest words are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.fraud.disguise import unmask

ALPHABET = (
    "微薇信转账贷款加v扣qV❤➕·•\u200b\u202e ．0oOl1138壹〇𝐕①⓪亻言车专君羊群刷单*-/。，,.\n🐔💰abcАВ轉賬️⃣"
)
disguised_text = st.one_of(st.text(max_size=120), st.text(alphabet=ALPHABET, max_size=120))


@pytest.mark.parametrize(
    ("written", "meant", "kind"),
    [
        ("加薇·信，转*账", "加微信,转账", "homophone"),
        ("➕V：abc12345", "加微信:abc12345", "homophone"),
        ("想赚💰加我V❤", "想赚钱加我微信", "homophone"),
        ("进裙领礼物", "进群领礼物", "homophone"),
        ("亻言用卡代贝款", "信用卡贷款", "split_character"),
        ("微👉信", "微信", "split_word"),
        ("电话l38o0138OOO", "电话13800138000", "look_alike"),
        ("𝐕𝐗：abc123456", "微信:abc123456", "look_alike"),
        ("安全\u200b账\u200b户", "安全账户", "invisible"),
        ("你\u202e好", "你好", "reversed"),
    ],
)
def test_a_disguise_is_read_as_meant_and_noted(written: str, meant: str, kind: str):
    reading = unmask(written)

    assert reading.text == meant
    assert kind in {trick.kind for trick in reading.tricks}


@pytest.mark.parametrize(
    "honest",
    [
        "【工商银行】您尾号4417的卡支出23.80元，余额3,106.55元。",
        "企鹅很可爱，卫星发射成功，她穿着红裙",
        "加VIP会员群看视频",
        "银行-卡片中心 收款/付款",
        "你好👨‍👩‍👧一家，请回复1️⃣或2️⃣",
        "①第一②第二⒈第三",
        "农业银行，今天一二三四五六七八九十去",
        "ＡＴＭ取款２０００元",
        "轉賬後請聯絡我",
    ],
)
def test_honest_words_count_as_no_disguise(honest: str):
    assert unmask(honest).tricks == ()


@given(disguised_text)
def test_reading_what_was_read_changes_nothing(text: str):
    once = unmask(text).text

    assert unmask(once).text == once


@given(disguised_text)
def test_every_character_read_has_its_place_in_the_original_in_order(text: str):
    reading = unmask(text)

    assert len(reading.origin) == len(reading.text)
    assert all(0 <= place < len(text) for place in reading.origin)
    assert list(reading.origin) == sorted(reading.origin)


@given(disguised_text)
def test_a_quote_is_a_piece_of_the_original(text: str):
    reading = unmask(text)
    for start in range(len(reading.text)):
        quote = reading.quote(start, min(start + 3, len(reading.text)))

        assert quote
        assert quote in text


def test_of_a_very_long_text_beginning_and_end_are_read():
    reading = unmask("头" * 9000 + "转到安全账户")

    assert len(reading.text) < 3000
    assert reading.text.endswith("转到安全账户")
