from datetime import date, timedelta
from pathlib import Path

import pytest

import knowledge
from knowledge.check import check
from tests.knowledge.content_files import DIVORCE, WAGES, changed, write_content, write_yaml
from tests.knowledge.fakes import HashEncoder

TODAY = date(2026, 11, 23)
LAST_READ = date(2026, 11, 24)  # the day somebody last read the shipped entries


def answer(**parts):
    return {**WAGES["answer"], **parts}


def english(**parts):
    return {**DIVORCE["en"], **parts}


def test_good_content_has_no_problem(tmp_path):
    assert check(write_content(tmp_path), today=TODAY, encoder=HashEncoder()) == []


@pytest.mark.parametrize(
    ("change", "key", "message"),
    [
        ({"sources": []}, "sources", "is empty"),
        ({"sources": [{"law": "想象法", "article": "第一条"}]}, "sources", "no law is called 想象法"),
        ({"sources": [{"law": "劳动合同法", "article": "第九十九条"}]}, "sources", "has no 第九十九条"),
        ({"sources": [{"law": "劳动合同法"}]}, "sources", "without an article"),
        (
            {"sources": [{"law": "噪声污染防治法", "article": "第一条"}]},
            "sources",
            "out of force since 2026-08-15",
        ),
        ({"sources": [{"law": "商标法（2026修订）", "article": "第一条"}]}, "sources", "not in force before"),
        ({"sources": [{"law": "律师法", "article": "第一条"}]}, "sources", "do not hold the text"),
        (
            {"sources": [{"law": "浙江省工伤保险条例", "article": "第一条"}]},
            "sources",
            "only local regulations",
        ),
        ({"sources": [{"law": "社会救助暂行办法", "article": "第一条"}]}, "sources", "社会救助法 prevails"),
        ({"valid_until": "2026-11-22"}, "valid_until", "has passed on 2026-11-22"),
        ({"valid_from": "2026-03-01", "valid_until": "2026-02-01"}, "valid_from", "after valid_until"),
        ({"reviewed_on": "2025-11-21"}, "reviewed_on", "367 days ago"),
        ({"reviewed_on": "2026-11-24"}, "reviewed_on", "in the future"),
        ({"checked_by": "lin", "checked_on": "2026-11-24"}, "checked_on", "in the future"),
        ({"variants": WAGES["variants"][:4]}, "variants", "4 are too few"),
        ({"variants": [*WAGES["variants"], "欠薪，投诉！"]}, "variants", "two are the same"),
        ({"variants": [*WAGES["variants"], "owed wages"]}, "variants", "has no Chinese"),
        ({"question": "My boss owes me"}, "question", "has no Chinese"),
        ({"answer": answer(note="Only English")}, "answer.note", "has no Chinese"),
        ({"answer": {"lead": "打 12333。"}}, "answer", "characters are too few"),
        ({"en": english(lead="只有中文")}, "en.lead", "is not English"),
        ({"en": english(question="怎么离婚")}, "en.question", "is not English"),
        ({"en": english(lead="Go.", steps=[])}, "en", "letters are too few"),
        ({"answer": answer(where="打 0573-82712345")}, "answer.where", "0573-82712345 is no known hotline"),
        ({"en": english(note="Call 10086")}, "en.note", "10086 is no known hotline"),
        ({"answer": answer(note="报警后钱一定能追回。")}, "answer.note", "promises an outcome"),
        ({"en": english(note="You are guaranteed to win.")}, "en.note", "promises an outcome"),
        ({"related": ["legal.labor.missing"]}, "related", "no entry is called legal.labor.missing"),
        ({"related": ["legal.labor.wages-unpaid"]}, "related", "names itself"),
        ({"topics": ["E05", "E47"]}, "topics", "E47 is not in topics.yaml"),
        ({"owner": "nobody"}, "owner", "nobody"),
        ({"next": {"queue": "nobody"}}, "next.queue", "nobody"),
    ],
)
def test_each_mistake_is_refused_with_its_place_and_a_fix(tmp_path, change, key, message):
    problems = check(write_content(tmp_path, changed(WAGES, **change)), today=TODAY)

    found = [problem for problem in problems if message in problem.message]
    assert [(problem.file, problem.id, problem.key) for problem in found] == [
        ("faq/test.yaml", "legal.labor.wages-unpaid", key)
    ]
    assert found[0].fix
    assert len(problems) - len(found) <= 1  # a change may break a second rule, no more


