"""`anwen chat`: the desk in a terminal. On a terminal people type and see colours; from a pipe each line is a
message and the answers are plain text.
"""

import secrets
import sys
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.channels.base import TERMINAL, cleaned, printable
from bot.conversation.engine import Engine
from bot.conversation.model import Address, Choice, Message, Post
from bot.conversation.outcome import Outcome

LEAVE = ("/quit", "/exit")
_PROMPT = "› "
_HOW_TO_LEAVE = "（Ctrl+D 或 /quit 退出 · Ctrl+D or /quit to leave）"
_URGENT = ("emergency", "alert")


def run_chat(engine: Engine, *, source: TextIO | None = None, console: Console | None = None) -> None:
    """Talk until the input ends, or somebody asks to leave. Each run is a chat of its own.

    Args:
        source: where lines come from; standard input unless given.
        console: where answers go; NO_COLOR is honoured.
    """
    source = source or sys.stdin
    console = console or Console(highlight=False)
    interactive = source.isatty() and console.is_terminal
    if interactive:
        greeting = engine.wording.reply("greeting", "zh")
        _show_reply(console, Text(printable(greeting.text)), ())
        console.print(Text(_HOW_TO_LEAVE, style="dim"))
    _talk(engine, _lines(source, prompts=interactive), console)


def _talk(engine: Engine, lines: Iterator[str], console: Console) -> None:
    sender = Address(channel=TERMINAL.name, user=secrets.token_urlsafe(16))
    offered: tuple[Choice, ...] = ()
    for line in lines:
        text = cleaned(line).strip()
        if text in LEAVE:
            return
        if not text:
            continue
        outcome = engine.handle(Message(sender=sender, text=_meant(text, offered)))
        offered = _show(console, outcome) or offered


def _lines(source: TextIO, *, prompts: bool) -> Iterator[str]:
    """Lines until the input ends or Ctrl+C."""
    try:
        if not prompts:
            yield from source
            return
        while True:
            yield input(_PROMPT)
    except (EOFError, KeyboardInterrupt):
        return


def _meant(text: str, offered: tuple[Choice, ...]) -> str:
    """The label of the choice whose number was typed, else the text."""
    if text.isdecimal() and 1 <= int(text) <= len(offered):
        return offered[int(text) - 1].label
    return text


def _show(console: Console, outcome: Outcome) -> tuple[Choice, ...]:
    """Print the replies; what the last of them offers."""
    offered: tuple[Choice, ...] = ()
    for post in outcome.replies:
        offered = tuple(Choice(**choice) for choice in post.payload.get("choices", ()))
        _show_post(console, post, offered, urgent=outcome.turn.get("kind") in _URGENT)
    return offered


def _show_post(console: Console, post: Post, choices: tuple[Choice, ...], *, urgent: bool) -> None:
    text = Text(printable(post.text), style="bold red" if urgent else "")
    for source in post.payload.get("sources", ()):
        cited = printable(f"{source['title']}{source['article'] or ''}（{source['reviewed_on']}）")
        text.append(f"\n— {cited}", style="dim")
    _show_reply(console, text, choices)


def _show_reply(console: Console, text: Text, choices: tuple[Choice, ...]) -> None:
    for number, choice in enumerate(choices, start=1):
        text.append(f"\n[{number}] ", style="bold cyan")
        text.append(printable(choice.label))
    # a pipe gets the text as it is: no wrapping, no spaces at the ends
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 1, 2)))
    else:
        console.print(text, soft_wrap=True)
        console.print()
