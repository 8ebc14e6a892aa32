"""What a reader with the law open found wrong stays mended: docs/evaluation/knowledge.md has the findings.

The first list of findings was written down as corrected while some texts still had them, so the texts are held.
"""

from pathlib import Path

import pytest

import knowledge
from knowledge.schema import read_entries

CONTENT = Path(knowledge.__file__).parent / "content"


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    return {entry.id: entry.answer.text for entry in read_entries(CONTENT)[0]}


@pytest.mark.parametrize(
    ("entry", "said", "never"),
    [
        (
            "credit.personal.overdue-delete",
            "单笔不超过1万元、2026-03-31（含当天）前已全部还清",
            "谁也没这个本事",
        ),
        ("credit.personal.paid-scam", "一次性信用修复", "没人能提前删"),
        ("credit.penalty.appeal", "必须先复议才能起诉", "或者6个月内到法院起诉"),
        ("emergency.mind.suicidal", "先打 120 或 110", "请先打 12356"),
        ("legal.admin.info-disclosure", "做出那份信息的机关", "保存那份信息的机关书面申请"),
        (
            "legal.admin.info-disclosure",
            "对别的答复不满意，可以投诉、复议或起诉",
            "不满意答复的，先申请行政复议",
        ),
        ("legal.traffic.after-accident", "3个工作日内书面申请复核", "马上申请复核"),
        ("legal.housing.illegal-building", "先拆他继续搭的那部分", "才能强拆，所以不会马上拆"),
        ("legal.debt.asset-transfer", "保全后30日内要起诉", "保全法院可能要你提供担保"),
    ],
)
def test_a_mistake_that_a_reader_found_does_not_come_back(
    answers: dict[str, str], entry: str, said: str, never: str
):
    assert (said in answers[entry], never in answers[entry]) == (True, False)


@pytest.mark.parametrize(
    "entry",
    [
        "credit.market.abnormal-remove",
        "credit.market.fake-registration",
        "credit.other.police-record",
        "legal.business.unlicensed",
        "safety.fire.business-penalty",
        "services.petition.which-way",
    ],
)
def test_where_reconsideration_must_come_first_the_entry_says_so(answers: dict[str, str], entry: str):
    assert "要先复议" in answers[entry] or "先申请行政复议" in answers[entry]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("legal.consumer.expired-food", "只支持一家人合理吃用的数量"),
        ("legal.business.large-company-arrears", "从双方确认结算金额那天起算"),
        ("legal.business.government-arrears", "从双方确认结算金额那天起算"),
        ("legal.debt.upfront-interest", "银行、小额贷款公司等不按这条算"),
        ("services.legal-aid.documents", "都可以口头提"),
        ("legal.inheritance.disinherit", "可以适当分到一些"),
        ("legal.marriage.divorce-lawsuit", "原告6个月内不能再起诉"),
        ("legal.minor.criminal-age", "先用孩子的付"),
        ("legal.traffic.compulsory-insurance", "先垫抢救费，不赔财物"),
        ("mediation.people.which-kind", "30日内双方可以一起向法院申请司法确认"),
    ],
)
def test_an_exception_that_was_missing_is_told(answers: dict[str, str], entry: str, said: str):
    assert said in answers[entry]
