"""What holds for every implementation of `Encoder`; a test module gives the fixture `encoder`."""

import numpy as np
import pytest

from knowledge.vectors import Encoder

QUESTIONS = ["老板拖欠工资怎么办", "被骗了", "How do I repair my credit record?", "離婚後孩子歸誰撫養"]
ODD_TEXTS = [
    "",
    " ",
    "\n\t",
    "😀🔥",
    "被騙了錢怎麼辦",
    "\ud83d",
    "\x00",
    "a" * 100_000,
    "好" * 100_000,
    "<s></s>",
]


class EncoderContract:
    """Subclass it as `Test…`."""

    def test_rows_have_the_stated_shape_and_type(self, encoder: Encoder):
        rows = encoder.encode_queries(QUESTIONS)

        assert (rows.shape, rows.dtype) == ((len(QUESTIONS), encoder.dim), np.float32)

    def test_rows_have_length_one(self, encoder: Encoder):
        rows = np.concatenate([encoder.encode_queries(QUESTIONS), encoder.encode_passages(QUESTIONS)])

        assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)

    def test_no_texts_give_no_rows(self, encoder: Encoder):
        assert encoder.encode_queries([]).shape == (0, encoder.dim)
        assert encoder.encode_passages([]).shape == (0, encoder.dim)

    @pytest.mark.parametrize("text", ODD_TEXTS, ids=lambda text: ascii(text[:8]))
    def test_any_text_has_a_vector(self, encoder: Encoder, text):
        row = encoder.encode_queries([text])

        assert np.isfinite(row).all()
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)

    def test_a_text_has_the_same_row_alone_and_among_others(self, encoder: Encoder):
        many = encoder.encode_passages(QUESTIONS)
        alone = np.concatenate([encoder.encode_passages([text]) for text in QUESTIONS])

        assert alone == pytest.approx(many, abs=1e-5)

    def test_a_repeated_text_has_a_row_each_time(self, encoder: Encoder):
        first, other, again = encoder.encode_queries(["欠薪", "离婚", "欠薪"])

        assert (first == again).all()
        assert not np.allclose(first, other)

    def test_queries_and_passages_are_told_apart(self, encoder: Encoder):
        assert not np.allclose(encoder.encode_queries(["欠薪"]), encoder.encode_passages(["欠薪"]))

    @pytest.mark.parametrize(
        ("asked", "near", "far"),
        [
            ("欠薪", "拖欠工资", "离婚"),
            ("老板不发工资", "欠薪", "商标注册"),
            ("被騙了錢怎麼辦", "被骗了钱怎么办", "孩子上学"),
            ("我的钱被骗走了", "电信诈骗报警", "交通事故"),
            ("unpaid wages", "拖欠工资", "离婚"),
            ("征信花了怎么办", "修复信用记录", "遗产继承"),
        ],
    )
    def test_what_means_the_same_is_nearer(self, encoder: Encoder, asked, near, far):
        to_near, to_far = (encoder.encode_passages([near, far]) @ encoder.encode_queries([asked])[0]).tolist()

        assert to_near > to_far
