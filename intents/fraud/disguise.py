"""Undoes the tricks by which words are hidden, and counts them: `disguise.yaml` says which there are.

The order: halves of characters, signs between characters, wrong characters, words of contact, digits in disguise.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from intents.fraud.reading import Reading, read
from knowledge.yaml_files import shipped

WORDS = Path(__file__).parent / "disguise.yaml"
MOST_PASSES = 4  # a trick may hide another one; more than two layers were never seen
_WIDEST_GAP = 3
# Between the characters of a word; the second kind also stands between honest words, so only in every gap counts.
_SEPARATOR = re.compile(r"[ .·•●∙◆★☆♥❤*~^+=_`'\"…\U0001f000-\U0001faff☀-➿]")
_WEAK_SEPARATOR = re.compile(r"[-/|\\:]")
_DIGITS = str.maketrans("oо〇零li|幺壹贰叁肆伍陆柒捌玖一二三四五六七八九", "00001111123456789123456789")
_LIKE_DIGITS = "0-9oо〇零li|幺壹贰叁肆伍陆柒捌玖一二三四五六七八九"
_BETWEEN_DIGITS = re.compile(r"[ .·*_-]")
_NUMBER = re.compile(rf"(?<![a-z0-9])[1li|幺壹一](?:[ .·*_-]{{0,2}}[{_LIKE_DIGITS}]){{10}}(?![a-z0-9])")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_FEWEST_DIGITS = 3  # really written as digits: a row of Chinese numerals alone is a date or a sum


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The lists of the file, compiled; a match of a pattern is looked up in the mapping beside it."""

    halves: re.Pattern[str]
    halves_in_terms: re.Pattern[str]
    whole: Mapping[str, str]  # two parts → the character
    wrong: re.Pattern[str]
    meant: Mapping[str, str]  # a wrong word → the word meant
    contacts: tuple[re.Pattern[str], ...]
    contact_meant: Mapping[str, str]
    terms: re.Pattern[str]


def unmask(text: str) -> Reading:
    """`text` read without its disguise; applied to its own result it changes nothing more.

    >>> unmask("加薇·信，转*账").text
    '加微信,转账'
    """
    reading = read(text)
    for _ in range(MOST_PASSES):
        before = reading.text
        for step in (_join_halves, _join_terms, _correct, _name_contacts, _write_digits):
            reading = step(reading)
        if reading.text == before:
            break
    return reading


def _join_halves(reading: Reading) -> Reading:
    words = _words()
    reading = _replaced(reading, words.halves, lambda match: words.whole[match.group()], "split_character")

    def whole(match: re.Match[str]) -> str | None:
        character = words.whole[match.group()]
        around = match.string[max(0, match.start() - 3) : match.start()] + character
        around += match.string[match.end() : match.end() + 3]
        return character if any(character in term for term in words.terms.findall(around)) else None

    return _replaced(reading, words.halves_in_terms, whole, "split_character")


def _correct(reading: Reading) -> Reading:
    words = _words()
    return _replaced(reading, words.wrong, lambda match: words.meant[match.group()], "homophone")


def _name_contacts(reading: Reading) -> Reading:
    words = _words()
    for pattern in words.contacts:
        reading = _replaced(
            reading, pattern, lambda match: words.contact_meant[match["word"]], "homophone", group="word"
        )
    return reading


def _join_terms(reading: Reading) -> Reading:
    """Takes away what stands between the characters of a word worth hiding."""
    kept = [place for place, character in enumerate(reading.text) if not _is_separator(character)]
    if len(kept) == len(reading.text):
        return reading
    bare = "".join(reading.text[place] for place in kept)
    for match in reversed(list(_words().terms.finditer(bare))):
        places = kept[match.start() : match.end()]
        gaps = [reading.text[left + 1 : right] for left, right in pairwise(places)]
        if not any(gaps) or not _is_hidden(gaps):
            continue
        kind = "split_word" if any(gap.strip() for gap in gaps) else None  # blanks alone may be a bad copy
        reading = reading.changed(places[0], places[-1] + 1, match.group(), kind)
    return reading


def _is_separator(character: str) -> bool:
    return bool(_SEPARATOR.match(character) or _WEAK_SEPARATOR.match(character))


def _is_hidden(gaps: list[str]) -> bool:
    if any(len(gap) > _WIDEST_GAP for gap in gaps):
        return False
    weak = any(_WEAK_SEPARATOR.search(gap) for gap in gaps)
    return not weak or all(gaps)


def _write_digits(reading: Reading) -> Reading:
    """Letters and Chinese numerals of a mobile number as digits; other numbers are left as they are."""

    for match in reversed(list(_NUMBER.finditer(reading.text))):
        written = _BETWEEN_DIGITS.sub("", match.group())
        number = written.translate(_DIGITS)
        honest = sum(character in "0123456789" for character in written)
        if _MOBILE.fullmatch(number) and honest >= _FEWEST_DIGITS and number != match.group():
            kind = "look_alike" if number != written else None
            reading = reading.changed(*match.span(), number, kind)
    return reading


def _replaced(
    reading: Reading,
    pattern: re.Pattern[str],
    meant: Callable[[re.Match[str]], str | None],
    kind: str | None,
    group: str | int = 0,
) -> Reading:
    """Every match of `pattern` replaced by what is meant; None leaves it as it is."""
    for match in reversed(list(pattern.finditer(reading.text))):
        word = meant(match)
        if word is not None and word != match.group(group):
            reading = reading.changed(*match.span(group), word, kind)
    return reading


@cache
def _words() -> _Words:
    raw = shipped(WORDS)
    meant = {wrong: right for right, many in raw["anywhere"].items() for wrong in many}
    contact_meant = {wrong: right for right, many in raw["beside_contact"].items() for wrong in many}
    word = f"(?P<word>{_bounded(contact_meant)})"
    return _Words(
        halves=re.compile(_either(raw["halves"])),
        halves_in_terms=re.compile(_either(raw["halves_in_terms"])),
        whole={**raw["halves"], **raw["halves_in_terms"]},
        wrong=re.compile(_bounded(meant)),
        meant=meant,
        contacts=(
            re.compile(rf"(?:{_either(raw['contact'])})[我你您的一下个: ]{{0,3}}{word}"),
            re.compile(rf"{word}[:号 ]{{1,3}}(?=[a-z_]{{0,8}}\d[a-z0-9_]{{4,}})"),
        ),
        contact_meant=contact_meant,
        terms=re.compile(_either([*raw["terms"], *filter(_is_han, meant)])),
    )


def _is_han(word: str) -> bool:
    return len(word) > 1 and all("一" <= character <= "鿿" for character in word)


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _bounded(words: Iterable[str]) -> str:
    """Any of `words`, the longest first; Latin letters end where others begin, 薇信 is not read into 薇信用卡."""
    return "|".join(map(_alone, sorted(words, key=len, reverse=True)))


def _alone(word: str) -> str:
    before = "(?<![a-z0-9])" if word[0].isascii() and word[0].isalpha() else ""
    after = "(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else ""
    after += "(?![用息任托箱])" if word[-1] == "信" else ""
    after += "(?![信❤])" if word[-1] in "薇葳微vx" else ""
    return before + re.escape(word) + after
