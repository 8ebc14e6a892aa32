from hypothesis import given
from hypothesis import strategies as st

from knowledge.windows import LONG, MOST, WIDEST, windows

STORY = (
    "我去年在厂里打工，老板人还不错，后来效益不好，工资就拖着。过年的时候说给，结果又没给。"
    "我打电话他也不接，微信也拉黑了。这钱还能要回来吗？我手里只有聊天记录。"
)
VOICE = (
    "那个我想问一下就是我妈今年七十二了她前几天接了个电话说是公安局的然后叫她把钱"
    "转到一个什么安全账户里面去她已经转了五万块钱了现在怎么办啊"
)


def test_a_short_question_is_one_window():
    assert windows("这钱还能要回来吗") == ("这钱还能要回来吗",)


def test_a_story_also_gives_its_question_and_its_end():
    found = windows(STORY)

    assert found[0] == STORY
    assert found[1] == "这钱还能要回来吗?" or found[1] == "这钱还能要回来吗？"
    assert found[-1].endswith("我手里只有聊天记录。")


def test_voice_input_without_punctuation_gives_its_end():
    assert windows(VOICE)[1] == VOICE[-WIDEST:]


@given(st.text(alphabet="我被骗了怎么办吗，。？\n ab", max_size=300))
def test_windows_are_few_different_and_parts_of_the_text(text):
    found = windows(text)

    assert found[0] == text
    assert 1 <= len(found) <= MOST
    assert len(set(found)) == len(found)
    assert len(found) == 1 or len(text) > LONG
    assert all(part and len(part) <= WIDEST for part in found[1:])
