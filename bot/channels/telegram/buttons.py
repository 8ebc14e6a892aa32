"""What stands in `callback_data`: at most 64 bytes, `v1:<action>:<base36>[:<argument>]`. Pure.

A client can send any data for a message it sees: whoever acts on it checks who pressed.
"""

import re
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram.markup import shortened
from bot.conversation.model import Choice

LONGEST_DATA_BYTES = 64
_LONGEST_LABEL = 60
_WIDE = 16  # characters from which a button stands alone in its row
_DATA = re.compile(r"v1:([a-z_]{1,16}):([0-9a-z]{1,13})(?::([a-z0-9_]{1,24}))?")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

CHOICE = "c"  # a choice of a reply: the message's id and the place among its choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What a button says when it is pressed."""

    action: str
    id: int
    argument: str = ""


def packed(data: Data) -> str:
    """As it stands in `callback_data`."""
    tail = f":{data.argument}" if data.argument else ""
    text = f"v1:{data.action}:{_base36(data.id)}{tail}"
    assert len(text.encode()) <= LONGEST_DATA_BYTES, text
    return text


def unpacked(text: str) -> Data | None:
    """The other way round; None for what is none of ours.

    >>> unpacked(packed(Data(action="claim", id=123456)))
    Data(action='claim', id=123456, argument='')
    """
    match = _DATA.fullmatch(text)
    return Data(action=match[1], id=int(match[2], 36), argument=match[3] or "") if match else None


def choices_keyboard(post_id: int, choices: tuple[Choice, ...]) -> InlineKeyboardMarkup | None:
    """The buttons of a reply; None when it has none."""
    if not choices:
        return None
    return keyboard(
        [
            (choice.label, Data(action=CHOICE, id=post_id, argument=str(place)))
            for place, choice in enumerate(choices)
        ]
    )


def keyboard(buttons: list[tuple[str, Data]]) -> InlineKeyboardMarkup:
    """Short labels two in a row, long ones alone."""
    rows: list[list[InlineKeyboardButton]] = []
    for label, data in buttons:
        button = InlineKeyboardButton(shortened(label, _LONGEST_LABEL), callback_data=packed(data))
        narrow = len(label) < _WIDE
        if narrow and rows and len(rows[-1]) == 1 and len(str(rows[-1][0].text)) < _WIDE:
            rows[-1].append(button)
        else:
            rows.append([button])
    return InlineKeyboardMarkup(rows)


def _base36(number: int) -> str:
    assert number >= 0, "ids count from 1"
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if number == 0:
            return digits
