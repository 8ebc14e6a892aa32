"""Questions asked from the command line: one, or a file of them, each in a conversation of its own."""

import json
import secrets
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.conversation.engine import Engine
from bot.conversation.model import Address, Message
from bot.errors import InvalidRequest

CHANNEL = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A line of a question file."""

    id: str
    text: str


def read_questions(name: str) -> tuple[Asked, ...]:
    """The questions in the JSONL file `name`, or on standard input for `-`.

    Raises InvalidRequest naming the line that cannot be read.
    """
    try:
        lines = sys.stdin.readlines() if name == "-" else Path(name).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest("file", f"{name}: cannot be read as UTF-8 text ({error})") from error
    return tuple(_asked(line, name, number) for number, line in enumerate(lines, 1) if line.strip())


def _asked(line: str, name: str, number: int) -> Asked:
    try:
        value = json.loads(line)
        text, id = value["text"], value.get("id", number)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(
            "line", f'{name}: line {number}: write {{"id": "1", "text": "…"}} on one line'
        ) from error
    if not isinstance(text, str) or not isinstance(id, str | int):
        raise InvalidRequest("line", f"{name}: line {number}: id and text must be text")
    return Asked(id=str(id), text=text)


def ask_one(engine: Engine, text: str, *, id: str) -> dict[str, Any]:
    """The contract's object for one question in a new conversation."""
    sender = Address(channel=CHANNEL, user=secrets.token_urlsafe(16))
    return engine.handle(Message(sender=sender, text=text)).to_json(id)


def ask_lines(engine: Engine, questions: Iterable[Asked]) -> Iterator[dict[str, Any]]:
    """The contract's objects, one a question, in order."""
    for question in questions:
        yield ask_one(engine, question.text, id=question.id)
