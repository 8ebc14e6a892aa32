import pytest

from knowledge.hits import Decision, Hit, Thresholds, any_right


def hits(*confidence, in_scope=0.95):
    return [
        Hit(entry=None, confidence=each, in_scope=in_scope, dense=0.9, lexical=0.5, fuzzy=0.5, row_text="x")
        for each in confidence
    ]


THRESHOLDS = Thresholds(answer=0.7, ask=0.5)


def test_one_likely_entry_is_answered_and_none_is_declined():
    assert THRESHOLDS.decide(hits(0.8, 0.1)) is Decision.ANSWER
    assert THRESHOLDS.decide(hits(0.1, 0.05)) is Decision.DECLINE
    assert THRESHOLDS.decide([]) is Decision.DECLINE


def test_a_bare_subject_is_asked_back_though_no_single_entry_is_likely():
    """“离婚” may mean any of a dozen entries."""
    assert THRESHOLDS.decide(hits(0.3, 0.3, 0.3)) is Decision.ASK
    assert THRESHOLDS.decide(hits(0.3)) is Decision.DECLINE


def test_what_is_none_of_our_business_is_declined_however_many_come_near():
    assert THRESHOLDS.decide(hits(0.05, 0.05, 0.05, in_scope=0.1)) is Decision.DECLINE


def test_that_one_of_several_is_right_is_as_likely_as_their_chances_together():
    assert any_right([0.5, 0.5], in_scope=1.0) == pytest.approx(0.75)
    assert any_right([0.4], in_scope=0.8) == pytest.approx(0.4)
    assert any_right([0.5, 0.5], in_scope=0.5) == pytest.approx(0.5)
    assert any_right([0.1], in_scope=0.0) == 0.0
