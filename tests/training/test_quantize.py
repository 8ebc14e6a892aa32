"""Fewer bits lose no more than they must."""

import numpy as np
import pytest

from training.quantize import Int4Rows, int4_rows, int8_columns

RANDOM = np.random.default_rng(7)


def test_a_table_made_of_int4_blocks_comes_back_exactly():
    steps = RANDOM.integers(-7, 8, (50, 64)).astype(np.int8)
    steps[:, ::32] = -8  # as the source does it: the farthest weight of a block is -8
    scales = RANDOM.normal(size=(50, 2)).astype(np.float16)
    table = Int4Rows(steps=steps, scales=scales).floats()

    assert (int4_rows(table).floats() == table).all()


def test_a_block_of_zeros_stays_zero():
    assert (int4_rows(np.zeros((3, 32), np.float32)).floats() == 0).all()


def test_int4_puts_the_earlier_number_into_the_low_half():
    rows = Int4Rows(steps=np.array([[1, -1] * 16], np.int8), scales=np.ones((1, 1), np.float16))

    assert rows.packed() == b"\xf1" * 16


def test_int8_is_off_by_half_a_step_at_most():
    matrix = RANDOM.normal(size=(40, 10)).astype(np.float32)
    columns = int8_columns(matrix)

    assert (np.abs(columns.floats() - matrix) <= columns.scales * 0.5001).all()


def test_two_int8_products_fit_sixteen_bits():
    steps = int8_columns(RANDOM.normal(size=(40, 10)).astype(np.float32)).steps

    assert 2 * 255 * int(np.abs(steps).max()) <= np.iinfo(np.int16).max


def test_a_column_of_zeros_stays_zero():
    assert int8_columns(np.zeros((4, 2), np.float32)).floats() == pytest.approx(0)
