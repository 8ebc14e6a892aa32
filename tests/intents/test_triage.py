"""Danger, judged over the texts of `stage_texts.yaml` and over what must hold of any text."""

import re
import time
from itertools import chain
from pathlib import Path

import opencc
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from intents.normalize import normalize
from intents.openings import openings
from intents.rulebook import compiled
from intents.triage import RULES, WORDS, Crisis, Risk, Stage, Triage, _book, triage

TEXTS = yaml.safe_load((Path(__file__).parent / "stage_texts.yaml").read_text(encoding="utf-8"))
LABELS = [(half, label) for half in ("blind", "tuned") for label in TEXTS[half]]
EVERY_TEXT = [text for half in TEXTS.values() for texts in half.values() for text in texts]
URGENT_STAGES = (Stage.TRANSFERRED, Stage.ABOUT_TO_TRANSFER, Stage.SCREEN_SHARED, Stage.DISCLOSED)
MOST_RULES = 80
TRADITIONAL = opencc.OpenCC("s2t")
BETWEEN_HAN = re.compile("(?<=[一-鿿])(?=[一-鿿])")
any_text = st.text(max_size=300)
known_text = st.sampled_from(EVERY_TEXT)
triage("")  # the rules are read once, about a second: no single example shall pay for it


def meant(label: str) -> tuple[Crisis | None, Stage | None]:
    names = [] if label == "calm" else label.split(", ")
    crisis = next((Crisis(name) for name in names if name in list(Crisis)), None)
    stage = next((Stage(name) for name in names if name in list(Stage)), None)
    return crisis, stage


def is_urgent(label: str) -> bool:
    crisis, stage = meant(label)
    return crisis is not None or stage in URGENT_STAGES


def judged_exactly(label: str, found: Triage) -> bool:
    if label == "calm":
        return found.crisis is None and found.stage in (None, Stage.CONTACTED)
    crisis, stage = meant(label)
    return found.crisis == crisis and (stage is None or found.stage == stage)


# --- the texts --------------------------------------------------------------------------------------------


def test_there_are_enough_texts_of_both_halves():
    blind, tuned = (sum(map(len, TEXTS[half].values())) for half in ("blind", "tuned"))

    assert blind >= 500
    assert tuned >= 500


def test_no_text_stands_twice():
    assert len(EVERY_TEXT) == len(set(EVERY_TEXT))


@pytest.mark.parametrize(("half", "label"), LABELS)
def test_every_text_is_judged_right_for_urgency(half: str, label: str):
    wrong = [text for text in TEXTS[half][label] if triage(text).urgent != is_urgent(label)]

    assert wrong == []


@pytest.mark.parametrize("half", ["blind", "tuned"])
def test_nearly_every_text_gets_its_own_label(half: str):
    judged = [judged_exactly(label, triage(text)) for label, texts in TEXTS[half].items() for text in texts]

    assert sum(judged) / len(judged) >= 0.98


def test_what_is_beyond_reach_is_still_so():
    """A text the rules have learned to judge belongs among the others."""
    mended = [
        text
        for label, texts in TEXTS["beyond_reach"].items()
        for text in texts
        if triage(text).urgent == is_urgent(label)
    ]

    assert mended == []


# --- what the stages mean ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("我把钱转给骗子了", Stage.TRANSFERRED),
        ("他让我把钱转给他", Stage.ABOUT_TO_TRANSFER),
        ("他让我转五千，我还没转", Stage.ABOUT_TO_TRANSFER),
        ("他让我转五千，我没理他，挂了", Stage.CONTACTED),
        ("我差点就转了，还好银行拦住了", Stage.CONTACTED),
        ("不是没转，是已经转了三次", Stage.TRANSFERRED),
        ("没多想就转了五千", Stage.TRANSFERRED),
        ("我没转账，但是验证码告诉他了", Stage.DISCLOSED),
        ("他要验证码，我没给", Stage.CONTACTED),
        ("如果转给骗子了该怎么办", None),
        ("被骗了还能追回来吗", Stage.TRANSFERRED),
        ("被骗多少钱可以立案", None),
        ("妈妈被骗走了三万", Stage.TRANSFERRED),
        ("我没被骗，想了解怎么防骗", None),
        ("他让我把手机贴着银行卡", Stage.DISCLOSED),
        ("手机黑屏了去哪修", None),
    ],
)
def test_done_demanded_denied_and_supposed_are_told_apart(text: str, stage: Stage | None):
    assert triage(text).stage == stage


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("已经转了三次了，还要我交个税才能提现", Stage.TRANSFERRED),
        ("他看着我的屏幕，让我马上转五千", Stage.ABOUT_TO_TRANSFER),
        ("开了屏幕共享，验证码也告诉他了", Stage.SCREEN_SHARED),
        ("验证码给他了，卡也借给他用过", Stage.DISCLOSED),
        ("自称公安的人说我卡借给别人跑分", Stage.ACCOMPLICE),
    ],
)
def test_the_worst_stage_wins(text: str, stage: Stage):
    assert triage(text).stage == stage


