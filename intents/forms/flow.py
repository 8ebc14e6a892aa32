"""One step of a form: a message in, the new state and what happened out. Pure.

`begin` opens a form with what the first message already tells; `hear` takes every message after that; `again` asks the
current question once more. A note between the questions is worked out by a function of `Context.compute` and its
value is kept as an answer, so that later slots can depend on it.
"""

from dataclasses import replace

from intents.forms import commands
from intents.forms.answers import find, read
from intents.forms.commands import Command, Correction, command, correction
from intents.forms.filling import answers_of, applicable, current_slot, fill, takes_story
from intents.forms.model import CONFIRMING, SKIPPED, Form, FormState, InvalidAnswer, Slot, SlotKind
from intents.forms.onward import onward, without_notes
from intents.forms.opening import beside_the_wish
from intents.forms.steps import Context, Happened, Step

WRONG_BEFORE_PERSON = 5


def begin(form: Form, text: str, context: Context) -> Step:
    """The form, opened by `text` ("" by a button), with what it already says."""
    state = FormState(form=form.id, current=form.slots[0].id, asked_at=context.at, opening=text)
    state, filled = fill(form, state, text, today=context.today)
    story = beside_the_wish(form, text)
    for slot in form.slots:
        if slot.id not in state.answers and takes_story(slot, story):
            state = state.with_answer(slot.id, read(slot, text, today=context.today), said=text)
            filled = (*filled, slot.id)
            break
    return onward(form, state, context, happened=Happened.FILLED if filled else Happened.ASKED, filled=filled)


def again(form: Form, state: FormState, context: Context) -> Step:
    """The current question once more, after something else was talked about."""
    return Step(state=replace(state, asked_at=context.at, paused=False), happened=Happened.ASKED)


def hear(form: Form, state: FormState, text: str, context: Context) -> Step:
    """What `text` does to the form."""
    state = replace(state, asked_at=context.at, paused=False)
    if text.startswith(commands.EDIT):
        return _edit(form, state, text.removeprefix(commands.EDIT))
    change = correction(text)
    if change is not None and state.order:
        corrected = _correct(form, state, change, context)
        if corrected is not None:
            return corrected
    order = command(text)
    if order is not None:
        obeyed = _obey(form, state, order, context)
        if obeyed is not None:
            return obeyed
    if state.current == CONFIRMING:
        return _at_the_end(form, state, text, context)
    return _answer(form, state, text, context)


# --- commands ---------------------------------------------------------------------------------------------


def _obey(form: Form, state: FormState, order: Command, context: Context) -> Step | None:
    """None for a command that means nothing here: then it is an answer."""
    slot = current_slot(form, state)
    if order is Command.CANCEL:
        return Step(state=state, happened=Happened.CANCELLED)
    if order is Command.LATER:
        return Step(state=state, happened=Happened.LATER)
    if order is Command.REVIEW:
        return Step(state=state, happened=Happened.REVIEWED)
    if order is Command.GO_ON:
        return again(form, state, context)
    if order is Command.BACK:
        return _back(form, state, context)
    if order is Command.EDIT and state.order:
        return Step(state=state, happened=Happened.WHICH)
    if order is Command.CONFIRM and state.current == CONFIRMING:
        return Step(state=state, happened=Happened.DONE)
    if slot is not None and order in (Command.SKIP, Command.UNKNOWN):
        return _skip(form, state, slot, order, context)
    if slot is not None and order is Command.SAME:
        return _same(form, state, slot, context)
    return None


def _skip(form: Form, state: FormState, slot: Slot, order: Command, context: Context) -> Step | None:
    if not slot.optional:
        if order is Command.UNKNOWN and slot.kind is SlotKind.CHOICE:
            return None  # “不清楚” may be one of the options
        return _wrong(state, InvalidAnswer("required"))
    state = state.with_answer(slot.id, SKIPPED)
    return onward(form, state, context, happened=Happened.SKIPPED)


def _same(form: Form, state: FormState, slot: Slot, context: Context) -> Step | None:
    value = offered_before(form, state, slot, context)
    if value is None:
        return None
    state = state.with_answer(slot.id, value)
    return onward(form, state, context, happened=Happened.FILLED, filled=(slot.id,))


def offered_before(form: Form, state: FormState, slot: Slot, context: Context) -> str | None:
    """The earlier answer that is offered again for `slot`: of this form, or of one before."""
    if slot.default_from is not None:
        return answers_of(form, state).get(slot.default_from) or None
    return context.remembered.get(slot.remember) if slot.remember is not None else None


def _back(form: Form, state: FormState, context: Context) -> Step:
    asked = [id for id in state.order if (slot := form.slot(id)) and slot.kind is not SlotKind.NOTE]
    if not asked:
        return replace(again(form, state, context), happened=Happened.BACK)
    state = without_notes(form, state.without(asked[-1]))
    state = replace(
        state, current=asked[-1], wrong=0, editing=False, opening=""
    )  # what it said was taken back
    return Step(state=state, happened=Happened.BACK)


