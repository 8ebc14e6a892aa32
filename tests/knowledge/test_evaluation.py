import json
from dataclasses import replace
from datetime import date

import pytest

from knowledge.errors import ContentError
from knowledge.evaluation import Question, calibration_error, evaluate, load_questions
from knowledge.evaluation_report import render_markdown
from knowledge.hits import Hit, Thresholds
from knowledge.schema import entry_from
from tests.knowledge.content_files import DIVORCE, WAGES

TODAY = date(2026, 11, 23)
THRESHOLDS = Thresholds(answer=0.6, ask=0.3)
WAGES_ENTRY = entry_from(WAGES, file="f", place="")
DIVORCE_ENTRY = entry_from(DIVORCE, file="f", place="")


def hit(entry, confidence):
    return Hit(
        entry=entry, confidence=confidence, in_scope=1.0, dense=0.9, lexical=1.0, fuzzy=0.5, row_text="x"
    )


def question(text, *gold, domain="legal", style="plain"):
    return Question(id=text, text=text, gold=gold, domain=domain, style=style, split="tune")


ANSWERS = {
    "right": (hit(WAGES_ENTRY, 0.9), hit(DIVORCE_ENTRY, 0.1)),
    "wrong": (hit(DIVORCE_ENTRY, 0.8), hit(WAGES_ENTRY, 0.1)),
    "asked": (hit(DIVORCE_ENTRY, 0.4), hit(WAGES_ENTRY, 0.3)),
    "declined": (hit(WAGES_ENTRY, 0.1),),
    "strange answered": (hit(WAGES_ENTRY, 0.7),),
    "strange asked": (hit(WAGES_ENTRY, 0.5),),
    "strange declined": (hit(WAGES_ENTRY, 0.2),),
    "strange nothing": (),
}
QUESTIONS = [
    question("right", "E05"),
    question("wrong", WAGES["id"]),
    question("asked", "E05", style="angry"),
    question("declined", "E05", style="angry"),
    *(question(text, domain="other") for text in ANSWERS if text.startswith("strange")),
]


def search(text, *, today, limit=5):
    return ANSWERS[text]


@pytest.fixture
def report():
    return evaluate(QUESTIONS, search, thresholds=THRESHOLDS, today=TODAY)


def test_shares_are_counted_over_the_questions_they_speak_of(report):
    scores = report.overall

    assert (scores.in_scope, scores.out_of_scope) == (4, 4)
    assert (scores.recall_at_1, scores.recall_at_3) == (0.5, 1.0)
    assert scores.mrr == (1 + 0.5 + 0.5 + 1) / 4
    assert (scores.coverage, scores.right, scores.precision) == (0.5, 0.25, 0.5)
    assert scores.offered == 0.5  # answered rightly, and asked back with the right choice
    assert (scores.false_answers, scores.false_choices) == (0.25, 0.25)


def test_groups_have_their_own_scores(report):
    assert list(report.domains) == ["legal", "other"]
    assert report.domains["other"].in_scope == 0
    assert report.domains["other"].recall_at_1 == 0.0
    assert report.styles["angry"].recall_at_3 == 1.0


def test_mistakes_are_wrong_firsts_and_false_answers_the_most_confident_first(report):
    assert [(m.question.id, m.found) for m in report.mistakes] == [
        ("wrong", DIVORCE["id"]),
        ("strange answered", WAGES["id"]),
        ("asked", DIVORCE["id"]),
    ]


def test_an_entry_is_right_by_its_id_or_one_of_its_topics():
    assert question("x", "A01", "E05").is_answered_by(WAGES_ENTRY)
    assert question("x", WAGES["id"]).is_answered_by(WAGES_ENTRY)
    assert not question("x", "A01").is_answered_by(WAGES_ENTRY)
    assert not question("x").is_answered_by(replace(WAGES_ENTRY, topics=()))


def test_the_calibration_error_is_the_gap_between_sureness_and_truth():
    assert calibration_error([], []) == 0.0
    assert calibration_error([1.0, 1.0], [True, True]) == 0.0
    assert calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0.0)
    assert calibration_error([0.9] * 10, [False] * 10) == pytest.approx(0.9)
    assert calibration_error([0.2, 0.2, 0.8, 0.8], [True, False, True, False]) == pytest.approx(0.3)


def test_the_page_has_the_tables_and_the_mistakes(report):
    page = render_markdown(report)

    assert "| all | 4 | 4 | 0.500 | 1.000 | 0.750 |" in page
    assert "| angry | 2 | 0 |" in page
    assert f"- 0.80 `wrong` wrong → `{DIVORCE['id']}`, not {WAGES['id']}" in page
    assert f"- 0.70 `strange answered` strange answered → `{WAGES['id']}`, not nothing" in page


def test_no_questions_give_an_empty_report():
    scores = evaluate([], search, thresholds=THRESHOLDS, today=TODAY).overall

    assert (scores.recall_at_1, scores.false_answers, scores.calibration_error) == (0.0, 0.0, 0.0)


def test_questions_are_read_by_split(tmp_path):
    lines = [
        {"id": "a", "text": "一", "gold": ["E05"], "domain": "legal", "style": "typo", "split": "tune"},
        {"id": "b", "text": "二", "gold": [], "kind": "oos", "split": "test"},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n", "utf-8")

    assert [question.id for question in load_questions(tmp_path)] == ["a", "b"]
    (strange,) = load_questions(tmp_path, split="test")
    assert (strange.in_scope, strange.domain) == (False, "out_of_scope")


@pytest.mark.parametrize("line", ["{", '{"id": "a", "text": "b", "gold": []}'])
def test_a_bad_line_is_named(tmp_path, line):
    (tmp_path / "a.jsonl").write_text(line, "utf-8")

    with pytest.raises(ContentError, match=r"a.jsonl: line 1: "):
        load_questions(tmp_path)


def test_of_two_questions_in_one_message_either_answer_is_right():
    both = replace(question("both", "E05"), also=(DIVORCE["id"],))

    assert both.is_answered_by(WAGES_ENTRY)
    assert both.is_answered_by(DIVORCE_ENTRY)
    assert not question("one", "E05").is_answered_by(DIVORCE_ENTRY)
