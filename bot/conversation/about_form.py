"""A form in the conversation: every message is an answer, a word about the form, or a question in between. Pure.

A question in between is answered and the form asks again; 取消 leaves it; five answers that do not fit end at a person.
"""

from dataclasses import replace

from bot.conversation import form_words
from bot.conversation.answering import answer
from bot.conversation.form_ends import done, kept, person, said
from bot.conversation.form_opening import next_question, opened, resumed
from bot.conversation.form_running import SOFT, context_of, may_run
from bot.conversation.model import Reply, State, Turn
from bot.conversation.playbook import Heard, Playbook
from bot.conversation.wording import HUMAN
from intents.forms import flow
from intents.forms.commands import BUTTON, Command, asks, command
from intents.forms.model import CONFIRMING, Form, FormState, SlotKind
from intents.forms.steps import Happened, Step
from intents.router import Wish

_LONGEST_QUESTION = 24  # characters: a longer text in a slot for words tells a story
_FOR_OTHERS = (  # what these wish is no business of a form: it stays open, and they are served
    Wish.TICKET_STATUS,
    Wish.CANCEL_TICKET,
    Wish.EXPORT_DATA,
    Wish.ERASE_DATA,
    Wish.RESTART,
)
_POLITE = {
    Wish.GREETING: "hello_again",
    Wish.THANKS: "thanks",
    Wish.IDENTITY: "identity",
    Wish.NONE_OF_THESE: "rephrase",
}


