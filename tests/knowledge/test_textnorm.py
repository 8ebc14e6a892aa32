import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.textnorm import normalized, plain


@pytest.mark.parametrize(
    ("typed", "matched"),
    [
        ("", ""),
        ("？！😭", ""),
        ("老板拖欠工资，怎么要回来？", "老板拖欠工资怎么要回来"),
        ("我 被 騙 了！！😭", "我被骗了"),
        ("離婚後孩子歸誰撫養", "离婚后孩子归谁抚养"),
        ("ＱＱ群：１２３", "qq群123"),
        ("刷\u200b单\u2060返\ufeff利", "刷单返利"),
        ("\u202e征信\u202c修复", "征信修复"),
        ("My  boss OWES me\nwages!", "my boss owes me wages"),
        ("打12348吗", "打12348吗"),
        ("乾坤 著作权 皇后 头发", "乾坤著作权皇后头发"),
        ("\x00\x01a", "a"),
    ],
)
def test_what_the_keyboard_added_is_taken_away(typed, matched):
    assert normalized(typed) == matched


def test_plain_text_keeps_case_and_punctuation():
    assert plain("  我被騙了！\u200b  ＡＴＭ ") == "我被骗了! ATM"


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text):
    assert normalized(normalized(text)) == normalized(text)


@given(st.text(max_size=60))
def test_plain_and_typed_text_are_matched_alike(text):
    assert normalized(plain(text)) == normalized(text)
