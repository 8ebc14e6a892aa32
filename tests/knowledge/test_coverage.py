from datetime import date

import pytest

from knowledge.coverage import SourceKind, coverage, kind_of, load_coverage
from knowledge.coverage_report import BY_HAND, render_coverage, with_notes_of
from knowledge.entries import Certainty, Source
from knowledge.laws import LawBook
from knowledge.schema import entry_from
from knowledge.topics import TopicGroup
from tests.knowledge.content_files import DIVORCE, LAWS, WAGES, changed, write_content

SIGNED = {"checked_by": "second-reader", "checked_on": "2026-11-24"}
COURTS = {
    "name": "时效规定",
    "full_name": "最高人民法院关于诉讼时效的规定",
    "effective": None,
    "count": 9,
    "articles": "1-9",
}
GROUPS = (
    TopicGroup(letter="B", name="婚姻", count=33, core=("B01", "B05")),
    TopicGroup(letter="E", name="劳动", count=46, core=("E05",)),
)


def report_of(*raw):
    return coverage([entry_from(each, file="f", place="") for each in raw], GROUPS, LawBook(()))


@pytest.fixture
def laws(tmp_path):
    return LawBook.load(write_content(tmp_path, laws=[*LAWS, COURTS]))


def test_star_topics_that_no_entry_answers_are_named_by_group():
    report = report_of(WAGES, DIVORCE)

    assert [(group.letter, row.core, row.missing) for group, row in report.groups] == [
        ("B", 2, ("B01",)),
        ("E", 1, ()),
    ]
    assert (report.overall.core, report.overall.missing) == (3, ("B01",))


def test_an_entry_of_two_groups_counts_in_both_and_once_in_all():
    report = report_of(changed(WAGES, topics=["E05", "B01"]))

    assert [row.entries for _, row in report.groups] == [1, 1]
    assert (report.overall.entries, report.overall.missing) == (1, ("B05",))


def test_an_entry_without_a_topic_stands_beside_the_map():
    report = report_of(changed(WAGES, topics=[]), DIVORCE)

    assert (report.beside.entries, report.beside.core) == (1, 0)
    assert [row.entries for _, row in report.groups] == [1, 0]


def test_what_is_never_shown_answers_nothing():
    report = report_of(changed(WAGES, certainty="review"), DIVORCE)

    assert (report.withheld, report.overall.entries) == (1, 1)
    assert report.overall.missing == ("B01", "E05")


def test_entries_are_counted_by_how_they_were_founded_read_and_worded():
    other = changed(DIVORCE, certainty="official", reviewed_on="2026-11-20", asked_in_english=["papers"])
    figures = report_of(changed(WAGES, **SIGNED), other).overall

    assert figures.certainty == {Certainty.LAW: 1, Certainty.OFFICIAL: 1}
    assert figures.reviewed == (date(2026, 11, 20), date(2026, 11, 23))
    assert figures.checked == 1
    assert figures.wordings == 6 + 6 + 1 + 3  # questions with five variants each, and the English
    assert figures.english == 1


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (Source(law="劳动合同法", article="第三十条"), SourceKind.NATIONAL),
        (Source(law="时效规定", article="第一条"), SourceKind.COURTS),
        (Source(law="浙江省工伤保险条例", article="第一条"), SourceKind.LOCAL),
        (Source(body="公安部", document="提示", published="2025"), SourceKind.DOCUMENT),
    ],
)
def test_a_citation_is_told_by_who_made_the_rule(laws, source, kind):
    assert kind_of(source, laws) is kind


def test_the_page_shows_the_figures_of_a_content_folder(tmp_path):
    page = render_coverage(load_coverage(write_content(tmp_path, changed(WAGES, **SIGNED), DIVORCE)))

    assert "| all | 2 | 2 / 3 | 100.0% | 0.0% | 0.0% | 2026-11-23 | 1 / 2 | 15 | 1 |" in page
    assert "| E 劳动 | 1 | 1 / 1 | 100.0% | 0.0% | 0.0% | 2026-11-23 | 1 / 1 | 6 | 0 |" in page
    assert "| beside the map | 0 | - | - | - | - | - | 0 / 0 | 0 | 0 |" in page
    assert "- B 婚姻: B01\n" in page
    assert "| E 劳动 | 1 | 0 | 0 | 0 |" in page


def test_a_full_map_says_that_nothing_is_missing():
    page = render_coverage(report_of(changed(WAGES, topics=["E05", "B01", "B05"])))

    assert "## ★ topics without an answer\n\nNone.\n" in page


def test_what_people_wrote_stays_when_the_figures_are_written_anew():
    notes = f"{BY_HAND}\n\nBy reading.\n\n## Findings\n\nOne.\n"

    once = with_notes_of("# New\n", f"# Old\n\n{notes}")

    assert once == f"# New\n\n{notes}"
    assert with_notes_of("# New\n", once) == once
    assert with_notes_of("# New\n", f"# Old\n\nsee {BY_HAND}\n") == "# New\n"
