import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.lexical import LexicalIndex, terms

TEXTS = ["老板拖欠工资怎么办", "离婚财产怎么分", "工资条要保存", "my boss owes me wages", "怎么办"]


@pytest.fixture
def index():
    return LexicalIndex.build(TEXTS)


def test_chinese_gives_characters_and_bigrams_and_latin_gives_words():
    assert terms("打12348吗 wi fi") == ["打", "12348", "吗", "wi", "fi"]
    assert terms("被骗") == ["被", "骗", "被骗"]
    assert terms("") == []


def test_the_text_with_the_words_scores_highest(index):
    for row, text in enumerate(TEXTS):
        assert int(np.argmax(index.scores(text))) == row


def test_rare_words_weigh_more_than_common_ones(index):
    scores = index.scores("离婚怎么办")

    assert scores[1] > scores[0] > scores[2] == 0.0


def test_unknown_words_score_nothing(index):
    assert index.scores("电冰箱 zzz").tolist() == [0.0] * len(TEXTS)
    assert index.scores("").tolist() == [0.0] * len(TEXTS)


def test_a_text_with_all_the_words_scores_about_one_and_unknown_words_cost(index):
    text = "离婚财产怎么分"

    assert index.scores(text)[1] == pytest.approx(1.0, abs=0.2)
    assert index.scores(text + "电冰箱")[1] < 0.8 * index.scores(text)[1]


def test_the_share_of_known_words(index):
    assert index.known("离婚") == 1.0
    assert index.known("离x") == 0.5
    assert index.known("电冰箱") == index.known("") == 0.0


def test_terms_of_any_length_are_told_apart():
    texts = ["a", "aa", "aaa", "甲", "甲甲", "boss", "bossy"]
    index = LexicalIndex.build(texts)

    assert [index.known(text) for text in texts] == [1.0] * len(texts)
    assert index.known("bos") == index.known("ab") == 0.0


def test_a_saved_index_gives_the_same_scores(index, tmp_path):
    index.save(tmp_path)

    loaded = LexicalIndex.load(tmp_path)

    for text in (*TEXTS, "工资", "没有的词"):
        assert loaded.scores(text).tolist() == index.scores(text).tolist()
        assert loaded.known(text) == index.known(text)


@given(
    st.lists(st.text(alphabet="工资离婚 ab", max_size=8), max_size=6),
    st.text(alphabet="工资离ab ", max_size=8),
)
def test_scores_are_one_a_text_and_never_negative(texts, query):
    scores = LexicalIndex.build(texts).scores(query)

    assert scores.shape == (len(texts),)
    assert (scores >= 0.0).all()
