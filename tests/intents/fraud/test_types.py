"""Types and signals fit together, and every type is explained by an entry."""

from pathlib import Path

import pytest
import yaml

from intents.fraud import signals
from intents.fraud.flags import words_for
from intents.fraud.links import LinkSign
from intents.fraud.types import OTHER, types

CONTENT = Path(__file__).resolve().parents[3] / "knowledge" / "content" / "fraud"
CONTRACT = [
    "task_rebate",
    "investment",
    "customer_service",
    "loan",
    "credit_record",
    "shopping",
    "police",
    "acquaintance",
    "romance",
    "game_trade",
    "military_goods",
    "cyber_black",
    "ticket_refund",
    "prize",
    "fake_job",
    "phishing",
    "sextortion",
    "ai_impersonation",
    "subscription_cancel",
    "screen_share",
    "account_rental",
    "elderly",
    "student",
    "crypto",
    "digital_yuan",
    "credit_repair_scam",
    "other",
]


def test_the_types_are_those_of_the_contract():
    assert list(types()) == CONTRACT


@pytest.mark.parametrize("code", CONTRACT)
def test_a_type_has_names_advice_and_an_entry(code: str):
    known = yaml.safe_load((CONTENT / "types.yaml").read_text("utf-8"))["entries"]

    assert types()[code].entry in {entry["id"] for entry in known}
    assert all(types()[code].name[language] and types()[code].advice[language] for language in ("zh", "en"))


@pytest.mark.parametrize("code", [code for code in CONTRACT if code != OTHER])
def test_a_type_has_red_flags_with_their_grounds(code: str):
    flags = [signal for signal in signals.known() if code in signal.types]

    assert flags
    assert all(signal.ground and signal.why["zh"] and signal.why["en"] for signal in flags)


def test_a_signal_speaks_for_types_of_the_contract_only():
    assert {code for signal in signals.known() for code in signal.types} <= set(CONTRACT)


def test_no_code_stands_twice():
    codes = [signal.code for signal in signals.known()]

    assert len(codes) == len(set(codes))


def test_both_languages_have_the_same_words():
    assert words_for("zh").keys() == words_for("en").keys()
    assert {f"link_{sign.value}" for sign in LinkSign if sign is not LinkSign.OFFICIAL} <= words_for(
        "zh"
    ).keys()
