"""The examples in docstrings are true."""

import doctest
import importlib

import pytest

MODULES = ("entries", "laws", "lexical", "textnorm", "windows", "wording")


@pytest.mark.parametrize("module", MODULES)
def test_docstring_examples_hold(module):
    result = doctest.testmod(importlib.import_module(f"knowledge.{module}"))

    assert result.attempted > 0
    assert result.failed == 0
