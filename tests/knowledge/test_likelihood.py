import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.likelihood import WordLikelihood
from knowledge.rows import Row, RowKind
from knowledge.textnorm import normalized

ASKED = {
    0: ["老板拖欠工资怎么办", "工资发不出来怎么办", "厂里不发工资"],
    1: ["离婚财产怎么分", "离婚了房子归谁", "要离婚怎么办"],
    2: ["邻居漏水怎么办", "楼上漏水到我家", "漏水谁来赔"],
}


def rows(asked):
    return [
        Row(entry=entry, kind=RowKind.VARIANT, text=text, matched=normalized(text))
        for entry, texts in asked.items()
        for text in texts
    ]


@pytest.fixture
def likelihood():
    return WordLikelihood.build(rows(ASKED), entries=3)


@pytest.mark.parametrize(("text", "entry"), [("我的工资", 0), ("想离婚", 1), ("天花板漏水", 2)])
def test_the_entry_whose_askers_talk_like_this_is_likeliest(likelihood, text, entry):
    assert int(np.argmax(likelihood.scores(text))) == entry


def test_words_that_everybody_uses_tell_little(likelihood):
    everybody, own = likelihood.scores("怎么办"), likelihood.scores("漏水")

    assert np.ptp(everybody) < np.ptp(own) / 2


def test_unknown_words_say_nothing(likelihood):
    assert likelihood.scores("电冰箱").tolist() == [0.0, 0.0, 0.0]
    assert likelihood.scores("").tolist() == [0.0, 0.0, 0.0]


def test_a_word_of_one_wording_only_is_not_learned():
    lonely = WordLikelihood.build(rows({0: ["甲乙", "丙丁"], 1: ["丙丁"]}), entries=2)

    assert lonely.scores("甲乙").tolist() == [0.0, 0.0]


def test_an_entry_with_many_words_is_not_favoured_for_them():
    asked = {0: ["漏水"] + [f"漏水第{n}回说别的{n}件事情" for n in range(40)], 1: ["漏水", "漏水", "漏水"]}

    scores = WordLikelihood.build(rows(asked), entries=2).scores("漏水")

    assert scores[1] > scores[0]


def test_a_saved_model_gives_the_same_scores(likelihood, tmp_path):
    likelihood.save(tmp_path)

    loaded = WordLikelihood.load(tmp_path)

    for text in ("我的工资", "离婚怎么办", "没有的词"):
        assert loaded.scores(text).tolist() == likelihood.scores(text).tolist()


def test_no_rows_at_all_is_no_error():
    assert WordLikelihood.build([], entries=2).scores("工资").tolist() == [0.0, 0.0]


@given(st.text(alphabet="工资离婚漏水 ab", max_size=600))
def test_every_entry_gets_one_finite_score(text):
    scores = WordLikelihood.build(rows(ASKED), entries=3).scores(text)

    assert scores.shape == (3,)
    assert np.isfinite(scores).all()
