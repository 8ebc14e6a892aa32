"""Whether a form runs beside everything else a conversation does: danger, staff, other subjects. Pure."""

import re
from dataclasses import replace

from bot.conversation.model import Choice, State, Turn, TurnKind
from bot.conversation.playbook import Heard, Playbook
from bot.tickets.model import TicketStatus
from intents.forms import flow
from intents.forms.commands import OPEN
from intents.forms.filling import current_slot
from intents.forms.model import Form, FormState, SlotKind
from intents.forms.steps import Context, Happened
from intents.triage import Crisis

# what was told as past goes on: then it is an alarm again, whatever the form asked
_GOES_ON = re.compile(
    r"又[让叫要]|还[让叫要]我?|再转|再打|正在转|正要转|马上转|现在[让叫要]我?转|继续转|again|right now",
    re.IGNORECASE,
)

LIVES = 0.95  # probability of a danger to life from which an answer in a form is one
SOFT = (SlotKind.TEXT, SlotKind.PLACE, SlotKind.ORGANISATION, SlotKind.ATTACHMENT)  # take nearly any words
_OFFERED_WITH = (TurnKind.ANSWER, TurnKind.CHOICES, TurnKind.EMERGENCY)


def around(
    heard: Heard, pressed: str, state: State, playbook: Playbook
) -> tuple[Heard, str, State, Playbook]:
    """What the danger rules may see. What a form asks about raises no alarm when it is answered: the stages it
    expects are calm, and of dangers told by meaning alone only plain ones to life count.
    """
    form = open_form(state, playbook)
    if form is None or not may_run(form, playbook):
        return heard, pressed, state, playbook
    told = heard.triage.stage is not None and heard.triage.stage.value in form.expects
    if told and not _GOES_ON.search(heard.text):
        heard = replace(heard, triage=replace(heard.triage, stage=None))
    read = heard.danger
    plain = _is_plain_answer(form, heard, pressed, state, playbook)
    if read is not None and (plain or not isinstance(read.label, Crisis) or read.probability < LIVES):
        heard = replace(heard, danger=None)
    return replace(heard, check=None), pressed, state, playbook


def _is_plain_answer(form: Form, heard: Heard, pressed: str, state: State, playbook: Playbook) -> bool:
    """Whether the message answers a question that has more to choose from than words: “家里” is a kind of dispute."""
    assert state.form is not None, "the form is open"
    slot = current_slot(form, state.form)
    if slot is None or slot.kind in SOFT:
        return False
    step = flow.hear(form, state.form, pressed or heard.text, context_of(state, playbook))
    return step.happened in (Happened.FILLED, Happened.CORRECTED)


def open_form(state: State, playbook: Playbook) -> Form | None:
    """The form that takes the next message; None when there is none, or it was set aside."""
    if state.form is None or state.form.paused:
        return None
    return playbook.forms.forms.get(state.form.form)


def may_run(form: Form, playbook: Playbook) -> bool:
    """Whether the bot may go on with it: staff have not taken over, or it helps while they are waited for."""
    if playbook.ticket is None:
        return True
    ticket = playbook.ticket.ticket
    return form.beside_staff and ticket.status is TicketStatus.OPEN and ticket.first_answer_at is None


def set_aside(state: State) -> State:
    """The state when something else than the form is talked about: it waits for “go on”."""
    if state.form is None or state.form.paused:
        return state
    return replace(state, form=replace(state.form, paused=True))


def reminding(turn: Turn, filling: FormState | None, playbook: Playbook) -> Turn:
    """The turn, with a line that a form waits when it was set aside just now."""
    form = playbook.forms.forms.get(filling.form) if filling and not filling.paused else None
    if form is None or turn.state.form is None or not turn.state.form.paused or not turn.replies:
        return turn
    language = turn.language
    line = playbook.wording.say("form_waits", language, title=form.title.said_in(language))
    last = turn.replies[-1]
    return replace(turn, replies=(*turn.replies[:-1], replace(last, text=f"{last.text}\n{line}")))


def offering(turn: Turn, playbook: Playbook) -> Turn:
    """An answer whose subject can be done step by step says so with a button."""
    form = next((form for form in playbook.forms.forms.values() if form.is_about(turn.entry)), None)
    if form is None or turn.kind not in _OFFERED_WITH or not turn.replies:
        return turn
    language = turn.language
    label = playbook.wording.say("form_offer", language, title=form.title.said_in(language))
    last = turn.replies[-1]
    choices = (*last.choices, Choice(label=label, value=OPEN + form.id))
    return replace(
        turn,
        replies=(*turn.replies[:-1], replace(last, choices=choices)),
        state=replace(turn.state, offered=choices),
    )


def context_of(state: State, playbook: Playbook) -> Context:
    """What a step of the form may know."""
    return Context(
        today=playbook.today,
        at=playbook.now.timestamp(),
        language=state.language,
        compute=playbook.forms.compute,
        remembered=state.remembered,
    )
