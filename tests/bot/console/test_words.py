"""Both languages say the same things, and every word a page asks for exists."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.console.words import HERE, LANGUAGES, Words, strings
from bot.tickets.model import CloseReason, Satisfaction, TicketStatus
from bot.tickets.people import Role
from bot.tickets.sla import ClockName
from knowledge.entries import Queue

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
KINDS = {
    "status": TicketStatus,
    "reason": CloseReason,
    "rating": Satisfaction,
    "role": Role,
    "clock": ClockName,
    "queue": Queue,
}


def test_both_languages_have_the_same_words_with_the_same_fields() -> None:
    def fields(language: str) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in strings(language).items()}

    assert fields("zh") == fields("en")


@pytest.mark.parametrize("file", sorted((HERE / "templates").iterdir()), ids=lambda file: file.name)
def test_every_word_of_a_template_exists(file: Path) -> None:
    asked = set(re.findall(r"\bt\('(\w+)'[,)]", file.read_text("utf-8")))

    assert asked - strings("zh").keys() == set()


def test_every_kind_of_thing_has_a_name() -> None:
    missing = [f"{prefix}_{each.value}" for prefix, kind in KINDS.items() for each in kind]

    assert [key for key in missing if key not in strings("zh")] == []


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(seconds=5), "1分钟", "1 min"),
        (timedelta(minutes=59, seconds=59), "59分钟", "59 min"),
        (timedelta(hours=2), "2小时", "2 h "),
        (timedelta(hours=2, minutes=5), "2小时5分钟", "2 h 5 min"),
        (timedelta(days=3, hours=4, minutes=9), "3天4小时", "3 d 4 h "),
        (-timedelta(minutes=7), "7分钟", "7 min"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(length: timedelta, zh: str, en: str) -> None:
    said = [
        Words(language=language, zone=ZoneInfo("Asia/Shanghai"), now=NOW).span(length)
        for language in LANGUAGES
    ]

    assert said == [zh, en]
