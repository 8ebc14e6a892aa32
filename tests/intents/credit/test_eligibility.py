"""The worked examples of every kind of record, each with its arithmetic, and what must hold for all dates."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from intents.credit.assessment import Assessment, Verdict
from intents.credit.eligibility import assess
from intents.credit.rules import RuleKind, rulebook
from intents.credit.telling import credit_verdict, told
from intents.forms.dates import add_months
from intents.workdays import add_workdays, is_workday

TODAY = "2026-11-24"  # a Tuesday
BOOK = rulebook()


def found(record: str, today: str = TODAY, **answers: str) -> Assessment:
    """The finding for a record."""
    return assess(BOOK.rules[record], answers, BOOK, today=date.fromisoformat(today))


def days(assessment: Assessment) -> tuple[str | None, str | None]:
    """The earliest day to apply, and the day it ends by itself."""
    return tuple(day.isoformat() if day else None for day in (assessment.earliest, assessment.ends_on))


EXAMPLES = yaml.safe_load((Path(__file__).parent / "examples.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['record']}-{example['verdict']}")
def test_worked_example(example):
    assessment = found(example["record"], example.get("today", TODAY), **example["answers"])

    assert assessment.verdict.value == example["verdict"]
    assert days(assessment) == (example.get("earliest"), example.get("ends_on"))


def test_every_kind_of_record_has_three_examples():
    assert len(BOOK.rules) == 21
    for record in BOOK.rules:
        assert sum(example["record"] == record for example in EXAMPLES) >= 3, record


def test_the_arithmetic_is_shown_line_by_line():
    text = credit_verdict(
        {"record": "penalty", "level": "general", "decided_on": "2026-08-31", "fulfilled": "yes"},
        date(2026, 11, 24),
        "zh",
    ).text

    assert "2026年8月31日 ＋ 3 个月 ＝ 2026年11月30日" in text
    assert "最早 2026年11月30日 可以申请" in text
    assert "官方渠道不收费" in text


def test_an_objection_is_due_twenty_days_after_it_was_made():
    text = told(found("bureau_error", "2026-02-10"), BOOK.rules["bureau_error"], BOOK, "zh")

    assert "2026年3月2日" in text  # 10 February + 20 days, in a February of 28


def test_a_wait_is_worth_a_reminder_on_its_last_day():
    computed = credit_verdict(
        {"record": "penalty", "level": "general", "decided_on": "2026-08-31", "fulfilled": "yes"},
        date(2026, 11, 24),
        "zh",
    )

    assert [day.isoformat() for day, _ in computed.reminders] == ["2026-11-30", "2027-08-31"]


def test_every_finding_is_told_in_both_languages():
    for example in EXAMPLES:
        answers, today = {"record": example["record"], **example["answers"]}, example.get("today", TODAY)
        for language in ("zh", "en"):
            computed = credit_verdict(answers, date.fromisoformat(today), language)
            assert "{" not in computed.text
            assert computed.sources


def test_a_record_nobody_knows_goes_to_a_person():
    computed = credit_verdict({"record": "unknown"}, date(2026, 11, 24), "zh")

    assert computed.value == "person"


some_day = st.dates(date(2018, 1, 1), date(2028, 12, 31)).map(date.isoformat)
a_record = st.sampled_from(sorted(BOOK.rules))
some_answers = st.fixed_dictionaries(
    {},
    optional={
        "level": st.sampled_from(["minor", "general", "serious", "unknown"]),
        "fulfilled": st.sampled_from(["yes", "no"]),
        "corrected": st.sampled_from(["yes", "no"]),
        "paid": st.sampled_from(["yes", "no"]),
        "one_off": st.sampled_from(["yes", "no"]),
        "court_state": st.sampled_from(["performed", "consent", "ended", "term", "open"]),
        "blocked": st.sampled_from(["none", "food", "heavy", "in_list", "repeated", "food,in_list"]),
        **dict.fromkeys(
            (
                "decided_on",
                "published_on",
                "fulfilled_on",
                "corrected_on",
                "listed_on",
                "performed_on",
                "paid_on",
                "ruled_on",
            ),
            some_day,
        ),
    },
)


@given(a_record, some_answers, st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_nothing_is_promised_before_the_legal_least_and_before_it_is_fulfilled(record, answers, today):
    assessment = assess(BOOK.rules[record], answers, BOOK, today=today)

    if BOOK.rules[record].kind in (RuleKind.LEVELS, RuleKind.MARKET) and assessment.earliest is not None:
        least = {"minor": 0, "general": 3, "serious": 12}.get(answers.get("level", ""), 6)
        decided = date.fromisoformat(answers["decided_on"])
        if record != "market_penalty" or decided >= date(2025, 12, 25):
            assert assessment.earliest >= add_months(decided, least)
        else:
            assert assessment.earliest >= add_months(date.fromisoformat(answers["published_on"]), 6)
        assert assessment.earliest.isoformat() >= answers.get("fulfilled_on", "")
        assert answers["fulfilled"] == "yes"
    if assessment.verdict is Verdict.NOW:
        assert assessment.earliest is not None
    if assessment.verdict is Verdict.WAIT:
        assert assessment.earliest is not None
        assert assessment.earliest > today


@given(a_record, some_answers, st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.sampled_from(["zh", "en"]))
def test_what_cannot_be_repaired_is_never_called_repairable(record, answers, today, language):
    computed = credit_verdict({"record": record, **answers}, today, language)

    kinds = (
        RuleKind.KEPT,
        RuleKind.OBJECTION,
        RuleKind.ONE_OFF,
        RuleKind.SANCTION,
        RuleKind.APPEAL,
        RuleKind.PERSON,
    )
    if BOOK.rules[record].kind in kinds:
        assert computed.value not in ("now", "wait", "fix_first")
    if computed.value != "now":
        assert "现在就可以申请信用修复" not in computed.text
        assert "you can apply for credit repair now" not in computed.text


@given(st.dates(date(2020, 1, 1), date(2027, 12, 1)), st.integers(1, 30))
def test_working_days_are_counted_one_by_one(day, count):
    last = add_workdays(day, count)
    between = [day + timedelta(days=step) for step in range(1, (last - day).days + 1)]

    assert is_workday(last)
    assert sum(is_workday(each) for each in between) == count
