"""The declared forms are whole, and a broken one says what to correct."""

import pytest

from intents.forms.loading import read_forms
from intents.forms.model import SlotKind
from knowledge.errors import ContentError
from tests.intents.forms.world import written

GOOD = """
id: hazard
title: {zh: "隐患", en: "Hazard"}
intro: {zh: "说说隐患。", en: "Tell us."}
domain: safety
slots:
  - id: seen
    kind: choice
    label: {zh: "看到", en: "Seen"}
    ask: {zh: "看到了？", en: "Seen?"}
    options: yes_no
  - id: where
    kind: place
    label: {zh: "地点", en: "Place"}
    ask: {zh: "在哪里？", en: "Where?"}
    when: {seen: "yes"}
finish:
  done: {zh: "好了", en: "Done"}
  ticket: safety
"""


def test_a_written_form_is_read(tmp_path):
    form = written(tmp_path, GOOD)

    assert [slot.kind for slot in form.slots] == [SlotKind.CHOICE, SlotKind.PLACE]
    assert [option.id for option in form.slots[0].options] == ["yes", "no"]


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("kind: placce", "kind: place", "forms/hazard.yaml: form: slots.1.kind"),
        ("when: {sen: \"yes\"}", "when: {seen: \"yes\"}", "no such slot comes before"),
        ("when: {seen: \"maybe\"}", "when: {seen: \"yes\"}", "‘maybe’ is none of its options"),
        ("id: seen\n    kind: place", "id: where\n    kind: place", "is used twice"),
        ("kind: note\n    compute: magic", "kind: place", "‘magic’ is unknown"),
        ("not_before: later\n    kind: date", "kind: place", "no slot ‘later’ comes before"),
        ("many: true\n    kind: place", "kind: place", "a place has none"),
        ("wordings: [\"(open\"]\nid: hazard", "id: hazard", "is no pattern"),
        ("colour: red\nid: hazard", "id: hazard", "unknown key"),
        ("ticket: police", "ticket: safety", "finish.ticket"),
    ],
)  # fmt: skip
def test_a_fault_names_its_file_and_place(tmp_path, wrong, right, message):
    assert right in GOOD

    with pytest.raises(ContentError) as raised:
        written(tmp_path, GOOD.replace(right, wrong))

    assert "forms/hazard.yaml" in str(raised.value)
    assert message in str(raised.value)


def test_a_file_is_named_like_its_form(tmp_path):
    (tmp_path / "other.yaml").write_text(GOOD, encoding="utf-8")

    [(_, errors)] = list(read_forms((), folder=tmp_path))

    assert [error.key for error in errors] == ["id"]
