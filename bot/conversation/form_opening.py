"""Forms are opened: by a button, by so many words, or taken up again under a code. Pure."""

from dataclasses import replace

from bot.conversation import form_words
from bot.conversation.buttons import SERVICES
from bot.conversation.form_ends import done, move_of, said
from bot.conversation.form_running import context_of, may_run, set_aside
from bot.conversation.model import Reply, State, Turn, TurnKind
from bot.conversation.playbook import Heard, Playbook
from intents.forms import flow
from intents.forms.commands import OPEN, resume_code
from intents.forms.model import Form
from intents.forms.opening import wanted
from intents.forms.steps import Happened, Step


def opened(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn for a button or a code that opens a form; None for anything else."""
    code = resume_code(heard.text)
    if code is not None and playbook.ticket is None:
        return _taken_up(code, state, playbook)
    if playbook.staff_have_it and not pressed:  # a form that helps while staff are waited for
        form = wanted((form for form in playbook.forms.forms.values() if may_run(form, playbook)), heard.text)
        return begin(form, heard.text, state, playbook) if form is not None else None
    if not pressed.startswith((OPEN, SERVICES)):
        return None
    if pressed == SERVICES and playbook.ticket is None:
        return _services(state, playbook)
    form = playbook.forms.forms.get(pressed.removeprefix(OPEN))
    if form is None:
        return said(playbook.wording.reply("expired_choice", state.language), state=state)
    return begin(form, "", state, playbook) if may_run(form, playbook) else None


def wanted_form(heard: Heard, state: State, playbook: Playbook) -> Turn | None:
    """The turn for a message that asks for a service in so many words."""
    form = playbook.forms.forms.get(heard.wanted or "")
    return begin(form, heard.text, state, playbook) if form is not None else None


def begin(form: Form, text: str, state: State, playbook: Playbook) -> Turn:
    """The form's first question, past everything `text` already answers."""
    context = context_of(state, playbook)
    step = flow.begin(form, text, context)
    backed = next((id for id in form.entries if id in playbook.entries), None)
    state = replace(state, misses=0, greeted=True)
    if backed is not None:  # “要多久？” in between refers to this service
        state = replace(
            state,
            last_entry=backed,
            last_question=playbook.entries[backed].question,
            last_at=playbook.now.timestamp(),
        )
    wording, language = playbook.wording, state.language
    intro = f"{form.intro.said_in(language)}\n{wording.say('form_how', language)}"
    return next_question(form, step, state, playbook, before=(Reply(text=intro),))


def _services(state: State, playbook: Playbook) -> Turn:
    reply = form_words.services(playbook.forms.forms.values(), playbook.wording, state.language)
    return said(reply, state=set_aside(state), kind=TurnKind.CHOICES)


def _taken_up(code: str, state: State, playbook: Playbook) -> Turn:
    draft = playbook.forms.kept
    form = playbook.forms.forms.get(draft.form) if draft else None
    if draft is None or form is None:
        return said(playbook.wording.reply("form_no_draft", state.language), state=state)
    turn = resumed(form, replace(state, form=draft), playbook)
    return replace(turn, form=replace(move_of(form, draft), taken_up=code))


def resumed(form: Form, state: State, playbook: Playbook) -> Turn:
    """The turn that goes on with a form that was set aside or kept."""
    assert state.form is not None
    step = flow.again(form, state.form, context_of(state, playbook))
    language = state.language
    hello = playbook.wording.say("form_resumed", language, title=form.title.said_in(language))
    return next_question(form, step, state, playbook, first=hello)


def next_question(
    form: Form,
    step: Step,
    state: State,
    playbook: Playbook,
    *,
    before: tuple[Reply, ...] = (),
    first: str = "",
) -> Turn:
    """The turn with what was worked out on the way, then the next question."""
    if step.happened is Happened.DONE:
        return done(form, step, state, playbook)
    if not first and step.happened is Happened.FILLED:
        first = form_words.noted(form, step, playbook.wording, state.language)
    notes = form_words.note_replies(step.notes, playbook, state.language)
    if notes and first:
        before, first = (*before, Reply(text=first)), ""
    asked = form_words.question(form, step.state, context_of(state, playbook), playbook.wording, first=first)
    return said(*before, *notes, asked, state=replace(state, form=step.state), form=form)