def _edit(form: Form, state: FormState, id: str) -> Step:
    slot = form.slot(id)
    if slot is None or id not in state.answers:
        return Step(state=state, happened=Happened.WHICH)
    return Step(state=replace(state, current=id, editing=True, wrong=0), happened=Happened.BACK)


# --- corrections ------------------------------------------------------------------------------------------


def _correct(form: Form, state: FormState, change: Correction, context: Context) -> Step | None:
    """None when nothing answered before fits: then it is no correction."""
    slots = [
        slot for id in reversed(state.order) if (slot := form.slot(id)) and slot.kind is not SlotKind.NOTE
    ]
    if change.slot:
        slots = [slot for slot in slots if _named(slot, change.slot)]
        if slots and not change.rest:
            return _edit(form, state, slots[0].id)
    for slot in slots:
        if slot.kind in (SlotKind.TEXT, SlotKind.ORGANISATION, SlotKind.PLACE) and not change.slot:
            continue  # they would take anything
        try:
            value = read(slot, change.rest, today=context.today, answers=answers_of(form, state))
        except InvalidAnswer as problem:
            if change.slot:
                return _wrong(replace(state, current=slot.id, editing=True), problem)
            continue
        return _corrected(form, state, slot, value, change.rest, context)
    if not change.slot and slots and slots[0].kind in (SlotKind.TEXT, SlotKind.ORGANISATION, SlotKind.PLACE):
        try:
            value = read(slots[0], change.rest, today=context.today)
        except InvalidAnswer:
            return None
        return _corrected(form, state, slots[0], value, change.rest, context)
    return None


def _named(slot: Slot, said: str) -> bool:
    names = (slot.label.zh, slot.label.en.casefold(), *slot.cues)
    return any(name in said or said in name for name in names if name)


def _corrected(form: Form, state: FormState, slot: Slot, value: str, said: str, context: Context) -> Step:
    state = without_notes(form, state.with_answer(slot.id, value, said=said))
    return onward(form, state, context, happened=Happened.CORRECTED, filled=(slot.id,))


# --- answers ----------------------------------------------------------------------------------------------


def _answer(form: Form, state: FormState, text: str, context: Context) -> Step:
    slot = current_slot(form, state)
    if slot is None:  # the form was changed meanwhile: to its next open question
        return onward(form, state, context, happened=Happened.ASKED)
    try:
        value = _read(form, state, slot, text, context)
    except InvalidAnswer as problem:
        return _elsewhere(form, state, slot, text, problem, context)
    was_editing = state.editing
    state = state.with_answer(slot.id, value, said=text)
    if was_editing:
        return onward(
            form, without_notes(form, state), context, happened=Happened.CORRECTED, filled=(slot.id,)
        )
    more: tuple[str, ...] = ()
    if slot.kind is not SlotKind.TEXT:
        state, more = fill(form, state, _rest(slot, text, value, context), today=context.today)
    return onward(form, state, context, happened=Happened.FILLED, filled=(slot.id, *more))


def _read(form: Form, state: FormState, slot: Slot, text: str, context: Context) -> str:
    """As `read`; of several dates or amounts in a sentence the one with this slot's cues."""
    try:
        return read(slot, text, today=context.today, answers=answers_of(form, state))
    except InvalidAnswer as problem:
        if not problem.code.endswith("_several"):
            raise
        emptied = state.without(slot.id)
        filled, ids = fill(form, emptied, text, today=context.today)
        if slot.id not in ids:
            raise
        return filled.answers[slot.id]


def _rest(slot: Slot, text: str, value: str, context: Context) -> str:
    """The text without the part this slot took."""
    for found in find(slot, text, today=context.today):
        if found.value == value:
            return text[: found.start] + "，" + text[found.end :]
    return text if len(text) > len(value) else ""


def _elsewhere(
    form: Form, state: FormState, slot: Slot, text: str, problem: InvalidAnswer, context: Context
) -> Step:
    """An answer that does not fit here may answer a later question; this one is then asked again."""
    filled_state, filled = fill(form, state, text, today=context.today)
    if filled:
        return onward(form, filled_state, context, happened=Happened.FILLED, filled=filled)
    return _wrong(state, problem)


def _wrong(state: FormState, problem: InvalidAnswer) -> Step:
    state = replace(state, wrong=state.wrong + 1)
    happened = Happened.GAVE_UP if state.wrong >= WRONG_BEFORE_PERSON else Happened.WRONG
    return Step(state=state, happened=happened, problem=problem)


def _at_the_end(form: Form, state: FormState, text: str, context: Context) -> Step:
    """Everything was read back: what is said now changes something, or is not understood."""
    named = [
        slot for slot in applicable(form, state) if slot.id in state.answers and _named(slot, text.strip())
    ]
    if named and len(text.strip()) <= len(named[0].label.zh) + 4:
        return _edit(form, state, named[0].id)
    return _wrong(state, InvalidAnswer("confirm"))
