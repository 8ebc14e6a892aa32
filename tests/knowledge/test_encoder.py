"""The shipped encoder: what every caller may rely on, and how a damaged model says so."""

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from knowledge.encoder import LONGEST_PIECE, OnnxEncoder, SentenceTransformerEncoder
from knowledge.errors import EncoderError
from knowledge.model_files import MANIFEST, MODEL, SHIPPED_MODEL, TOKENIZER
from tests.knowledge.encoder_contract import QUESTIONS, EncoderContract

FIX = "training.build_encoder"


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder()


@pytest.fixture
def model_copy(tmp_path) -> Path:
    """A copy of the shipped model that a test may damage."""
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED_MODEL, folder)
    return folder


class TestOnnxEncoder(EncoderContract):
    def test_another_process_would_get_the_same_bits(self, encoder):
        assert (OnnxEncoder().encode_queries(QUESTIONS) == encoder.encode_queries(QUESTIONS)).all()

    def test_workers_change_no_bit(self, encoder):
        spread = OnnxEncoder(threads=4).encode_passages(QUESTIONS * 5)

        assert (spread == encoder.encode_passages(QUESTIONS * 5)).all()

    def test_eight_threads_get_what_one_gets(self, encoder):
        texts = [f"{question}{number}" for number in range(10) for question in QUESTIONS]
        expected = encoder.encode_passages(texts)

        with ThreadPoolExecutor(8) as threads:
            rows = list(threads.map(lambda text: both_ways(encoder, text), texts))

        assert (np.concatenate(rows) == expected).all()

    def test_text_past_the_limit_changes_nothing(self, encoder):
        limit = 512 * LONGEST_PIECE

        assert (
            encoder.encode_passages(["好" * limit]) == encoder.encode_passages(["好" * limit + "坏"])
        ).all()

    def test_name_carries_a_fingerprint_of_the_model(self, encoder):
        assert encoder.name == json.loads((SHIPPED_MODEL / MANIFEST).read_text())["name"]
        assert "@" in encoder.name

    def test_the_shipped_files_are_the_ones_in_the_manifest(self, encoder):
        encoder.verify()

    def test_the_shipped_model_fits_the_repository(self):
        assert sum(path.stat().st_size for path in SHIPPED_MODEL.iterdir()) <= 40_000_000


def both_ways(encoder: OnnxEncoder, text: str) -> np.ndarray:
    """The row by both ways at once, so that threads meet in the cache as well as in the model."""
    encoder.encode_queries([text[:6]])
    return encoder.encode_passages([text])


class TestQueryCache:
    def test_a_known_query_is_the_very_same_array(self):
        encoder = OnnxEncoder()
        first = encoder.encode_queries(["欠薪"])

        assert encoder.encode_queries(["欠薪"]) is first
        assert encoder.cache_use.hits == 1

    def test_only_new_queries_are_computed(self):
        encoder = CountingEncoder()
        encoder.encode_queries(["欠薪", "离婚"])

        encoder.encode_queries(["离婚", "继承", "欠薪", "继承"])

        assert encoder.computed == 3

    def test_passages_are_not_remembered(self):
        encoder = CountingEncoder()

        encoder.encode_passages(["欠薪"])
        encoder.encode_passages(["欠薪"])

        assert encoder.computed == 2
        assert encoder.cache_use.rows == 0

    def test_a_remembered_row_cannot_be_overwritten(self):
        row = OnnxEncoder().encode_queries(["欠薪"])

        with pytest.raises(ValueError, match="read-only"):
            row[0, 0] = 0

    def test_the_longest_unused_query_is_forgotten_first(self):
        encoder = CountingEncoder(cache_rows=2)
        for text in ("甲", "乙", "甲", "丙"):
            encoder.encode_queries([text])

        encoder.encode_queries(["甲"])
        assert encoder.computed == 3
        encoder.encode_queries(["乙"])
        assert encoder.computed == 4

    def test_a_cache_of_zero_rows_remembers_nothing(self):
        encoder = OnnxEncoder(cache_rows=0)

        assert (encoder.encode_queries(["甲"]) == encoder.encode_queries(["甲"])).all()
        assert (encoder.cache_use.hits, encoder.cache_use.rows) == (0, 0)

    def test_threads_share_the_cache_without_losing_count(self):
        encoder = OnnxEncoder()

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda number: encoder.encode_queries([f"问题{number % 5}"]), range(80)))

        use = encoder.cache_use
        assert (use.hits + use.misses, use.rows) == (80, 5)


class CountingEncoder(OnnxEncoder):
    """Counts the texts that really went through the model."""

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self.computed = 0

    def _encode_one(self, text):
        self.computed += 1
        return super()._encode_one(text)


class TestDamagedModel:
    """Every message is one line that names the file and the way out."""

    @pytest.mark.parametrize("name", [MODEL, TOKENIZER, MANIFEST])
    def test_a_missing_file_is_named(self, model_copy, name):
        (model_copy / name).unlink()

        with pytest.raises(EncoderError, match=f"{name} is missing; .*{FIX}"):
            OnnxEncoder(model_copy)

    def test_a_missing_folder_is_named(self, tmp_path):
        with pytest.raises(EncoderError, match=f"nowhere: {MANIFEST} is missing; .*{FIX}"):
            OnnxEncoder(tmp_path / "nowhere")

    def test_a_truncated_model_is_refused_at_load(self, model_copy):
        data = (model_copy / MODEL).read_bytes()
        (model_copy / MODEL).write_bytes(data[:-1])

        with pytest.raises(
            EncoderError, match=f"{MODEL} has {len(data) - 1} bytes instead of {len(data)}; .*{FIX}"
        ):
            OnnxEncoder(model_copy)

    def test_a_changed_byte_is_found_by_verify(self, model_copy):
        data = bytearray((model_copy / MODEL).read_bytes())
        data[len(data) // 2] ^= 1
        (model_copy / MODEL).write_bytes(data)

        with pytest.raises(EncoderError, match=f"{MODEL} has a wrong SHA-256; .*{FIX}"):
            OnnxEncoder(model_copy).verify()

    @pytest.mark.parametrize("name", [MODEL, TOKENIZER])
    def test_nonsense_of_the_right_size_is_refused_at_load(self, model_copy, name):
        (model_copy / name).write_bytes(b"\xff" * (model_copy / name).stat().st_size)

        with pytest.raises(EncoderError, match=f"{name} cannot be loaded; .*{FIX}") as caught:
            OnnxEncoder(model_copy)

        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("{", "malformed"),
            ("[]", "malformed"),
            ("{}", "has no key 'files'"),
            ('{"files": 3}', "malformed"),
        ],
    )
    def test_a_broken_manifest_is_named(self, model_copy, text, problem):
        (model_copy / MANIFEST).write_text(text)

        with pytest.raises(EncoderError, match=f"{MANIFEST} .*{problem}.*{FIX}"):
            OnnxEncoder(model_copy)


def test_a_missing_extra_is_named_with_its_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(EncoderError, match=r"pip install 'anwen\[models\]'"):
        SentenceTransformerEncoder("any/model")
