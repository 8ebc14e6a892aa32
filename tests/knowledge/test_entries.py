from dataclasses import replace
from datetime import date

import pytest

from knowledge.entries import Certainty, Source, shown_name
from knowledge.schema import entry_from
from tests.knowledge.content_files import DIVORCE, WAGES, changed

DAY = date(2026, 11, 23)
WAGES_ENTRY = entry_from(WAGES, file="faq/test.yaml", place="entries[0]")
DIVORCE_ENTRY = entry_from(DIVORCE, file="faq/test.yaml", place="entries[1]")


@pytest.mark.parametrize(
    ("limits", "visible"),
    [
        ({}, True),
        ({"certainty": Certainty.REVIEW}, False),
        ({"valid_from": date(2026, 11, 24)}, False),
        ({"valid_from": DAY, "valid_until": DAY}, True),
        ({"valid_until": date(2026, 11, 22)}, False),
        ({"bound_from": date(2027, 1, 1)}, False),
        ({"bound_until": date(2026, 8, 14)}, False),
    ],
)
def test_an_entry_is_visible_only_reviewed_and_within_all_its_dates(limits, visible):
    assert replace(WAGES_ENTRY, **limits).visible_on(DAY) is visible


def test_english_is_given_where_it_is_written_and_chinese_elsewhere():
    assert DIVORCE_ENTRY.question_in("en") == "How do we divorce when both of us agree?"
    assert DIVORCE_ENTRY.answer_in("en").lead.startswith("Go together")
    assert DIVORCE_ENTRY.question_in("zh") == DIVORCE["question"]
    assert WAGES_ENTRY.answer_in("en") == WAGES_ENTRY.answer
    assert WAGES_ENTRY.question_in("en") == WAGES["question"]


def test_the_text_of_an_answer_has_every_part_in_reading_order():
    keys = [key for key, _ in WAGES_ENTRY.answer.parts()]

    assert keys == ["lead", "steps", "steps", "steps", "note", "human"]
    assert WAGES_ENTRY.answer.text.count("\n") == len(keys) - 1


def test_entries_overlap_unless_one_ends_before_the_other_starts():
    until = replace(WAGES_ENTRY, valid_until=date(2026, 12, 31))
    later = replace(WAGES_ENTRY, valid_from=date(2027, 1, 1))

    assert not until.overlaps(later)
    assert not later.overlaps(until)
    assert until.overlaps(replace(later, valid_from=date(2026, 12, 31)))
    assert WAGES_ENTRY.overlaps(until)


def test_a_source_is_shown_without_the_remark_on_our_copy():
    assert Source(law="刑法（节选）", article="第二百六十六条").title == "刑法"
    assert Source(body="公安部", document="提示", published="2025-06").title == "公安部：提示"
    assert shown_name("最高人民法院关于适用《民法典》物权编的解释（一）").endswith("（一）")


def test_the_file_it_came_from_is_known():
    assert entry_from(changed(WAGES, file=...), file="faq/a.yaml", place="").file == "faq/a.yaml"
