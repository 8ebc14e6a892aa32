from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import artefacts
from knowledge.build import build
from knowledge.errors import BuildError
from knowledge.fusion import load_fusion
from knowledge.hits import Decision, Thresholds
from knowledge.retriever import Retriever
from tests.knowledge.content_files import DIVORCE, WAGES, changed, write_content
from tests.knowledge.fakes import HashEncoder

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
TRADEMARK = changed(
    WAGES,
    id="ip.trademark.opposition",
    domain="ip",
    question="商标公告了我想提异议，几个月内提？",
    variants=[
        "别人注册了我的牌子",
        "商标异议 期限",
        "初审公告的商标怎么反对",
        "牌子被人抢先申请了",
        "异议书交到哪里",
    ],
    sources=[{"law": "商标法", "article": "第三十三条"}],
)


def opened(folder, *entries, encoder=None):
    content = write_content(folder / "content", *entries)
    encoder = encoder or HashEncoder()
    path = build(content, folder / "out", encoder=encoder, today=TODAY, now=NOW, refuse_problems=False).path
    return Retriever.open(path, encoder)


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("knowledge"), WAGES, DIVORCE, TRADEMARK)


def ids(hits):
    return [hit.entry.id for hit in hits]


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("老板拖欠工资，怎么要回来？", WAGES["id"]),
        ("老闆拖欠工資 怎麼要回來", WAGES["id"]),
        ("工钱要不到", WAGES["id"]),
        ("欠薪", WAGES["id"]),
        ("协议离婚要什么材料", DIVORCE["id"]),
        ("divorce by agreement", DIVORCE["id"]),
        ("商标异议", TRADEMARK["id"]),
    ],
)
def test_the_entry_that_was_asked_for_comes_first(retriever, text, id):
    assert ids(retriever.search(text, today=TODAY))[0] == id


def test_a_reviewed_wording_is_certain_whatever_its_punctuation(retriever):
    for text in (WAGES["question"], "欠薪，投诉！！", "divorce by agreement steps?"):
        best = retriever.search(text, today=TODAY)[0]

        assert best.confidence >= 0.995
        assert best.in_scope >= 0.995
        assert best.fuzzy == 1.0


def test_a_hit_shows_the_nearest_wording_as_it_was_written(retriever):
    best = retriever.search("欠薪投诉", today=TODAY)[0]

    assert best.row_text == "欠薪 投诉"


@pytest.mark.parametrize("text", ["", "   ", "？！", "😭😭", "\u200b"])
def test_a_text_without_a_word_finds_nothing(retriever, text):
    assert retriever.search(text, today=TODAY) == ()
    assert retriever.evidence(text, today=TODAY) is None


def test_the_limit_is_kept(retriever):
    assert len(retriever.search("怎么办", today=TODAY, limit=1)) == 1
    assert len(retriever.search("怎么办", today=TODAY)) == 3


def test_an_entry_disappears_on_the_day_its_law_changes(retriever):
    assert ids(retriever.search("商标异议 期限", today=date(2026, 12, 31)))[0] == TRADEMARK["id"]
    assert TRADEMARK["id"] not in ids(retriever.search("商标异议 期限", today=date(2027, 1, 1)))


def test_no_visible_entry_gives_no_hit(tmp_path):
    retriever = opened(tmp_path, TRADEMARK)

    assert retriever.search("商标异议 期限", today=date(2027, 1, 1)) == ()


def test_the_question_at_the_end_of_a_story_is_found(retriever):
    story = (
        "我老家在外地，来这里好多年了，一直在一个亲戚介绍的地方做事，大家都认识，人也都不错，过年还一起吃饭。"
        * 2
    )
    text = story + "现在两个人都想离要带什么证件？"

    assert ids(retriever.search(text, today=TODAY))[0] == DIVORCE["id"]


def test_the_same_search_is_remembered_without_its_words(retriever):
    text = "某人的一句很私密的话"

    assert retriever.search(text, today=TODAY) is retriever.search(text, today=TODAY)
    assert text not in repr(retriever._remembered)


def test_coefficients_can_be_given(retriever):
    strict = replace(load_fusion(), thresholds=Thresholds(answer=1.0, ask=0.9))

    assert Retriever(retriever.opened, encoder=HashEncoder(), fusion=strict).thresholds == strict.thresholds


def test_a_build_of_another_encoder_is_refused(retriever, tmp_path):
    opened(tmp_path, WAGES)

    with pytest.raises(BuildError, match="made with hash@1, not hash@2; build the knowledge again"):
        Retriever.open(artefacts.current_build(tmp_path / "out"), HashEncoder(name="hash@2"))


@pytest.mark.parametrize("file", [artefacts.ROWS, artefacts.VECTORS, artefacts.ASKED, artefacts.ENTRIES])
def test_a_build_with_a_broken_file_says_what_to_do(tmp_path, file):
    opened(tmp_path, WAGES)
    path = artefacts.current_build(tmp_path / "out")
    (path / file).write_bytes(b"broken")

    with pytest.raises(BuildError, match="build the knowledge again"):
        Retriever.open(path, HashEncoder())


def test_files_of_two_builds_are_not_mixed(tmp_path):
    opened(tmp_path / "a", WAGES)
    opened(tmp_path / "b", WAGES, DIVORCE)
    a, b = (artefacts.current_build(tmp_path / name / "out") for name in "ab")
    (a / artefacts.ENTRIES).write_bytes((b / artefacts.ENTRIES).read_bytes())

    with pytest.raises(BuildError, match="build the knowledge again"):
        Retriever.open(a, HashEncoder())


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="老板工资离婚怎么要不到商标 abc，？\n\u200b被騙", max_size=120))
def test_confidence_is_a_probability_and_never_rises(retriever, text):
    hits = retriever.search(text, today=TODAY)

    confidences = [hit.confidence for hit in hits]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0.0 <= hit.confidence <= 1.0 and 0.0 <= hit.in_scope <= 1.0 for hit in hits)
    assert len(set(ids(hits))) == len(hits)


def test_what_to_do_follows_from_the_first_hit(retriever):
    thresholds = Thresholds(answer=0.6, ask=0.3)
    hit = retriever.search("欠薪", today=TODAY)[0]

    decisions = [thresholds.decide([replace(hit, confidence=c)]) for c in (0.7, 0.6, 0.4, 0.3, 0.29)]

    assert decisions == [Decision.ANSWER, Decision.ANSWER, Decision.ASK, Decision.ASK, Decision.DECLINE]
    assert thresholds.decide([]) is Decision.DECLINE
