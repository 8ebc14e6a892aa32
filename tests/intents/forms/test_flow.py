"""Filling a form: answers, several at once, corrections, back, skip, and what is asked next."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.forms.model import CONFIRMING, SKIPPED
from intents.forms.onward import progress
from intents.forms.steps import Happened
from tests.intents.forms.world import Filler, says, written

FINE = """
id: fine
title: {zh: "罚款", en: "A fine"}
intro: {zh: "登记罚款。", en: "A fine."}
domain: credit
slots:
  - id: company
    kind: organisation
    label: {zh: "企业名称", en: "Business"}
    ask: {zh: "哪家企业？", en: "Which business?"}
    remember: organisation
  - id: body
    kind: organisation
    public_body: true
    label: {zh: "处罚机关", en: "Authority"}
    ask: {zh: "哪个机关罚的？", en: "Who fined it?"}
  - id: decided_on
    kind: date
    cues: [被, 决定, 罚]
    label: {zh: "决定日期", en: "Day of the decision"}
    ask: {zh: "哪天作出的？", en: "When?"}
  - id: amount
    kind: money
    label: {zh: "罚款金额", en: "Fine"}
    ask: {zh: "罚了多少？", en: "How much?"}
  - id: paid
    kind: choice
    label: {zh: "是否缴清", en: "Paid"}
    ask: {zh: "缴清了吗？", en: "Paid?"}
    options:
      - {id: "yes", label: {zh: "已缴清", en: "Paid in full"}, words: [缴清, 交清, 都交了]}
      - {id: "no", label: {zh: "还没缴清", en: "Not yet"}, words: [没缴清, 没交]}
  - id: paid_on
    kind: date
    cues: [缴, 交]
    not_before: decided_on
    label: {zh: "缴清日期", en: "Paid on"}
    ask: {zh: "哪天缴清的？", en: "When was it paid?"}
    when: {paid: "yes"}
  - id: verdict
    kind: note
    compute: verdict
  - id: phone
    kind: phone
    label: {zh: "联系电话", en: "Phone"}
    ask: {zh: "电话？", en: "Phone?"}
    optional: true
    remember: phone
    when: {verdict: late}
finish:
  done: {zh: "好了。", en: "Done."}
