"""The second net reads meanings: it sees people whom no rule knows, and leaves those alone who only sound so."""

import numpy as np
import pytest

from intents.danger_reader import LABELS, DangerReader, features, load_reader
from intents.triage import Crisis, Stage, Triage, triage
from knowledge.encoder import OnnxEncoder
from knowledge.textnorm import normalized


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    """The shipped one."""
    return OnnxEncoder()


def _read(encoder: OnnxEncoder, text: str) -> tuple[Crisis | Stage, float]:
    vector = encoder.encode_queries([normalized(text)])[0]
    danger = load_reader().read(text, vector, triage(text))
    return danger.label, danger.probability


def test_the_shipped_reader_belongs_to_the_shipped_encoder(encoder: OnnxEncoder):
    assert load_reader().encoder == encoder.name


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("屋里全是烟我们在五楼下不去了", Crisis.FIRE),
        ("妈妈一下子倒在厨房 叫她没反应 嘴唇发紫", Crisis.MEDICAL),
        ("钱打过去以后那个老师就把我拉黑了", Stage.TRANSFERRED),
        ("他叫我现在去柜台把定期取出来打到他给的户头", Stage.ABOUT_TO_TRANSFER),
    ],
)
def test_people_in_danger_are_read_as_such(encoder: OnnxEncoder, text: str, label: Crisis | Stage):
    found, probability = _read(encoder, text)

    assert found is label
    assert probability > 0.5


@pytest.mark.parametrize("text", ["公积金怎么提取", "离婚以后孩子的户口迁到哪里", "商标续展要多少钱"])
def test_ordinary_questions_are_not(encoder: OnnxEncoder, text: str):
    assert _read(encoder, text)[1] < 0.1


def test_what_a_rule_found_speaks_for_danger():
    reader = load_reader()
    vector = np.zeros(
        reader.weights.shape[1] - len(features("", np.zeros(0, np.float32), Triage())), np.float32
    )

    without = reader.read("怎么办", vector, Triage()).probability
    with_rule = reader.read("怎么办", vector, Triage(crisis=Crisis.FIRE)).probability

    assert with_rule > without


def test_a_reader_has_a_row_for_every_danger():
    reader: DangerReader = load_reader()

    assert len(reader.weights) == len(reader.bias) == 1 + len(LABELS)
