"""From an answer to the next open question, past the notes on the way; at the end to the read-back."""

from dataclasses import replace

from intents.forms.filling import answers_of, applicable, fill
from intents.forms.model import CONFIRMING, Form, FormState, Slot, SlotKind
from intents.forms.steps import Computed, Context, Happened, Step


def without_notes(form: Form, state: FormState) -> FormState:
    """Notes are worked out anew after a change."""
    for slot in form.slots:
        if slot.kind is SlotKind.NOTE:
            state = state.without(slot.id)
    return state


def onward(
    form: Form, state: FormState, context: Context, *, happened: Happened, filled: tuple[str, ...] = ()
) -> Step:
    """To the next open question, past the notes on the way; at the end to the read-back.

    A choice that has only one option left is none: it is taken.
    """
    notes: list[Computed] = []
    while (slot := next_open(form, state)) is not None:
        state, more = fill(form, state, state.opening, today=context.today)
        filled = (*filled, *more)
        if more:
            continue
        if slot.kind is SlotKind.NOTE:
            notes.append(compute(form, slot, state, context))
            state = state.with_answer(slot.id, notes[-1].value)
        elif slot.kind is SlotKind.CHOICE and len(slot.options) == 1 and not slot.many:
            state = state.with_answer(slot.id, slot.options[0].id)
        else:
            break
    state = replace(state, current=slot.id if slot else CONFIRMING, wrong=0, editing=False)
    if slot is None and not needs_confirmation(form, state):
        happened = Happened.DONE
    return Step(state=state, happened=happened, filled=filled, notes=tuple(notes))


def needs_confirmation(form: Form, state: FormState) -> bool:
    """Whether everything is read back before it is done."""
    return form.confirm is not None and form.confirm.holds(answers_of(form, state))


def next_open(form: Form, state: FormState) -> Slot | None:
    """The first slot that counts and has no answer."""
    return next((slot for slot in applicable(form, state) if slot.id not in state.answers), None)


def compute(form: Form, slot: Slot, state: FormState, context: Context) -> Computed:
    """What the note `slot` says with the answers so far."""
    if slot.compute is None:
        return Computed(value="shown", text=slot.ask.said_in(context.language), entry=slot.entry)
    return context.compute[slot.compute](answers_of(form, state), context.today, context.language)


def progress(form: Form, state: FormState) -> tuple[int, int]:
    """Which question this is, and of how many as far as is known: (3, 7)."""
    questions = [slot for slot in applicable(form, state) if slot.kind is not SlotKind.NOTE]
    if state.current == CONFIRMING:
        return len(questions), len(questions)
    place = next(
        (number for number, slot in enumerate(questions, 1) if slot.id == state.current), len(questions)
    )
    return place, len(questions)
