"""Reads the district's own speech as standard Chinese, so that what old people say finds the same entry."""

import re
from functools import cache
from pathlib import Path

from knowledge.yaml_files import Shape, parse, read_yaml

WORDS = Path(__file__).with_name("dialect.yaml")


class _Word(Shape):
    """One word; beside the characters of `not_before` and `not_after` it is another."""

    said: str
    means: str
    not_before: str = ""
    not_after: str = ""

    @property
    def pattern(self) -> str:
        behind = f"(?<![{self.not_after}])" if self.not_after else ""
        ahead = f"(?![{self.not_before}])" if self.not_before else ""
        return f"{behind}{self.said}{ahead}"


class _Words(Shape):
    words: tuple[_Word, ...]


def standard(text: str) -> str:
    """`text` with the words of `dialect.yaml` in standard Chinese; applying it twice changes nothing.

    >>> standard("侬晓得伐")
    '你知道吗'
    """
    pattern, meanings = _words()
    return pattern.sub(lambda match: meanings[match[0]], text)


@cache
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    words = parse(_Words, read_yaml(WORDS, name=WORDS.name), file=WORDS.name, key="words").words
    longest_first = sorted(words, key=lambda word: -len(word.said))
    return re.compile("|".join(word.pattern for word in longest_first)), {w.said: w.means for w in words}
