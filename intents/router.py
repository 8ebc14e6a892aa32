"""What a message wants, told from its words alone: a person, a command, small talk, a follow-up, or a question.

The wordings are `intents.yaml`; each pattern must match the whole normalised text, so that a question which
merely contains “你好” stays a question.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from intents.normalize import bare, normalize
from knowledge.yaml_files import shipped

WORDINGS = Path(__file__).parent / "intents.yaml"
LONGEST_FOLLOW_UP = 18  # Chinese characters; a longer text brings its own subject
LONGEST_ENGLISH_FOLLOW_UP = 36
SHORTEST_QUESTION = 5  # characters; shorter pieces of a message are no question of their own


class Wish(StrEnum):
    """What the person wants; QUESTION when no wording matched."""

    HUMAN = "human"
    START = "start"
    MENU = "menu"
    TICKET_STATUS = "ticket_status"
    CANCEL_TICKET = "cancel_ticket"
    CHECK = "check"
    EXPORT_DATA = "export_data"
    ERASE_DATA = "erase_data"
    CANCEL = "cancel"
    RESTART = "restart"
    CHINESE = "chinese"
    ENGLISH = "english"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    IDENTITY = "identity"
    NONE_OF_THESE = "none_of_these"
    QUESTION = "question"


class Facet(StrEnum):
    """The part of an answer a follow-up asks for; named like the fields of `Answer`."""

    TIME = "time"
    COST = "cost"
    BRING = "bring"
    WHERE = "where"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The wish, the wording that told it, and for a question whether it leans on the last answer."""

    wish: Wish
    reason: str = ""
    follow_up: bool = False
    facet: Facet | None = None
    has_subject: bool = True  # False for “去哪办” alone: only the last answer says what it is about
    number: int | None = None  # “2” or “第二个”: a choice by its place, from 1


def route(text: str) -> Intent:
    """The intent of `text`. Pure."""
    plain = bare(text)
    said = f"/{plain}" if text.lstrip().startswith("/") else plain
    patterns = _patterns()
    for wish in Wish:
        for pattern in patterns.wishes.get(wish, ()):
            if pattern.fullmatch(said):
                return Intent(wish=wish, reason=pattern.pattern)
    number = _number(plain)
    if number is not None:
        return Intent(wish=Wish.QUESTION, number=number)
    facet = next((facet for facet, pattern in patterns.facets.items() if pattern.search(plain)), None)
    leans = is_short(plain) and (facet is not None or patterns.anaphora.match(plain) is not None)
    return Intent(
        wish=Wish.QUESTION,
        follow_up=leans,
        facet=facet if leans else None,
        has_subject=facet is None or _has_subject(plain, patterns.facets[facet]),
    )


_LITTLE_WORDS = re.compile(
    r"[那要办的呢吗啊呀需给了我得去还一下请问,，这个它]|\b(is|it|do|does|i|the|and|then|a|to|for|this|that|long|take)\b"
)
_LEAST_SUBJECT = 2  # characters left beside the facet and the little words


def _has_subject(plain: str, facet: re.Pattern[str]) -> bool:
    """Whether a text names something besides the part of the answer it asks for."""
    return len(_LITTLE_WORDS.sub("", facet.sub("", plain)).replace(" ", "")) >= _LEAST_SUBJECT


def is_short(text: str) -> bool:
    """Whether `text` is short enough to lean on what was said before."""
    return len(text) <= (LONGEST_FOLLOW_UP if language_of(text) == "zh" else LONGEST_ENGLISH_FOLLOW_UP)


def _is_short(plain: str) -> bool:
    if language_of(plain) == "en":
        return len(plain.split()) <= LONGEST_ENGLISH_FOLLOW_UP
    return len(plain) <= LONGEST_FOLLOW_UP


def language_of(text: str) -> str | None:
    """`zh` when there is any Chinese, `en` for at least two Latin words or a long one, else None (unknown).

    >>> language_of("110?")
    >>> language_of("help me please")
    'en'
    """
    if text.startswith("/"):
        return None  # a command, in whatever language the chat is
    if re.search(r"[㐀-鿿]", text):
        return "zh"
    words = re.findall(r"[A-Za-z]{2,}", text)
    return "en" if len(words) >= 2 or any(len(word) >= 4 for word in words) else None


def split_questions(text: str) -> tuple[str, ...]:
    """The separate questions of a message, in order; empty when it is one question.

    >>> split_questions("押金不退怎么办？另外试用期最长多久？")
    ('押金不退怎么办', '试用期最长多久')
    """
    patterns = _patterns()
    pieces = [piece for line in text.splitlines() for piece in patterns.joints.split(normalize(line))]
    pieces = [patterns.connector.sub("", piece.strip()).strip(" ,，、。.") for piece in pieces]
    questions = tuple(
        piece for piece in pieces if len(piece) >= SHORTEST_QUESTION and patterns.asks.search(piece)
    )
    return questions if len(questions) >= 2 else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patterns:
    wishes: dict[Wish, tuple[re.Pattern[str], ...]]
    facets: dict[Facet, re.Pattern[str]]
    anaphora: re.Pattern[str]
    joints: re.Pattern[str]
    connector: re.Pattern[str]
    asks: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    raw = shipped(WORDINGS)
    return _Patterns(
        wishes={
            Wish(name): tuple(re.compile(pattern) for pattern in patterns)
            for name, patterns in raw["wishes"].items()
        },
        facets={Facet(name): re.compile("|".join(words)) for name, words in raw["facets"].items()},
        anaphora=re.compile("|".join(raw["anaphora"])),
        joints=re.compile("|".join(raw["joints"])),
        connector=re.compile("^(?:" + "|".join(raw["connectors"]) + ")+"),
        asks=re.compile("|".join(raw["asks"])),
    )


_ONE_TO_TEN = "一二三四五六七八九十"
_NUMERALS = {
    numeral: number
    for number, chinese in enumerate(
        [*_ONE_TO_TEN, *(f"十{one}" for one in _ONE_TO_TEN[:9]), "二十"], start=1
    )
    for numeral in (chinese, str(number))
}


def _number(plain: str) -> int | None:
    match = re.fullmatch(
        r"(?:选|第|选第|option |number )?([一二三四五六七八九十]{1,3}|[1-9]\d?)(?:个|项|条|号)?", plain
    )
    return _NUMERALS.get(match[1]) if match else None
