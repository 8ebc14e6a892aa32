"""Dates, money, names: what people write, and what it is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.forms import names
from intents.forms.dates import add_months, dates, read_date, shown_date
from intents.forms.model import InvalidAnswer, Side
from intents.forms.money import money, plain, shown_money

TODAY = date(2026, 11, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026年5月12日", "2026-05-12"),
        ("2026 年 5 月 12 号", "2026-05-12"),
        ("二〇二六年五月十二日", "2026-05-12"),
        ("26年5月12日", "2026-05-12"),
        ("2026-05-12", "2026-05-12"),
        ("2026/5/12", "2026-05-12"),
        ("2026.5.12", "2026-05-12"),
        ("20260512", "2026-05-12"),
        ("五月十二号", "2026-05-12"),
        ("5.12", "2026-05-12"),
        ("12月3号", "2025-12-03"),  # without a year the last one that has passed
        ("去年12月31日", "2025-12-31"),
        ("今天下午3点", "2026-11-24"),
        ("昨天", "2026-11-23"),
        ("前天晚上", "2026-11-22"),
        ("大前天", "2026-11-21"),
        ("上个月5号", "2026-10-05"),
        ("上月5日", "2026-10-05"),
        ("上上个月5号", "2026-09-05"),
        ("上个月底", "2026-10-31"),
        ("这个月1号", "2026-11-01"),
        ("12号", "2026-11-12"),
        ("30号", "2026-10-30"),  # the 30th of this month is still to come
        ("3天前", "2026-11-21"),
        ("两周前", "2026-11-10"),
        ("三个月前", "2026-08-24"),
        ("一年前", "2025-11-24"),
        ("上周三", "2026-11-18"),
        ("周五", "2026-11-20"),
        ("星期一", "2026-11-23"),
        ("May 12, 2026", "2026-05-12"),
        ("12 May 2026", "2026-05-12"),
        ("yesterday", "2026-11-23"),
        ("3 days ago", "2026-11-21"),
        ("就是2026年5月12号下午，我记得很清楚", "2026-05-12"),
    ],
)
def test_a_day_in_plain_words(text, day):
    assert read_date(text, today=TODAY).isoformat() == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我不知道", "date"),
        ("5月", "date_vague"),
        ("去年", "date_vague"),
        ("2026年", "date_vague"),
        ("半个月前", "date_vague"),
        ("2月30日", "date_impossible"),
        ("2025年2月29日", "date_impossible"),
        ("10月8日和10月9日", "date_several"),
        ("明天", "date_future"),
        ("1900年1月1日", "date_old"),
        ("2号楼", "date"),
    ],
)
def test_what_is_no_day_says_why(text, code):
    with pytest.raises(InvalidAnswer) as raised:
        read_date(text, today=TODAY)

    assert raised.value.code == code


@pytest.mark.parametrize(
    ("text", "day"),
    [("12月3号", "2026-12-03"), ("明天", "2026-11-25"), ("下周五", "2026-12-04"), ("1号", "2026-12-01")],
)
def test_a_day_to_come_is_the_next_one(text, day):
    assert read_date(text, today=TODAY, side=Side.FUTURE).isoformat() == day


def test_a_day_that_has_passed_is_no_day_to_come():
    with pytest.raises(InvalidAnswer, match="date_past"):
        read_date("昨天", today=TODAY, side=Side.FUTURE)


def test_february_29_is_found_in_the_last_leap_year():
    assert read_date("2月29日", today=TODAY) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-11-30", 3, "2027-02-28"),  # no 30 February: the month's last day
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-05-12", 3, "2026-08-12"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
    ],
)
def test_months_later_is_the_same_day_or_the_months_last(day, months, later):
    assert add_months(date.fromisoformat(day), months).isoformat() == later


@given(st.dates(date(1990, 1, 1), TODAY))
def test_every_day_is_read_as_it_is_shown(day):
    assert read_date(shown_date(day.isoformat(), "zh"), today=TODAY) == day
    assert read_date(shown_date(day.isoformat(), "en"), today=TODAY) == day
    assert read_date(day.isoformat(), today=TODAY) == day


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_dates_and_money(text):
    for found in dates(text, today=TODAY, side=Side.ANY):
        assert text[found.start : found.end]
    for read in (lambda: read_date(text, today=TODAY), lambda: money(text)):
        try:
            read()
        except InvalidAnswer:
            continue


@given(st.integers(1, 365))
def test_so_many_days_ago_is_so_many_days_ago(days):
    assert read_date(f"{days}天前", today=TODAY) == TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("2万元", "20000"),
        ("两千三", "2300"),
        ("2.5万", "25000"),
        ("三万五", "35000"),
        ("1万2", "12000"),
        ("一万二千三百元", "12300"),
        ("20000", "20000"),
        ("20,000元", "20000"),
        ("¥300", "300"),
        ("300.5元", "300.50"),
        ("三百块五毛", "300.50"),
        ("3w", "30000"),
        ("5k", "5000"),
        ("约2万", "20000"),
        ("没有", "0"),
        ("20000 yuan", "20000"),
        ("2026年5月12日罚款2万元", "20000"),
        ("分三次转了，一共5万", "50000"),
    ],
)
def test_money_in_plain_words(text, yuan):
    assert money(text) == yuan


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("不记得", "money"),
        ("几万", "money_vague"),
        ("二十多万", "money_vague"),
        ("罚了5000元，没收3000元", "money_several"),
        ("13812345678", "money"),  # a phone number
        ("6222021234567890123", "money"),  # a card number
        ("3笔", "money"),
    ],
)
def test_what_is_no_amount_says_why(text, code):
    with pytest.raises(InvalidAnswer) as raised:
        money(text)

    assert raised.value.code == code


@given(st.decimals(0, 10**9, places=2))
def test_an_amount_is_read_as_it_is_shown(amount):
    assert money(shown_money(plain(amount), "zh")) == plain(amount)
    assert Decimal(plain(amount)) == amount


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("嘉兴某某科技有限公司", "嘉兴某某科技有限公司"),
        ("我们公司叫嘉兴某某科技有限公司", "嘉兴某某科技有限公司"),
        ("是嘉兴XX公司。", "嘉兴XX公司"),
        ("某某面馆", "某某面馆"),
        ("Jiaxing Solar Ltd", "Jiaxing Solar Ltd"),
    ],
)
def test_the_name_of_a_business(text, name):
    assert names.organisation(text) == name


@pytest.mark.parametrize("text", ["怎么办？", "1", "。。。", "这个要多久"])
def test_a_question_is_no_name(text):
    with pytest.raises(InvalidAnswer):
        names.organisation(text)


def test_a_credit_code_must_have_the_right_check_digit():
    # the example of the standard's own check: 91110000600037341L
    assert names.credit_code("91110000600037341l") == "91110000600037341L"
    assert names.credit_code("代码是 9111 0000 6000 3734 1L") == "91110000600037341L"
    for text, code in (
        ("911100006000373410", "credit_code_check"),
        ("9111000060003734", "credit_code_length"),
        ("不知道", "credit_code"),
    ):
        with pytest.raises(InvalidAnswer) as raised:
            names.credit_code(text)
        assert raised.value.code == code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13812345678", "+8613812345678"),
        ("我的电话 138 1234 5678", "+8613812345678"),
        ("+86 138-1234-5678", "+8613812345678"),
        ("0573-83712345", "+8657383712345"),
    ],
)
def test_a_number_to_call_back(text, number):
    assert names.phone(text) == number


@pytest.mark.parametrize(
    ("text", "code"), [("12345", "phone_short"), ("1381234567", "phone"), ("没有电话", "phone")]
)
def test_what_is_no_number_says_why(text, code):
    with pytest.raises(InvalidAnswer) as raised:
        names.phone(text)

    assert raised.value.code == code


def test_card_and_identity_numbers_are_cut_to_four_digits():
    text = names.free_text("卡号6222021234567890123，身份证 330411199001011234，手机13812345678，转了20000")

    assert text == "卡号尾号0123，身份证 尾号1234，手机13812345678，转了20000"
