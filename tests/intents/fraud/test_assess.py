"""The whole assessment: verdicts, quotes, advice, and what must hold of any text."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.fraud import signals
from intents.fraud.assess import assess
from intents.fraud.types import types
from intents.triage import Risk, Stage
from training.fraud.disguises import DISGUISES

TEST_HALF = Path(__file__).resolve().parents[2] / "evals" / "check"
MOST_COST = 0.02  # of recall, for any one disguise
assess("")  # rules and weights are read once, no single example shall pay for it

any_text = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="转账安全户加微信v❤0o1l.com/@+* \u200b\u202e,。\n①𝐕薇🐔0123456789tx", max_size=400),
    st.sampled_from(["转账", "http://", "加微信", "1", "亻言", "62", "0x", "a.", "@", "\u200b"]).map(
        lambda part: part * 500
    ),
)


@pytest.mark.parametrize(
    ("text", "risk", "type_", "stage"),
    [
        ("他让我把钱转到安全账户，我正在银行准备转", Risk.IN_PROGRESS, "police", Stage.ABOUT_TO_TRANSFER),
        ("我刷单垫了8000，导师说操作失误，再充才能提现", Risk.IN_PROGRESS, "task_rebate", Stage.TRANSFERRED),
        ("他讓我把錢轉到安全賬戶，我正在銀行準備轉", Risk.IN_PROGRESS, "police", Stage.ABOUT_TO_TRANSFER),
        ("高价收银行卡四件套，一套1000，加微信详聊", Risk.SUSPECTED, "account_rental", Stage.CONTACTED),
        (
            "【建设银行】您的积分今日过期，登录 ccb-jf.example.top 兑换现金，逾期清零",
            Risk.SUSPECTED,
            "phishing",
            Stage.CONTACTED,
        ),
    ],
)
def test_a_plain_scam_is_told(text: str, risk: Risk, type_: str, stage: Stage):
    found = assess(text)

    assert (found.risk, found.type, found.stage) == (risk, type_, stage)


@pytest.mark.parametrize(
    "text",
    [
        "【建设银行】您尾号1234的储蓄卡11月20日支出58.00元，余额1,203.11元。",
        "【菜鸟驿站】您的包裹已到，凭取件码3-2-1107到新塍店取。",
        "验证码 402913，5分钟内有效，请勿告知他人。",
        "妈，晚饭不回来吃了，钱已经转你了，记得买菜",
        "老板拖欠工资三个月怎么办",
    ],
)
def test_nothing_found_is_never_called_safe(text: str):
    found = assess(text)

    assert found.risk is Risk.NONE
    assert (found.type, found.stage, found.red_flags) == (None, None, ())
    assert "不等于没有问题" in found.advice
    assert "96110" in found.advice


def test_a_quote_is_of_the_original_with_disguise_and_all():
    text = "把錢轉到安·全·賬·戶，馬上"
    found = assess(text)

    assert any("安·全·賬·戶" in flag.quote for flag in found.red_flags)
    assert "disguise" in {flag.code for flag in found.red_flags}


def test_an_english_scam_is_answered_in_english():
    found = assess("A police officer told me to transfer my money to a safe account, I am at the bank now")

    assert found.risk is Risk.IN_PROGRESS
    assert found.advice.startswith("Stop, transfer nothing.")


def test_the_contract_object_has_exactly_its_keys():
    found = assess("把钱转到安全账户").to_json("7")

    assert set(found) == {"id", "risk", "score", "type", "stage", "red_flags", "advice"}
    assert set(found["red_flags"][0]) == {"code", "quote", "why"}


@settings(max_examples=10_000, deadline=None)
@given(any_text)
def test_any_text_gets_an_assessment_of_the_contract(text: str):
    found = assess(text).to_json("1")

    json.dumps(found, ensure_ascii=False)
    assert found["risk"] in {"none", "suspected", "in_progress"}
    assert 0.0 <= found["score"] <= 1.0
    assert found["type"] is None or found["type"] in types()
    assert (found["risk"] == "none") == (found["stage"] is None)
    assert found["advice"]


@pytest.mark.slow
@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_costs_little_recall(name: str):
    lines = (TEST_HALF / "b-scam.jsonl").read_text("utf-8").splitlines()[::4]
    scams = [json.loads(line)["text"] for line in lines]
    before = sum(assess(text).risk is not Risk.NONE for text in scams)
    after = sum(assess(DISGUISES[name](text)).risk is not Risk.NONE for text in scams)

    assert (before - after) / len(scams) < MOST_COST


def test_every_pattern_of_the_signals_compiles():
    """They are compiled when a text first needs them, so a wrong one would show in somebody's check."""
    book = signals._book()
    patterns = [
        *(each for rule in book.rules for each in (rule.words, *rule.beside, rule.unless) if each),
        *book.calm.values(),
    ]

    sources = [source for pattern in patterns for _, source in pattern.parts]
    for source in sources:
        signals._compiled(source)
    assert len(sources) > 100
