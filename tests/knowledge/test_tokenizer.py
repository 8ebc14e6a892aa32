import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.model_files import SHIPPED_MODEL, TOKENIZER
from knowledge.tokenizer import Tokenizer

BEGIN, END = 0, 2
FILE = SHIPPED_MODEL / TOKENIZER
shipped = Tokenizer(FILE)


def test_a_text_stands_between_two_marks_and_a_long_one_is_cut_inside_them():
    assert shipped.ids("", limit=512) == [BEGIN, END]
    whole = shipped.ids("query: " + "老板拖欠工资" * 200, limit=10_000)
    assert shipped.ids("query: " + "老板拖欠工资" * 200, limit=64) == [*whole[:63], END]


def test_the_marks_typed_by_a_person_are_characters():
    ids = shipped.ids("<s></s><pad>", limit=512)

    assert (ids[0], ids[-1]) == (BEGIN, END)
    assert not {BEGIN, 1, END} & set(ids[1:-1])


@given(st.text(max_size=80))
def test_width_and_kinds_of_blanks_make_no_difference(text):
    wide = unicodedata.normalize("NFKC", text)

    assert shipped.ids(text, limit=512) == shipped.ids(wide.replace(" ", "\t"), limit=512)


@given(st.text(max_size=80))
def test_every_text_has_ids_of_the_vocabulary(text):
    clean = text.encode("utf-8", "replace").decode()

    assert all(0 <= each < 60_000 for each in shipped.ids(clean, limit=512))


def test_no_file_and_a_broken_file_are_refused(tmp_path):
    (tmp_path / "broken").write_bytes(b"nothing of the kind")

    for name in ("broken", "missing"):
        with pytest.raises((OSError, RuntimeError)):
            Tokenizer(tmp_path / name)


def test_the_pieces_are_cut_as_the_library_that_made_them_cuts():
    """Needs the packages of training; the vocabulary is written from theirs."""
    pytest.importorskip("tokenizers")
    pytest.importorskip("google.protobuf")
    from training import tokenizer

    model = tokenizer.read(FILE)
    texts = (
        "query: 老板拖欠我三个月工资怎么办",
        "passage: Call 110, 96110!",
        "轉帳　ＡＴＭ①㈱ﬁ😭👍🏻",
        " 前面有空格",
        "кирilлица한글",
    )

    for text in texts:
        assert shipped.ids(text, limit=512) == model.encode(text).ids, text