def about_form(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn for a message to the open form, and for a button or a code that opens one; None for anything else."""
    turn = opened(heard, pressed, state, playbook)
    if turn is not None:
        return turn
    form = playbook.forms.forms.get(state.form.form) if state.form else None
    if form is None or state.form is None or not may_run(form, playbook):
        return None
    if state.form.paused:
        return resumed(form, state, playbook) if command(heard.text) is Command.GO_ON else None
    if heard.intent.wish in _FOR_OTHERS or (pressed and not pressed.startswith(BUTTON) and pressed != HUMAN):
        return None
    if heard.intent.wish in (Wish.MENU, Wish.START):
        return None
    if pressed == HUMAN or (heard.intent.wish is Wish.HUMAN and state.form.current != CONFIRMING):
        return person(form, state.form, state, playbook, reason="asked for a person")
    return _heard(form, state.form, heard, pressed, state, playbook)


def _heard(
    form: Form, filling: FormState, heard: Heard, pressed: str, state: State, playbook: Playbook
) -> Turn | None:
    text = pressed if pressed.startswith(BUTTON) else heard.text
    context = context_of(state, playbook)
    step = flow.hear(form, filling, text, context)
    if _is_stale(filling, playbook) and not _surely_meant(form, filling, step, text):
        return None
    if not pressed and _is_in_between(form, filling, heard, step, playbook):
        return _in_between(form, filling, heard, state, playbook) or _after(form, step, state, playbook)
    polite = _POLITE.get(heard.intent.wish)
    if polite is not None and not pressed and _is_no_answer(form, filling, step):
        return _beside(playbook.wording.reply(polite, state.language), form, filling, state, playbook)
    if heard.intent.wish in (Wish.CHINESE, Wish.ENGLISH) and _is_no_answer(form, filling, step):
        language = "zh" if heard.intent.wish is Wish.CHINESE else "en"
        state = replace(state, language=language, language_chosen=True)
        return _beside(playbook.wording.reply("language_set", language), form, filling, state, playbook)
    return _after(form, step, state, playbook)


def _is_stale(filling: FormState, playbook: Playbook) -> bool:
    silence = playbook.now.timestamp() - filling.asked_at
    return silence > playbook.forms.set_aside_after.total_seconds()


def _surely_meant(form: Form, filling: FormState, step: Step, text: str) -> bool:
    """Whether a message after a long silence plainly belongs to the form."""
    slot = form.slot(filling.current)
    if text.startswith(BUTTON) or command(text) in (Command.GO_ON, Command.CANCEL, Command.LATER):
        return True
    taken = step.happened in (Happened.FILLED, Happened.CORRECTED)
    return taken and slot is not None and slot.kind not in SOFT and not asks(text)


def _is_in_between(form: Form, filling: FormState, heard: Heard, step: Step, playbook: Playbook) -> bool:
    """Whether the message asks something we know instead of answering."""
    if step.happened in (Happened.WRONG, Happened.GAVE_UP):
        known = playbook.sure(heard.whole) if not asks(heard.text) else playbook.likely(heard.whole)
        return known is not None or (heard.intent.follow_up and heard.intent.facet is not None)
    slot = form.slot(filling.current)
    if step.happened is not Happened.FILLED or slot is None or not asks(heard.text):
        return False
    if slot.kind in SOFT and len(heard.text) > _LONGEST_QUESTION:
        return False
    if heard.intent.follow_up and heard.intent.facet is not None:
        return slot.kind in SOFT
    return slot.kind in (*SOFT, SlotKind.CHOICE) and playbook.sure(heard.whole) is not None


def _is_no_answer(form: Form, filling: FormState, step: Step) -> bool:
    slot = form.slot(filling.current)
    return step.happened in (Happened.WRONG, Happened.GAVE_UP) or (
        step.happened is Happened.FILLED and slot is not None and slot.kind in SOFT
    )


def _in_between(
    form: Form, filling: FormState, heard: Heard, state: State, playbook: Playbook
) -> Turn | None:
    """The known answer, and the question of the form once more."""
    last = playbook.entries.get(state.last_entry or "")
    facet = heard.intent.facet
    if last is not None and heard.intent.follow_up and facet is not None:
        reply = playbook.wording.facet(last, facet.value, state.language)
        if reply is not None:
            return _beside(reply, form, filling, state, playbook, entry=last.id)
    hit = playbook.likely(heard.whole)
    if hit is None and heard.leaning is not None and heard.intent.follow_up:
        hit = playbook.likely(heard.leaning)
    if hit is None:
        return None
    found = answer(((hit.entry, hit.confidence),), heard.text, state, playbook, playbook.now)
    return _beside(found.replies[0], form, filling, state, playbook, entry=hit.entry.id)


def _beside(
    reply: Reply,
    form: Form,
    filling: FormState,
    state: State,
    playbook: Playbook,
    *,
    entry: str | None = None,
) -> Turn:
    """Something else is said, then the form asks again."""
    step = flow.again(form, filling, context_of(state, playbook))
    first = playbook.wording.say("form_back_to", state.language, title=form.title.said_in(state.language))
    turn = next_question(form, step, state, playbook, before=(reply,), first=first)
    return replace(turn, entry=entry)


def _after(form: Form, step: Step, state: State, playbook: Playbook) -> Turn:
    """What is said after a step, by what happened."""
    wording, language = playbook.wording, state.language
    match step.happened:
        case Happened.CANCELLED:
            return said(wording.reply("form_cancelled", language), state=replace(state, form=None), form=form)
        case Happened.LATER:
            return kept(form, step.state, state, playbook)
        case Happened.GAVE_UP:
            return person(form, step.state, state, playbook, reason="five answers did not fit")
        case Happened.DONE:
            return done(form, step, state, playbook)
        case Happened.WHICH:
            reply = form_words.which(form, step.state, wording, language)
            return said(reply, state=replace(state, form=step.state), form=form)
        case Happened.WRONG:
            first = form_words.refused(form, step, wording, language)
        case Happened.REVIEWED:
            lines = form_words.answer_lines(form, step.state, language)
            first = "\n".join([wording.say("form_so_far", language), *lines])
        case _:
            first = form_words.noted(form, step, wording, language)
    return next_question(form, step, state, playbook, first=first)
