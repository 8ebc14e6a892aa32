"""What is said about a form: its question with progress and buttons, what was noted, the read-back. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from bot.conversation.model import Choice, Citation, FormMove, Paper, Reply
from bot.conversation.playbook import Playbook
from bot.conversation.wording import Wording
from intents.credit.documents import TITLES
from intents.forms.answers import shown
from intents.forms.commands import EDIT, OPEN, OPTION, Command
from intents.forms.dates import shown_date
from intents.forms.filling import answers_of, applicable, current_slot
from intents.forms.flow import offered_before
from intents.forms.model import CONFIRMING, SKIPPED, Form, FormState, InvalidAnswer, Slot, SlotKind
from intents.forms.onward import progress
from intents.forms.steps import Computed, Context, Ground, Happened, Step

_INTERPRETED = (SlotKind.DATE, SlotKind.MONEY)  # what was understood may differ from what was meant
_DATES = ("day", "earlier")


def question(form: Form, state: FormState, context: Context, wording: Wording, *, first: str = "") -> Reply:
    """What is asked now; `first` are lines above it."""
    language = context.language
    if state.current == CONFIRMING:
        return _read_back(form, state, wording, language, first=first)
    slot = current_slot(form, state)
    assert slot is not None, "the current step is a slot of the form"
    place, total = progress(form, state)
    lines = [
        *_present(first),
        wording.say("form_progress", language, place=place, total=total) + slot.ask.said_in(language),
    ]
    if slot.help is not None:
        lines.append(slot.help.said_in(language))
    return Reply(text="\n".join(lines), choices=_buttons(form, state, slot, context, wording))


def _buttons(
    form: Form, state: FormState, slot: Slot, context: Context, wording: Wording
) -> tuple[Choice, ...]:
    language = context.language
    choices = [
        Choice(label=option.label.said_in(language), value=OPTION + option.id) for option in slot.options
    ]
    before = offered_before(form, state, slot, context)
    if before is not None:
        label = wording.say("form_same", language, value=shown(slot, before, language))
        choices.append(Choice(label=label, value=Command.SAME.button))
    if slot.optional:
        choices.append(Choice(label=wording.say("form_skip", language), value=Command.SKIP.button))
    return tuple(choices)


def _read_back(form: Form, state: FormState, wording: Wording, language: str, *, first: str) -> Reply:
    lines = [*_present(first), wording.say("form_check", language), *answer_lines(form, state, language)]
    return Reply(
        text="\n".join(lines),
        choices=(
            Choice(label=wording.say("form_confirm", language), value=Command.CONFIRM.button),
            Choice(label=wording.say("form_edit", language), value=Command.EDIT.button),
            Choice(label=wording.say("form_cancel", language), value=Command.CANCEL.button),
        ),
    )


def answers_shown(form: Form, state: FormState, language: str) -> dict[str, str]:
    """The answers that count as people read them, by the names of their slots; what was skipped is left out."""
    return {
        slot.label.said_in(language): shown(slot, value, language)
        for slot in applicable(form, state)
        if slot.kind is not SlotKind.NOTE and (value := state.answers.get(slot.id, SKIPPED)) != SKIPPED
    }


def answer_lines(form: Form, state: FormState, language: str) -> list[str]:
    """As `answers_shown`, one line each."""
    colon = "：" if language == "zh" else ": "
    return [f"· {name}{colon}{value}" for name, value in answers_shown(form, state, language).items()]


def noted(form: Form, step: Step, wording: Wording, language: str) -> str:
    """What was taken from the message, when it may not be what was meant; "" when that is plain."""
    slots = [slot for id in step.filled if (slot := form.slot(id)) and step.state.answers.get(id)]
    if step.happened is Happened.FILLED and len(slots) == 1 and slots[0].kind not in _INTERPRETED:
        return ""
    if not slots:
        return ""
    colon, comma = ("：", "；") if language == "zh" else (": ", "; ")
    parts = [
        f"{slot.label.said_in(language)}{colon}{shown(slot, step.state.answers[slot.id], language)}"
        for slot in slots
    ]
    phrase = "form_corrected" if step.happened is Happened.CORRECTED else "form_noted"
    return wording.say(phrase, language, what=comma.join(parts))


def refused(form: Form, step: Step, wording: Wording, language: str) -> str:
    """Why an answer does not fit, kindly."""
    problem = step.problem
    assert problem is not None, "what does not fit says why"
    slot = form.slot(step.state.current)
    name = slot.label.said_in(language) if slot else ""
    return wording.say(f"form_wrong_{problem.code}", language, name=name, **_values(problem, language))


def _values(problem: InvalidAnswer, language: str) -> dict[str, object]:
    return {
        key: shown_date(str(value), language) if key in _DATES else value
        for key, value in problem.values.items()
    }


def which(form: Form, state: FormState, wording: Wording, language: str) -> Reply:
    """Which answer is to be changed?"""
    known = answers_of(form, state)
    choices = tuple(
        Choice(label=slot.label.said_in(language), value=EDIT + slot.id)
        for slot in form.slots
        if slot.id in known and slot.kind is not SlotKind.NOTE
    )
    return wording.reply("form_which", language, choices=choices)


def note_replies(notes: Iterable[Computed], playbook: Playbook, language: str) -> tuple[Reply, ...]:
    """What was worked out, with its grounds, and the reviewed answer that says the rest."""
    replies: list[Reply] = []
    for note in notes:
        if note.text:
            sources = tuple(_citation(ground) for ground in note.sources)
            replies.append(Reply(text=note.text, sources=sources))
        entry = playbook.entries.get(note.entry or "")
        if entry is not None:
            replies.append(playbook.wording.answer(entry, language))
    return tuple(replies)


def _citation(ground: Ground) -> Citation:
    return Citation(title=ground.title, article=ground.article, url=None, reviewed_on=ground.reviewed_on)


def papers(move: FormMove, wording: Wording, language: str) -> Reply:
    """The documents of a case card, to download."""
    assert move.card is not None, "documents are made from a card"
    titles = {name: TITLES[name].said_in(language) for name in move.documents}
    mark = "、" if language == "zh" else ", "
    reply = wording.reply("form_papers", language, titles=mark.join(titles.values()))
    made = tuple(Paper(card=move.card, name=name, title=title) for name, title in titles.items())
    return replace(reply, papers=made)


def services(forms: Iterable[Form], wording: Wording, language: str) -> Reply:
    """Every form that can be begun, to choose from."""
    choices = tuple(Choice(label=form.title.said_in(language), value=OPEN + form.id) for form in forms)
    return wording.reply("form_services_list", language, choices=(*choices, wording.person(language)))


def _present(line: str) -> list[str]:
    return [line] if line else []
