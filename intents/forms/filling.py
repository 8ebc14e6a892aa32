"""Several answers out of one sentence: 嘉兴XX公司，2026年5月12日被秀洲区市场监管局罚款2万元，已缴清."""

import re
from dataclasses import replace
from datetime import date

from intents.forms.answers import Found, find
from intents.forms.model import Form, FormState, Slot, SlotKind

_BREAK = re.compile(r"[,，。;；!！?？\n]")
_STORY = 8  # characters from which a message tells what happened


def applicable(form: Form, state: FormState) -> tuple[Slot, ...]:
    """The slots that count with the answers so far, in order; answers to others are as if never given."""
    known: dict[str, str] = {}
    slots: list[Slot] = []
    for slot in form.slots:
        if slot.when.holds(known):
            slots.append(_with_options(slot, known))
            if slot.id in state.answers:
                known[slot.id] = state.answers[slot.id]
    return tuple(slots)


def _with_options(slot: Slot, known: dict[str, str]) -> Slot:
    """The slot with the options that are open by the answers before it."""
    if all(not option.when.allowed for option in slot.options):
        return slot
    return replace(slot, options=tuple(option for option in slot.options if option.when.holds(known)))


def current_slot(form: Form, state: FormState) -> Slot | None:
    """The slot that is asked; None in the read-back, or when a form changed since it was begun."""
    return next((slot for slot in applicable(form, state) if slot.id == state.current), None)


def answers_of(form: Form, state: FormState) -> dict[str, str]:
    """The answers that count."""
    return {slot.id: state.answers[slot.id] for slot in applicable(form, state) if slot.id in state.answers}


def fill(form: Form, state: FormState, text: str, *, today: date) -> tuple[FormState, tuple[str, ...]]:
    """The state with every open slot that `text` answers beyond doubt, and which these are.

    Two slots of one kind share a sentence by their cues: words in the same clause as a date or an amount.
    """
    filled: list[str] = []
    taken: list[tuple[int, int]] = []
    for _ in form.slots:  # an answer can open further slots
        found = _next(form, state, text, taken, today)
        if found is None:
            break
        slot, value = found
        if slot.kind is not SlotKind.CHOICE:  # a word may tell two things, a date only one
            taken.append((value.start, value.end))
        state = state.with_answer(slot.id, value.value, said=text)
        filled.append(slot.id)
    return state, tuple(filled)


def _next(
    form: Form, state: FormState, text: str, taken: list[tuple[int, int]], today: date
) -> tuple[Slot, Found] | None:
    for slot in applicable(form, state):
        if slot.id in state.answers or slot.kind in (SlotKind.TEXT, SlotKind.NOTE, SlotKind.ATTACHMENT):
            continue
        value = _best(form, slot, text, taken, today)
        if value is not None and _in_order(slot, value, state):
            return slot, value
    return None


def _best(form: Form, slot: Slot, text: str, taken: list[tuple[int, int]], today: date) -> Found | None:
    found = [value for value in find(slot, text, today=today) if not _overlaps(value, taken)]
    if slot.kind is SlotKind.CHOICE:
        found = found if len({value.value for value in found}) == 1 else []
    if not found:
        return None
    cued = [value for value in found if any(cue in _clause(text, value) for cue in slot.cues)]
    if cued:
        return cued[0]
    rivals = [
        other for other in form.slots if other.kind is slot.kind and other.public_body == slot.public_body
    ]
    return found[0] if slot.kind is SlotKind.CHOICE or len(rivals) == 1 or not slot.cues else None


def _overlaps(value: Found, taken: list[tuple[int, int]]) -> bool:
    return any(start < value.end and value.start < end for start, end in taken)


def _clause(text: str, value: Found) -> str:
    """The part of the sentence a value stands in."""
    start = max((match.end() for match in _BREAK.finditer(text, 0, value.start)), default=0)
    end = _BREAK.search(text, value.end)
    return text[start : end.start() if end else len(text)]


def _in_order(slot: Slot, value: Found, state: FormState) -> bool:
    if slot.kind is not SlotKind.DATE:
        return True
    earlier = state.answers.get(slot.not_before or "")
    return not earlier or value.value >= earlier


def takes_story(slot: Slot, story: str) -> bool:
    """Whether what was said beside the wish for the form already answers its question for what happened."""
    return slot.opening and len(story) >= _STORY
