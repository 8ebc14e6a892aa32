"""The labelled texts are whole, and the two halves have no text in common."""

import pytest

from intents.fraud.types import types
from intents.triage import Stage
from training.fraud.texts import TEST, TUNE, read

EVERY = [*read(TUNE), *read(TEST)]


def test_no_text_of_the_test_half_is_in_the_tune_half():
    tune = {text.text for text in read(TUNE)}

    assert not [text.id for text in read(TEST) if text.text in tune]


@pytest.mark.parametrize("half", [TUNE, TEST], ids=["tune", "test"])
def test_every_type_is_in_both_halves(half):
    assert {text.type for text in read(half, *_scams(half)) if text.is_scam} == set(types())


def test_labels_are_of_the_contract():
    for text in EVERY:
        assert text.type is None or text.type in types(), text.id
        assert text.stage is None or text.stage in set(Stage), text.id


def _scams(half):
    return ["a-scam"] if half == TUNE else ["b-scam"]
