"""How a form ends: kept for later, handed to a person, or done. Pure; what it leads to happens with the message."""

from collections.abc import Mapping
from dataclasses import replace

from bot.conversation import form_words
from bot.conversation.answering import handover
from bot.conversation.form_running import context_of
from bot.conversation.model import FormMove, Human, Reply, State, Turn, TurnKind
from bot.conversation.playbook import Playbook
from bot.tickets.model import Priority
from intents.forms.filling import answers_of, applicable
from intents.forms.model import Form, FormState, SlotKind
from intents.forms.onward import compute
from intents.forms.steps import Step
from knowledge.entries import Queue

LONGEST_SUBJECT = 80  # characters of a ticket's headline; every answer stands in its context
NUMBERS = frozenset(
    {SlotKind.PHONE, SlotKind.CREDIT_CODE}
)  # masked anyway, so they tell nothing in a headline


def kept(form: Form, filling: FormState, state: State, playbook: Playbook) -> Turn:
    """The form goes under a code, with which it is taken up again on any channel."""
    code = playbook.forms.fresh_code
    shown = f"{code[:4]}-{code[4:]}"
    reply = playbook.wording.reply("form_kept", state.language, code=shown)
    move = replace(move_of(form, filling), save=code)
    return replace(said(reply, state=replace(state, form=None), form=form), form=move)


def person(form: Form, filling: FormState, state: State, playbook: Playbook, *, reason: str) -> Turn:
    """Somebody takes over, with what is filled in so far."""
    queue = form.finish.ticket or Queue(form.domain.value)
    turn = handover(replace(state, form=None), playbook, reason=f"form {form.id}: {reason}", queue=queue)
    return replace(turn, form=move_of(form, filling))


def done(form: Form, step: Step, state: State, playbook: Playbook) -> Turn:
    """The form is finished: what the person is told; the rest happens with the message's transaction."""
    finish, answers = form.finish, answers_of(form, step.state)
    queue = finish.ticket if finish.ticket_when.holds(answers) else None
    priority = Priority.URGENT if finish.urgent else Priority.NORMAL
    escalation = playbook.escalation(queue, f"form {form.id}", priority) if queue else None
    replies = [
        *form_words.note_replies(step.notes, playbook, state.language),
        *_summary(form, step.state, state.language),
    ]
    move = _carried_out(form, step.state, state, playbook)
    replies.append(Reply(text=finish.done.said_in(state.language)))
    if move.documents:
        replies.append(form_words.papers(move, playbook.wording, state.language))
    if queue is not None and escalation is None:
        replies.append(playbook.wording.reply("form_no_staff", state.language))
    after = replace(state, form=None, remembered={**state.remembered, **_remembered(form, answers)})
    return replace(
        said(*replies, state=after, form=form),
        human=Human.MADE if escalation else Human.OFFERED if queue else Human.NONE,
        urgent=finish.urgent and queue is not None,
        escalation=escalation,
        form=move,
    )


def _summary(form: Form, filling: FormState, language: str) -> list[Reply]:
    if form.finish.summary is None:
        return []
    lines = form_words.answer_lines(form, filling, language)
    return [Reply(text="\n".join([form.finish.summary.said_in(language), *lines]))] if lines else []


def _remembered(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    return {slot.remember: answers[slot.id] for slot in form.slots if slot.remember and answers.get(slot.id)}


def _carried_out(form: Form, filling: FormState, state: State, playbook: Playbook) -> FormMove:
    finish, answers = form.finish, answers_of(form, filling)
    notes = {
        slot.id: compute(form, slot, filling, context_of(state, playbook))
        for slot in applicable(form, filling)
        if slot.kind is SlotKind.NOTE
    }
    facts = {name: value for note in notes.values() for name, value in note.facts.items()}
    wants_reminder = finish.remind in notes and finish.remind_when.holds(answers)
    move = move_of(form, filling)
    worked_out = {name: value for note in notes.values() for name, value in note.card.items()}
    return replace(
        move,
        lines={**move.lines, **worked_out},
        done=True,
        facts=facts,
        reminders=notes[finish.remind].reminders if wants_reminder and finish.remind else (),
        card=playbook.forms.fresh_token if finish.card else None,
        documents=finish.documents if finish.documents_when.holds(answers) else (),
    )


def move_of(form: Form, filling: FormState) -> FormMove:
    """The form as staff and the desk get it."""
    lines = form_words.answers_shown(form, filling, "zh")  # staff read them
    kinds = {slot.label.zh: slot.kind for slot in form.slots}
    telling = [name for name in lines if kinds[name] not in NUMBERS]
    telling.sort(key=lambda name: kinds[name] is not SlotKind.ORGANISATION)  # who it is about comes first
    told = [lines[name] for name in telling]
    subject = "，".join([form.title.zh, *told])
    return FormMove(
        form=form.id,
        subject=subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1]}…",
        lines=lines,
        state=filling,
    )


def said(*replies: Reply, state: State, form: Form | None = None, kind: TurnKind = TurnKind.FORM) -> Turn:
    """A turn of a form, with the buttons of its last bubble on the table."""
    offered = replies[-1].choices
    return Turn(
        kind=kind,
        domain=form.domain.value if form else "services",
        confidence=1.0,
        replies=replies,
        state=replace(state, offered=offered, greeted=True),
    )