def test_a_mistake_reads_as_one_line(tmp_path):
    (problem,) = check(write_content(tmp_path, changed(WAGES, related=["legal.a.b"])), today=TODAY)

    assert str(problem) == (
        "faq/test.yaml: legal.labor.wages-unpaid: related: no entry is called legal.a.b; correct or remove it"
    )


def test_the_limit_for_reviews_can_be_set(tmp_path):
    content = write_content(tmp_path, changed(WAGES, reviewed_on="2026-10-01"))

    assert check(content, today=TODAY) == []
    assert [p.key for p in check(content, today=TODAY, oldest_review=timedelta(days=30))] == ["reviewed_on"]


def test_a_coming_law_may_be_cited_by_a_rule_that_starts_with_it(tmp_path):
    entry = changed(WAGES, valid_from="2027-01-01", sources=[{"law": "商标法", "article": "第八十条"}])

    assert check(write_content(tmp_path, entry), today=TODAY) == []


def test_an_id_used_twice_is_refused_in_both_places(tmp_path):
    content = write_content(tmp_path, WAGES, changed(DIVORCE, id=WAGES["id"]))

    assert [problem.key for problem in check(content, today=TODAY)] == ["id", "id"]


@pytest.mark.parametrize(
    "variant",
    ["欠薪，投诉!", "工钱要不到咋办？？", "包工头跑了工钱找谁要。"],
)
def test_a_question_of_another_entry_is_refused_whatever_its_punctuation(tmp_path, variant):
    content = write_content(tmp_path, WAGES, changed(DIVORCE, variants=[*DIVORCE["variants"], variant]))

    (problem,) = check(content, today=TODAY)

    assert (problem.id, problem.key) == (DIVORCE["id"], "variants")
    assert "100 % like" in problem.message
    assert WAGES["id"] in problem.message


def test_a_question_almost_like_one_of_another_entry_is_refused(tmp_path):
    variant = WAGES["question"] + "呢"
    content = write_content(tmp_path, WAGES, changed(DIVORCE, variants=[*DIVORCE["variants"], variant]))

    assert ["% like" in problem.message for problem in check(content, today=TODAY)] == [True]


def test_a_question_of_the_same_meaning_needs_an_encoder_to_be_found(tmp_path):
    # The same characters in another order: far by letters, the same for an encoder that sorts them.
    class Bag(HashEncoder):
        def _encode(self, texts):
            return super()._encode([" ".join(sorted(text)) for text in texts])

    content = write_content(tmp_path, WAGES, changed(DIVORCE, question="怎么要回老板拖欠来工资"))

    assert check(content, today=TODAY) == []
    assert ["100 % like" in p.message for p in check(content, today=TODAY, encoder=Bag())] == [True]


def test_old_and_new_wording_may_share_questions_if_their_dates_do_not_meet(tmp_path):
    old = changed(WAGES, valid_until="2026-12-31")
    new = changed(WAGES, id="legal.labor.wages-next-year", valid_from="2027-01-01")

    assert check(write_content(tmp_path, old, new), today=TODAY) == []


def test_an_unreadable_table_is_one_problem_not_a_crash(tmp_path):
    content = write_content(tmp_path)
    write_yaml(content / "hotlines.yaml", {"hotlines": [{"number": "110"}]})
    (content / "faq" / "broken.yaml").write_text("entries:\n\t- a", "utf-8")

    files = {problem.file for problem in check(content, today=TODAY)}

    assert files == {"hotlines.yaml", "faq/broken.yaml"}


def test_the_shipped_content_is_clean():
    problems = check(Path(knowledge.__file__).parent / "content", today=LAST_READ)

    assert "\n".join(map(str, problems)) == ""
