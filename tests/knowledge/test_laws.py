from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import knowledge
from knowledge.entries import Source
from knowledge.errors import ContentError
from knowledge.laws import LawBook, article_number, bound, compact, expanded
from knowledge.schema import entry_from
from tests.knowledge.content_files import LAWS, WAGES, write_content

SHIPPED = Path(knowledge.__file__).parent / "content"
TODAY = date(2026, 11, 23)
NEXT_YEAR = date(2027, 1, 1)


@pytest.fixture
def book(tmp_path):
    return LawBook.load(write_content(tmp_path))


@pytest.fixture(scope="module")
def shipped():
    return LawBook.load(SHIPPED)


@pytest.mark.parametrize(
    ("law", "article", "day", "problem"),
    [
        ("劳动合同法", "第三十条", TODAY, None),
        ("劳动合同法", "第九十九条", TODAY, "劳动合同法 has no 第九十九条"),
        ("劳动合同法", "30", TODAY, "劳动合同法 has no 30"),
        ("劳动合同法", None, TODAY, "劳动合同法 is cited without an article"),
        ("想象法", "第一条", TODAY, "no law is called 想象法"),
        (
            "噪声污染防治法",
            "第一条",
            TODAY,
            "噪声污染防治法 is out of force since 2026-08-15; 生态环境法典 applies",
        ),
        ("噪声污染防治法", "第一条", date(2026, 8, 14), None),
        ("商标法", "第八十条", TODAY, "商标法 has no 第八十条"),
        ("商标法", "第八十条", NEXT_YEAR, None),
        ("商标法（2026修订）", "第一条", TODAY, "商标法（2026修订） is not in force before 2027-01-01"),
        ("律师法", "第一条", TODAY, "we do not hold the text of 律师法 as of 2026-11-23"),
        ("律师法", None, TODAY, None),
        ("刑法", "第二百八十七条之二", TODAY, None),
        ("刑法", "第二百八十七条之三", TODAY, "刑法 has no 第二百八十七条之三"),
    ],
)
def test_a_citation_is_judged_by_the_version_in_force_that_day(book, law, article, day, problem):
    assert book.why_not(law, article, day) == problem
    if problem is None:
        assert book.find(law, article, day).in_force(day)
    elif article is not None:
        assert book.find(law, article, day) is None


def test_an_entry_ends_with_the_version_it_was_reviewed_against(book):
    entry = entry_from(WAGES, file="f", place="")
    cites_mark = replace(entry, sources=(*entry.sources, Source(law="商标法", article="第三十三条")))

    limited = bound(cites_mark, book)

    assert limited.bound_until == date(2026, 12, 31)
    assert limited.visible_on(date(2026, 12, 31))
    assert not limited.visible_on(NEXT_YEAR)
    assert bound(entry, book) == entry


def test_an_entry_for_a_coming_law_starts_with_it(book):
    entry = replace(
        entry_from(WAGES, file="f", place=""),
        valid_from=NEXT_YEAR,
        sources=(Source(law="商标法", article="第八十条"),),
    )

    assert bound(entry, book).bound_from == NEXT_YEAR


def test_a_count_that_does_not_fit_the_list_is_refused(tmp_path):
    content = write_content(tmp_path, laws=[LAWS[0] | {"count": 97}])

    with pytest.raises(ContentError, match=r"laws.yaml: 劳动合同法: count is 97, but 98 articles"):
        LawBook.load(content)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("第十条", (10, 0)),
        ("第二十一条", (21, 0)),
        ("第一百零五条", (105, 0)),
        ("第一千二百四十二条", (1242, 0)),
        ("第一百三十三条之一", (133, 1)),
        ("第一百三十三条之十二", (133, 12)),
        ("一百条", None),
        ("第一条、第二条", None),
    ],
)
def test_article_numbers_are_read(text, number):
    assert article_number(text) == number


@given(st.frozensets(st.tuples(st.integers(1, 60), st.integers(0, 3))))
def test_a_compact_list_of_articles_expands_to_the_same(articles):
    assert expanded(compact(articles)) == articles


def test_the_shipped_book_has_the_versions_that_change_and_no_statute_text(shipped):
    assert shipped.find("商标法", "第七十三条", TODAY).effective == date(2019, 11, 1)
    assert shipped.find("商标法", "第八十七条", NEXT_YEAR).effective == NEXT_YEAR
    assert shipped.find("民法典", "第一千二百六十条", TODAY) is not None
    assert shipped.find("刑法", "第二百八十七条之二", TODAY) is not None
    assert shipped.find("治安管理处罚法", "第一百四十四条", TODAY).effective == date(2026, 1, 1)
    assert shipped.version("噪声污染防治法", TODAY) is None
    assert shipped.version("医疗保障法", TODAY) is None
    assert shipped.version("医疗保障法", NEXT_YEAR) is not None
    assert shipped.find("浙江省工伤保险条例", "第一条", TODAY).local
    assert max(map(len, (SHIPPED / "laws.yaml").read_text("utf-8").splitlines())) < 1500


def test_no_two_shipped_versions_of_a_law_hold_on_the_same_day(shipped):
    for law in shipped.laws:
        for other in shipped.versions(law.name):
            if other is not law:
                days = [day for day in (law.effective, other.effective) if day]
                assert not any(law.in_force(day) and other.in_force(day) for day in days), law.name
