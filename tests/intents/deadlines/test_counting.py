"""Legal periods with their arithmetic: the first day does not count, a holiday moves the last where the law says so."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.deadlines.counting import deadline, deadline_start, periods
from intents.forms.computes import NAMES
from intents.forms.loading import load_forms
from intents.workdays import is_workday

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("kind", "start", "last"),
    [
        ("labour_arbitration", "2026-03-31", "2027-03-31"),  # a Wednesday
        ("civil_claim", "2024-02-29", "2027-03-01"),  # no 29 February in 2027: Sunday 28, so Monday
        ("appeal_judgment", "2026-11-09", "2026-11-24"),  # 9 + 15 = 24
        ("appeal_judgment", "2026-09-20", "2026-10-08"),  # 5 October is in the holidays of 1 to 7: the 8th
        ("appeal_ruling", "2026-11-12", "2026-11-23"),  # 22 November is a Sunday
        ("reconsideration", "2026-10-20", "2026-12-21"),  # 11 + 30 + 19 = 60: Saturday 19 December
        ("administrative_suit", "2026-08-31", "2027-03-01"),  # 28 February 2027 is a Sunday
        ("after_reconsideration", "2026-11-11", "2026-11-26"),
        ("injury_self", "2026-05-12", "2027-05-12"),
        ("injury_employer", "2026-11-01", "2026-12-01"),
        ("return_goods", "2026-11-20", "2026-11-27"),
        ("enforcement", "2026-11-24", "2028-11-24"),
        ("confirmation", "2026-11-24", "2026-12-24"),
        ("accident_review", "2026-11-20", "2026-11-25"),  # Friday: Monday, Tuesday, Wednesday
        (
            "accident_review",
            "2026-09-30",
            "2026-10-10",
        ),  # the 8th, the 9th, and Saturday the 10th, which is worked
        ("set_aside", "2026-11-30", "2027-02-28"),
    ],
)
def test_the_last_day(kind, start, last):
    assert periods()[kind].last_day(date.fromisoformat(start))[1].isoformat() == last


def test_the_arithmetic_is_shown_with_its_article():
    computed = deadline({"kind": "reconsideration", "day": "2026-10-20"}, TODAY, "zh")

    assert "2026年10月20日 当天不算，＋ 60 日 ＝ 2026年12月19日" in computed.text
    assert "顺延到休假日后第一天：2026年12月21日" in computed.text
    assert [(ground.title, ground.article) for ground in computed.sources] == [("行政复议法", "第二十条")]


def test_a_period_that_is_over_is_not_declared_lost():
    computed = deadline({"kind": "appeal_judgment", "day": "2026-01-05"}, TODAY, "zh")

    assert computed.value == "over"
    assert "先别放弃" in computed.text
    assert computed.reminders == ()


def test_a_reminder_comes_seven_days_before():
    computed = deadline({"kind": "confirmation", "day": "2026-11-24"}, TODAY, "zh")

    assert [day.isoformat() for day, _ in computed.reminders] == ["2026-12-17"]


def test_every_period_of_the_form_has_a_rule_and_is_told_in_both_languages():
    options = {option.id for option in load_forms(NAMES)["deadline"].slots[0].options}

    assert options == set(periods())
    for kind in options:
        for language in ("zh", "en"):
            assert deadline_start({"kind": kind}, TODAY, language).text
            assert "{" not in deadline({"kind": kind, "day": "2026-11-02"}, TODAY, language).text


@given(st.sampled_from(sorted(periods())), st.dates(date(2020, 1, 1), date(2026, 12, 31)))
def test_a_period_never_ends_before_the_calendar_says_and_never_on_a_holiday_that_moves_it(kind, start):
    period = periods()[kind]
    by_calendar, last = period.last_day(start)

    assert start < by_calendar <= last
    if period.rolls:
        assert is_workday(last)
    else:
        assert last == by_calendar