"""
SENTENCE = "嘉兴XX公司，2026年5月12日被秀洲区市场监管局罚款2万元，已缴清"


@pytest.fixture
def filler(tmp_path) -> Filler:
    compute = {"verdict": says("late")}
    return Filler(form=written(tmp_path, FINE, computes=compute), compute=compute)


def test_a_form_asks_its_questions_in_order(filler):
    filler.opens()

    assert filler.state.current == "company"
    for answer, current in (
        ("嘉兴某某有限公司", "body"),
        ("秀洲区市场监管局", "decided_on"),
        ("2026年5月12日", "amount"),
        ("2万元", "paid"),
        ("1", "paid_on"),
        ("5月20日", "phone"),
        ("13812345678", CONFIRMING),
    ):
        filler.says(answer)
        assert filler.state.current == current
    assert filler.says("提交").happened is Happened.DONE
    assert filler.answers == {
        "company": "嘉兴某某有限公司",
        "body": "秀洲区市场监管局",
        "decided_on": "2026-05-12",
        "amount": "20000",
        "paid": "yes",
        "paid_on": "2026-05-20",
        "verdict": "late",
        "phone": "+8613812345678",
    }


def test_one_sentence_fills_all_it_says(filler):
    step = filler.opens(SENTENCE)

    assert step.filled == ("company", "body", "decided_on", "amount", "paid")
    assert filler.answers == {
        "company": "嘉兴XX公司",
        "body": "秀洲区市场监管局",
        "decided_on": "2026-05-12",
        "amount": "20000",
        "paid": "yes",
    }
    assert filler.state.current == "paid_on"


def test_two_dates_in_a_sentence_go_where_their_words_say(filler):
    filler.opens("嘉兴XX公司，2026年5月12日被秀洲区市场监管局罚款2万元，5月20日已经缴清")

    assert (filler.answers["decided_on"], filler.answers["paid_on"]) == ("2026-05-12", "2026-05-20")


def test_the_answer_to_one_question_may_bring_the_next_ones(filler):
    filler.opens()

    filler.says("嘉兴XX公司", "秀洲区市场监管局，5月12日罚的，罚了2万元")

    assert filler.state.current == "paid"


def test_what_is_denied_is_not_taken(filler):
    filler.opens("嘉兴XX公司，2026年5月12日被秀洲区市场监管局罚款2万元，还没缴清")

    assert filler.answers["paid"] == "no"
    assert filler.state.current == "phone"  # nobody is asked when it was paid


@pytest.mark.parametrize(
    "correction",
    ["不对，是5月21日", "错了，应该是5月21号", "决定日期改成5月21日", "处罚日期写错了，是5月21日"],
)
def test_a_correction_replaces_the_date_said_before(filler, correction):
    filler.opens()
    filler.says("嘉兴XX公司", "秀洲区市场监管局", "5月12日")

    if correction.startswith("处罚日期"):
        correction = correction.replace("处罚日期", "决定日期")
    step = filler.says(correction)

    assert step.happened is Happened.CORRECTED
    assert filler.answers["decided_on"] == "2026-05-21"
    assert filler.state.current == "amount"


def test_a_correction_in_the_read_back_can_open_and_close_questions(filler):
    filler.opens(SENTENCE)
    filler.says("5月20日", "跳过")
    assert filler.state.current == CONFIRMING

    step = filler.says("不对，还没缴清")

    assert step.happened is Happened.CORRECTED
    assert filler.answers["paid"] == "no"
    assert [note.value for note in step.notes] == ["late"]  # worked out anew


def test_the_last_answer_in_free_words_is_corrected_too(filler):
    filler.opens()
    filler.says("嘉兴XX公司", "不对，是嘉兴YY公司")

    assert filler.answers["company"] == "嘉兴YY公司"


def test_back_asks_the_question_before_and_forgets_its_answer(filler):
    filler.opens()
    filler.says("嘉兴XX公司", "秀洲区市场监管局")

    step = filler.says("上一步")

    assert (step.happened, filler.state.current) == (Happened.BACK, "body")
    assert filler.says("上一步").state.current == "company"
    assert filler.says("上一步").state.current == "company"  # there is nothing before the first


def test_what_must_be_answered_cannot_be_skipped(filler):
    filler.opens()

    step = filler.says("跳过")

    assert (step.happened, step.problem.code) == (Happened.WRONG, "required")


def test_what_may_be_left_out_is_skipped(filler):
    filler.opens(SENTENCE)
    filler.says("5月20日", "不方便说")

    assert filler.answers["phone"] == SKIPPED
    assert filler.state.current == CONFIRMING


def test_five_answers_that_do_not_fit_end_at_a_person(filler):
    filler.opens()
    filler.says("嘉兴XX公司", "秀洲区市场监管局")

    steps = [filler.says("呃呃").happened for _ in range(5)]

    assert steps == [Happened.WRONG] * 4 + [Happened.GAVE_UP]


def test_a_right_answer_starts_the_count_anew(filler):
    filler.opens()
    filler.says("嘉兴XX公司", "秀洲区市场监管局", "呃", "呃", "呃", "呃", "5月12日", "呃")

    assert filler.state.wrong == 1


def test_a_date_before_the_one_it_follows_is_refused(filler):
    filler.opens(SENTENCE)

    step = filler.says("2026年5月1日")

    assert step.problem.code == "date_before"
    assert step.problem.values == {"day": "2026-05-01", "earlier": "2026-05-12"}


def test_a_later_answer_out_of_turn_is_kept(filler):
    filler.opens()
    filler.says("嘉兴XX公司")

    filler.says("罚了2万元")

    assert filler.answers["amount"] == "20000"
    assert filler.state.current == "body"  # still asked


@pytest.mark.parametrize(
    ("said", "happened"),
    [
        ("取消", Happened.CANCELLED),
        ("不填了", Happened.CANCELLED),
        ("稍后再填", Happened.LATER),
        ("保存", Happened.LATER),
        ("我填了什么", Happened.REVIEWED),
        ("修改", Happened.WHICH),
        ("继续", Happened.ASKED),
        ("form:back", Happened.BACK),
    ],
)
def test_words_about_the_form_are_no_answers(filler, said, happened):
    filler.opens()
    filler.says("嘉兴XX公司")

    assert filler.says(said).happened is happened


def test_an_earlier_answer_is_offered_again(filler):
    filler.remembered = {"organisation": "嘉兴XX公司"}
    filler.opens()

    filler.says("同上")

    assert filler.answers["company"] == "嘉兴XX公司"


def test_choosing_what_to_change_leads_there_and_back(filler):
    filler.opens(SENTENCE)
    filler.says("5月20日", "跳过")

    filler.says("修改")
    filler.says("form:edit:amount")
    assert filler.state.current == "amount"
    filler.says("3万")

    assert filler.answers["amount"] == "30000"
    assert filler.state.current == CONFIRMING


def test_progress_counts_the_questions_that_will_be_asked(filler):
    filler.opens()
    assert progress(filler.form, filler.state) == (1, 5)

    filler.says(SENTENCE)

    assert progress(filler.form, filler.state) == (6, 6)


def test_english_is_understood_as_well(filler):
    filler.language = "en"
    filler.opens()
    filler.says("Jiaxing Solar Ltd", "Market Bureau", "12 May 2026", "20000 yuan", "not yet", "skip")

    assert filler.answers["decided_on"] == "2026-05-12"
    assert filler.says("confirm").happened is Happened.DONE


SAID = (
    "取消吧 上一步 跳过 不知道 5月12日 2万 1 2 9 是 不对，是6月1日 修改 确认 嘉兴XX公司 秀洲区市场监管局 ？ 同上 继续 "
    "form:edit:amount form:=yes form:=nothing form: 13812345678 😀"
)
words = st.sampled_from([*SAID.split(), "", SENTENCE])


@pytest.fixture(scope="module")
def fine(tmp_path_factory):
    return written(tmp_path_factory.mktemp("form"), FINE, computes={"verdict": says("late")})


@settings(max_examples=150, deadline=None)
@given(said=st.lists(words | st.text(max_size=20), max_size=15))
def test_no_talk_breaks_a_form(fine, said):
    filler = Filler(form=fine, compute={"verdict": says("late")})
    filler.opens()
    for text in said:
        step = filler.says(text)
        place, total = progress(filler.form, filler.state)
        assert 1 <= place <= total
        assert filler.state.current == CONFIRMING or filler.form.slot(filler.state.current)
        if step.happened in (Happened.DONE, Happened.CANCELLED, Happened.LATER, Happened.GAVE_UP):
            break
