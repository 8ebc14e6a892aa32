"""From an answer to the next open question, past the notes on the way; at the end to the read-back."""

from dataclasses import replace

from intents.forms.filling import answers_of, applicable
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
    """To the next open question, past the notes on the way; at the end to the read-back."""
    notes: list[Computed] = []
    wrong = 0
    while (slot := next_open(form, state)) is not None and slot.kind is SlotKind.NOTE:
        note = compute(form, slot, state, context)
        notes.append(note)
        state = state.with_answer(slot.id, note.value)
    current = slot.id if slot is not None else CONFIRMING
    state = replace(state, current=current, wrong=wrong, editing=False)
    if slot is None and not form.confirm:
        happened = Happened.DONE
    return Step(state=state, happened=happened, filled=filled, notes=tuple(notes))


def next_open(form: Form, state: FormState) -> Slot | None:
    """The first slot that counts and has no answer."""
    return next((slot for slot in applicable(form, state) if slot.id not in state.answers), None)


def compute(form: Form, slot: Slot, state: FormState, context: Context) -> Computed:
    """What the note `slot` says with the answers so far."""
    if slot.compute is None:
        return Computed(value="shown", text=slot.ask.said_in(context.language))
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
