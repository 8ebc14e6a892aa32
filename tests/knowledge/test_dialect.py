"""The district's own words are compared as standard Chinese; words that only look like them are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.dialect import standard
from knowledge.textnorm import normalized


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("侬晓得伐", "你知道吗"),
        ("囡五买的鞋子穿弗进", "女儿买的鞋子穿不进"),
        ("阿拉铜钿拨伊骗脱了", "我们钱给他骗脱了"),
        ("格么哪能办", "那么怎么办"),
    ],
)
def test_dialect_is_read_as_standard_chinese(said: str, meant: str):
    assert standard(said) == meant
    assert normalized(said) == meant


@pytest.mark.parametrize(
    "text", ["阿拉伯语", "拨打110", "砍伐树木", "法院讲座", "请勿告知他人", "划拨土地", "弗洛伊德"]
)
def test_other_words_stay(text: str):
    assert standard(text) == text


@given(st.text(alphabet="侬伊弗勿伐拨讲啥咋囡阿拉伯打款砍木吗我", max_size=12))
def test_reading_twice_changes_nothing(text: str):
    assert standard(standard(text)) == standard(text)
