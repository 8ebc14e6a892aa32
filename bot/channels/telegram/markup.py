"""A reply as Telegram shows it: HTML in as many messages as it takes, no tag ever cut. Pure.

Telegram counts a text in UTF-16 units, after its tags were read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

from bot.conversation.model import Citation, Reply

LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024  # UTF-16 units [core.telegram.org/bots/api, read 2026-11-23]
_DESK = re.compile(r"\A【[^】\n]{1,20}】")  # which desk speaks
# Where a text is best cut: the further left in this list, the better.
_CUTS = ("\n\n", "\n", "。", "！", "？", ". ", "; ", "；", "，", ", ", " ")
_TAG = re.compile(r"</?[a-z]+>")
_LEAST_SHARE = 0.4  # of a message that a good cut must fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some plain text in one tag, or in none."""

    text: str
    tag: str | None = None


def units(text: str) -> int:
    """The length of `text` as Telegram counts it.

    >>> units("a"), units("问"), units("😀")
    (1, 1, 2)
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parts(reply: Reply, *, longest: int = LONGEST_TEXT) -> tuple[str, ...]:
    """The HTML of each message, in order; never empty, no message longer than `longest`."""
    messages: list[list[Span]] = [[]]
    room = longest
    for span in _spans(reply):
        rest = span.text
        while rest:
            head = cut(rest, room)
            if not head or (head != rest and messages[-1] and room < longest * _LEAST_SHARE):
                messages.append([])
                room = longest
                continue
            messages[-1].append(Span(text=head, tag=span.tag))
            rest, room = rest[len(head) :], room - units(head)
            if rest:
                rest = rest.lstrip("\n")
                messages.append([])
                room = longest
    return tuple(_html(spans) for spans in messages if any(span.text.strip() for span in spans)) or ("…",)


def cut(text: str, room: int) -> str:
    """The longest good beginning of `text` of at most `room` units; empty when nothing fits.

    >>> cut("第一句。第二句。", 6)
    '第一句。'
    """
    if units(text) <= room:
        return text
    head = _fitting(text, room)
    for mark in _CUTS:
        at = head.rfind(mark)
        if at + len(mark) > len(head) * _LEAST_SHARE:
            return head[: at + len(mark)]
    return head


def _fitting(text: str, room: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > room:
            return text[:index]
    return text


def shortened(text: str, room: int) -> str:
    """`text`, or its beginning with … at the end, in at most `room` units."""
    return text if units(text) <= room else _fitting(text, room - 1) + "…"


def plain(html: str) -> str:
    """The text without its tags.

    >>> plain("<b>1 &lt; 2</b>")
    '1 < 2'
    """
    return unescape(_TAG.sub("", html))


def _spans(reply: Reply) -> Iterator[Span]:
    desk = _DESK.match(reply.text)
    if desk is not None:
        yield Span(text=desk[0], tag="b")
    yield Span(text=reply.text[desk.end() :] if desk else reply.text)
    if reply.sources:
        yield Span(text="\n\n")
        yield Span(text="\n".join(_cited(source) for source in reply.sources), tag="i")


def _cited(source: Citation) -> str:
    return f"— {source.title}{source.article or ''}（{source.reviewed_on}）"


def _html(spans: list[Span]) -> str:
    """Tags are opened and closed in the same message."""
    return "".join(
        f"<{span.tag}>{escape(span.text, quote=False)}</{span.tag}>"
        if span.tag
        else escape(span.text, quote=False)
        for span in spans
    ).strip()