def test_a_crisis_and_a_fraud_are_both_told():
    found = triage("被骗了三十万，不想活了")

    assert (found.crisis, found.stage, found.risk, found.urgent) == (
        Crisis.SELF_HARM,
        Stage.TRANSFERRED,
        Risk.IN_PROGRESS,
        True,
    )


@pytest.mark.parametrize(
    "text",
    [
        "凡是要求转到安全账户的都是诈骗",
        "【嘉兴公安】凡是要求转账到安全账户的都是诈骗，请拨96110",
        "【某银行】您的验证码为482913，请勿泄露给他人",
        "警方提醒：陌生来电让您共享屏幕的一律挂断",
    ],
)
def test_a_warning_passed_on_is_no_danger(text: str):
    assert triage(text) == Triage()


@pytest.mark.parametrize(
    "text",
    [
        "凡是要求转到安全账户的都是诈骗，可我妈已经转了三万",
        "民警提醒我是诈骗，可是我已经把钱转过去了",
        "没有警惕就把五万块打给他了",
    ],
)
def test_a_warning_does_not_hide_a_loss(text: str):
    assert triage(text).stage is Stage.TRANSFERRED


@pytest.mark.parametrize(
    "text", ["笑死我了", "这房子跳楼价", "累死了", "我快急死了办事窗口几点开门", "打死也不去"]
)
def test_idioms_are_no_crisis(text: str):
    assert triage(text).crisis is None


@pytest.mark.parametrize(
    ("question", "crisis"),
    [
        ("老公以前打我能离婚吗", "老公现在又打我了救命"),
        ("去年家里着火怎么赔", "家里着火了"),
        ("车祸去世赔多少", "刚才出车祸了有人流血"),
        ("电梯困人物业有责任吗", "我被困在电梯里了"),
    ],
)
def test_the_law_on_a_danger_is_not_the_danger(question: str, crisis: str):
    assert triage(question).crisis is None
    assert triage(crisis).crisis is not None


def test_the_evidence_is_what_the_text_says():
    assert triage("我刚才把三万块钱轉給騙子了").evidence == ("给骗子",)


# --- disguise -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "他让我转到安·全·账·户",
        "他让我轉到安全帳戶",
        "他让我转到安全账号",
        "他让我 转 到 安 全 账 户",
        "他让我转到“安全账户”",
        "他让我转到安\u200b全\u200c账\ufeff户",
        "他让我转到安🔥全🔥账🔥户",
        "他让我zhuan到安全帐户",
        "伊叫我转到安全账户",
    ],
)
def test_a_disguised_demand_is_recognised(text: str):
    assert triage(text).stage is Stage.ABOUT_TO_TRANSFER


@pytest.mark.parametrize(
    "text",
    [
        "我背骗了五千",
        "被片了两万",
        "姆妈拨骗子骗脱三万洋钿",
        "俺娘叫人骗了三千块",
        "ＱＱ上被骗了８０００",
        "媽媽被騙了三萬",
    ],
)
def test_a_loss_is_recognised_however_it_is_spelt(text: str):
    assert triage(text).stage is Stage.TRANSFERRED


# --- what holds of any text -----------------------------------------------------------------------------------


@given(any_text)
def test_nothing_a_person_can_send_raises(text: str):
    triage(text)


@given(any_text | known_text)
def test_the_same_text_is_always_judged_the_same(text: str):
    assert triage(text) == triage(text)


@given(known_text)
def test_spaces_change_nothing(text: str):
    assert triage(BETWEEN_HAN.sub(" ", text)) == triage(text)


