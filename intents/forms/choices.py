"""Answers to a choice: a button, its number, its label, or what people write instead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from intents.forms.commands import OPTION
from intents.forms.model import InvalidAnswer, Option, Slot
from intents.forms.numerals import whole
from intents.normalize import bare, normalize

NEAR = 88  # of 100: a label with a slip of the finger
_NOT = re.compile(r"(没有|还没有|还没|没|未|不是|不|并非|无|not |no |never )[能会有在]?$")
_YES_NO = {  # said for themselves, whatever the labels are
    "yes": frozenset(
        ["是", "是的", "对", "对的", "有", "有的", "嗯", "已经", "y", "yes", "yeah", "yep", "sure"]
    ),
    "no": frozenset(["否", "不是", "没有", "没", "还没有", "还没", "无", "不", "不对", "n", "no", "nope"])
    | {"not yet"},
}
_MEANS_ANYTHING = frozenset(
    {"是的", "好的", "可以", "需要", "不用", "不要", "没有", "还没有", "不是", "已经", "有的", "对的", "都有"}
    | {"yes", "no", "not", "other", "none"}
)
_NUMBER = re.compile(
    r"(?:选|第|选第|option |number |no\.? ?)?([\d一二三四五六七八九十]{1,3})(?:个|项|条|号|种)?"
)
_ALL = re.compile(r"(全部|全选|都有|都是|所有|都齐了|都准备好了|齐了|all|all of them|everything)(了|的)?")
_NONE = re.compile(r"(都没有|都不是|一个都没有|全没有|都没|没有|无|none|none of these|nothing)(了|的)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOption:
    """An option named in a text."""

    id: str
    start: int
    end: int


def choice(slot: Slot, text: str) -> str:
    """The id of the option meant; for a slot of several, ids with a comma between.

    Raises InvalidAnswer: `choice` when none is meant, `choice_several` when more than one may be.
    """
    said = text.strip()
    if said.startswith(OPTION):
        ids = said.removeprefix(OPTION).split(",")
        if all(slot.option(id) for id in ids):
            return ",".join(ids)
        raise InvalidAnswer("choice")
    return _several(slot, said) if slot.many else _one(slot, said)


def _one(slot: Slot, said: str) -> str:
    numbered = _numbered(slot, said)
    if numbered is not None:
        return numbered
    plain = bare(said)
    for option in slot.options:
        if plain in {bare(words) for words in _wordings(option)} or plain in _YES_NO.get(option.id, ()):
            return option.id
    found = {option.id for option in named(slot, said)}
    if len(found) == 1:
        return found.pop()
    if len(found) > 1:
        raise InvalidAnswer("choice_several")
    near = [
        option.id
        for option in slot.options
        if any(fuzz.ratio(plain, bare(words)) >= NEAR for words in _wordings(option))
    ]
    if len(near) == 1:
        return near[0]
    raise InvalidAnswer("choice")


def _several(slot: Slot, said: str) -> str:
    plain = bare(said)
    for option in slot.options:
        if plain in {bare(words) for words in _wordings(option)}:
            return option.id
    if _ALL.fullmatch(plain):
        return ",".join(option.id for option in slot.options if option.id != "none")
    pieces = [piece for piece in re.split(r"[\s,，、;；和]+", said) if piece]
    numbers = [_numbered(slot, piece) for piece in pieces]
    if pieces and all(numbers):
        return _joined(slot, {number for number in numbers if number})
    if re.fullmatch(r"[1-9]{2,9}", plain):  # 134: one, three and four
        return _joined(slot, {id for digit in plain if (id := _numbered(slot, digit))})
    found = {option.id for option in named(slot, said)}
    if found:
        return _joined(slot, found)
    none = slot.option("none")
    if none is not None and _NONE.fullmatch(plain):
        return none.id
    raise InvalidAnswer("choice")


def _joined(slot: Slot, ids: set[str]) -> str:
    return ",".join(option.id for option in slot.options if option.id in ids)


def _numbered(slot: Slot, said: str) -> str | None:
    match = _NUMBER.fullmatch(bare(said))
    number = whole(match[1]) if match else None
    if number is None or not 1 <= number <= len(slot.options):
        return None
    return slot.options[number - 1].id


def named(slot: Slot, text: str) -> Iterator[FoundOption]:
    """The options whose words stand in `text`, the longest wording first; what is denied is left out.

    Words that mean anything, as 好的 or 需要, count only when they are all that was said (`choice`).
    """
    said = normalize(text)
    wordings = [
        (words, option.id)
        for option in slot.options
        for wording in _wordings(option)
        if (words := normalize(wording)) and len(words) > 1 and words not in _MEANS_ANYTHING
    ]
    taken: list[tuple[int, int]] = []
    for words, id in sorted(wordings, key=lambda pair: -len(pair[0])):
        for match in _pattern(words).finditer(said):
            span = match.span()
            if any(start < span[1] and span[0] < end for start, end in taken):
                continue
            taken.append(span)
            if not _NOT.search(said[: span[0]]):
                yield FoundOption(id=id, start=span[0], end=span[1])


@cache
def _pattern(words: str) -> re.Pattern[str]:
    """Latin words as whole words: “no” is not in “know”."""
    return re.compile(rf"(?<![a-z]){re.escape(words)}(?![a-z])" if words.isascii() else re.escape(words))


def _wordings(option: Option) -> tuple[str, ...]:
    labels = (option.label.zh, option.label.en)
    short = [re.split(r"[（(]", label)[0].strip() for label in labels]  # without the remark in brackets
    parts = [part.strip() for label in short for part in re.split(r"[、，,]", label)]
    return (*labels, *short, *(part for part in parts if len(part) > 1), *option.words)


def shown_choice(slot: Slot, value: str, language: str) -> str:
    """The labels, as people read them."""
    labels = [option.label.said_in(language) for id in value.split(",") if (option := slot.option(id))]
    return ("、" if language == "zh" else ", ").join(labels)
