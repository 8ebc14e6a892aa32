import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.normalize import bare, normalize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("轉帳給對方了", "转帐给对方了"),
        ("ＡＴＭ　转账！", "atm 转账!"),
        ("我 被 骗 了", "我被骗了"),
        ("安\u200b全\u200d账\ufeff户", "安全账户"),
        ("  hello   World ", "hello world"),
        ("第一行\n第二行", "第一行第二行"),
        ("①②", "12"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_text_as_rules_read_it(text: str, expected: str):
    assert normalize(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("转人工！！", "转人工"), ("你好😀。", "你好"), ("what's this?", "what s this"), ("？！。", "")],
)
def test_text_as_whole_wordings_are_compared(text: str, expected: str):
    assert bare(text) == expected


@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing(text: str):
    assert normalize(normalize(text)) == normalize(text)


@given(st.text(max_size=200))
def test_baring_twice_changes_nothing(text: str):
    assert bare(bare(text)) == bare(text)


@given(st.text(max_size=200))
def test_a_normalised_text_has_no_width_no_capitals_and_no_double_space(text: str):
    plain = normalize(text)

    assert plain == unicodedata.normalize("NFKC", plain)
    assert plain == plain.casefold()
    assert "  " not in plain


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=50))
def test_spaces_between_chinese_characters_are_nothing(text: str):
    assert normalize(" ".join(text)) == normalize(text)
