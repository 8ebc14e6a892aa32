"""One answer to one slot: read it, find it in a longer sentence, show it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from intents.forms import names
from intents.forms.choices import choice, named, shown_choice
from intents.forms.dates import dates, read_date, shown_date
from intents.forms.model import InvalidAnswer, Slot, SlotKind
from intents.forms.money import amounts, money, plain, shown_money

_HAVE_IT = re.compile(
    r"(有|有的|我有|有照片|有图|已发|发了|已经发了|发好了|yes|i have|sent)(了|的)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something in a sentence that could be the answer of a slot."""

    value: str
    start: int
    end: int


def read(slot: Slot, text: str, *, today: date, answers: dict[str, str] | None = None) -> str:
    """The canonical answer `text` gives to `slot`. Raises InvalidAnswer, with the phrase that says why."""
    match slot.kind:
        case SlotKind.CHOICE:
            return choice(slot, text)
        case SlotKind.DATE:
            return _date(slot, text, today, answers or {})
        case SlotKind.MONEY:
            return money(text)
        case SlotKind.ORGANISATION:
            return _organisation(slot, text, today)
        case SlotKind.CREDIT_CODE:
            return names.credit_code(text)
        case SlotKind.PHONE:
            return names.phone(text)
        case SlotKind.PLACE:
            return names.place(text)
        case SlotKind.ATTACHMENT:
            return "sent" if _HAVE_IT.fullmatch(text.strip()) else names.free_text(text)
        case SlotKind.TEXT:
            return names.free_text(text)
        case SlotKind.NOTE:
            raise InvalidAnswer("note")


def _organisation(slot: Slot, text: str, today: date) -> str:
    """The one business or body a sentence names, else the whole text as a name."""
    found = list(find(slot, text, today=today))
    if len(found) == 1 and re.search(r"[,，。;；]", text):
        return found[0].value
    if any(amount.sure for amount in amounts(text)) or any(dates(text, today=today)):
        raise InvalidAnswer("organisation")
    return names.organisation(text)


def _date(slot: Slot, text: str, today: date, answers: dict[str, str]) -> str:
    day = read_date(text, today=today, side=slot.side)
    earlier = answers.get(slot.not_before or "")
    if earlier and day < date.fromisoformat(earlier):
        raise InvalidAnswer("date_before", day=day.isoformat(), earlier=earlier)
    return day.isoformat()


def find(slot: Slot, text: str, *, today: date) -> Iterator[Found]:
    """Everything in `text` that could answer `slot`; only what is unmistakable, so no free text."""
    match slot.kind:
        case SlotKind.DATE:
            for day in dates(text, today=today, side=slot.side):
                yield Found(value=day.day.isoformat(), start=day.start, end=day.end)
        case SlotKind.MONEY:
            for amount in amounts(text):
                if amount.sure:
                    yield Found(value=plain(amount.yuan), start=amount.start, end=amount.end)
        case SlotKind.CHOICE:
            for option in named(slot, text):
                yield Found(value=option.id, start=option.start, end=option.end)
        case SlotKind.ORGANISATION:
            yield from _names(names.authorities(text) if slot.public_body else names.organisations(text))
        case SlotKind.CREDIT_CODE:
            yield from _names(names.credit_codes(text))
        case SlotKind.PHONE:
            yield from _names(names.phones(text))
        case SlotKind.PLACE:
            yield from _names(names.places(text))
        case _:
            return


def _names(found: Iterator[names.FoundName]) -> Iterator[Found]:
    for name in found:
        yield Found(value=name.value, start=name.start, end=name.end)


def shown(slot: Slot, value: str, language: str) -> str:
    """The answer as people read it."""
    match slot.kind:
        case SlotKind.CHOICE:
            return shown_choice(slot, value, language)
        case SlotKind.DATE:
            return shown_date(value, language)
        case SlotKind.MONEY:
            return shown_money(value, language)
        case SlotKind.PHONE:
            return names.shown_phone(value)
        case _:
            return value