@given(known_text, st.sampled_from("\u200b\u200c\u200d\ufeff\u2060\ufe0f"))
def test_invisible_characters_change_nothing(text: str, invisible: str):
    assert triage(invisible.join(text)) == triage(text)


@given(known_text)
def test_traditional_characters_change_nothing(text: str):
    assert triage(TRADITIONAL.convert(text)) == triage(text)


@given(known_text, st.sampled_from(["·", ".", "-", "*", "_", "/"]))
def test_signs_between_characters_hide_nothing(text: str, sign: str):
    assert triage(BETWEEN_HAN.sub(sign, text)).urgent == triage(text).urgent


@given(
    known_text,
    st.sampled_from(["你好，", "您好 ", "请问", "喂，你好，"]),
    st.sampled_from(["", "谢谢", "，谢谢您！"]),
)
def test_politeness_changes_nothing(text: str, before: str, after: str):
    assert triage(before + text + after).urgent == triage(text).urgent


@given(any_text)
def test_urgency_is_a_crisis_or_money_in_reach_of_others(text: str):
    found = triage(text)

    assert found.urgent == (found.crisis is not None or found.stage in URGENT_STAGES)


# --- the files ------------------------------------------------------------------------------------------------


def rules() -> list[dict[str, object]]:
    raw = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for section in raw.values() for group in section.values() for rule in group]


def test_there_are_few_enough_rules_to_read():
    assert len(rules()) <= MOST_RULES


def test_every_list_of_words_is_used_and_known():
    language = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    named = set(re.findall(r"<(\w+)>", RULES.read_text(encoding="utf-8") + WORDS.read_text(encoding="utf-8")))

    assert named - {"name"} == set(language["words"])
    assert set(language["denials"]) <= set(language["words"])


def test_every_ground_is_an_official_source():
    official = ("八个凡是", "关键词", "反电信网络诈骗法")

    grounds = {str(rule["ground"]) for rule in rules() if "ground" in rule}

    assert [ground for ground in grounds if not ground.startswith(official)] == []


def test_no_rule_is_there_for_nothing():
    """Each fires, first or not, on some text; a rule nobody needs is a rule nobody can check."""
    book = _book()
    said = [book.read(normalize(text)) for text in EVERY_TEXT]

    idle = [
        rule.name
        for rule in chain.from_iterable(book.rules.values())
        if not any(rule.evidence(text) is not None for text in said)
    ]

    assert idle == []


def test_words_are_looked_for_wherever_they_can_begin():
    """The openings that make the search fast never hide a match."""
    book = _book()
    signs = {
        sign
        for rule in chain.from_iterable(book.rules.values())
        for sign in (*rule.all_of, *rule.any_of, *rule.none_of)
    }
    said = [book.read(normalize(text)) for text in EVERY_TEXT[::7]]

    hidden = [
        (words.pattern[:40], match.group())
        for words in chain.from_iterable(sign.either for sign in signs)
        if words.openings is not None
        for text in said
        for match in compiled(words.pattern).finditer(text.text)
        if not match.group().startswith(tuple(words.openings))
    ]

    assert hidden == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("转账|汇", {"转账", "汇"}),
        ("(?:让|叫)?我", {"让我", "叫我", "我"}),
        ("(?<!没)转[账款]", {"转账", "转款"}),
        ("转{1,3}账", {"转"}),
        ("[^没]转", None),
        ("(?:没)?.转", None),
    ],
)
def test_openings_of_a_pattern(pattern: str, expected: set[str] | None):
    assert openings(pattern) == (None if expected is None else frozenset(expected))


def test_a_long_message_is_judged_in_a_moment():
    """Under half a millisecond for 250 characters on two busy cores; the bound leaves room for worse."""
    text = max(TEXTS["tuned"]["calm"], key=len)
    triage(text)

    def seconds() -> float:
        start = time.perf_counter()
        triage(text)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(50)) < 0.002


def test_every_pattern_of_the_rule_files_compiles():
    """They are compiled when a text first needs them, so a wrong one would show in somebody's chat."""
    book = _book()
    signs = {
        sign
        for rule in chain.from_iterable(book.rules.values())
        for sign in (*rule.all_of, *rule.any_of, *rule.none_of)
    }

    words = [each for sign in signs for each in sign.either]
    for each in words:
        for pattern in filter(None, (each.pattern, each.before, each.after)):
            compiled(pattern)
    assert len(words) > 100
