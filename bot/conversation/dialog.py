"""Decides what to say: a pure function of what was heard, the conversation, and the playbook.

The order is fixed: danger → staff have it → commands and wishes → choices → route by what was found.
Nothing here opens, awaits or reads a clock.
"""

import re
from dataclasses import replace
from datetime import datetime

from bot.conversation.about_privacy import DATA, about_privacy
from bot.conversation.about_ticket import RATE, about_ticket, silent
from bot.conversation.model import (
    Choice,
    Human,
    Reply,
    State,
    Turn,
    TurnKind,
)
from bot.conversation.playbook import Heard, Playbook, Question
from bot.conversation.wording import HUMAN
from bot.tickets.model import Escalation, Priority
from intents.router import Wish
from intents.triage import Crisis, Risk, Stage
from knowledge.entries import Domain, Entry, Queue
from knowledge.hits import Decision, Hit

NAMES_FRAUD = re.compile(r"[骗騙诈詐]|安全账户|scam|fraud|swindl", re.IGNORECASE)
MOST_ANSWERS = 2  # answers to one message: more is a wall of text
MOST_CHOICES = 3
DANGER_SHARE = 0.5  # of the confidence for asking back, from which a danger is acted on
ENTRY = "entry:"  # a button that names an entry
STAGE = "stage:"  # a button that says how far a fraud has gone
NONE_OF_THESE = "none_of_these"
ALARMING = frozenset({Domain.FRAUD, Domain.EMERGENCY, Domain.CREDIT})  # where words of fraud are at home

__all__ = ["Heard", "Playbook", "Question", "decide"]


def decide(heard: Heard, state: State, playbook: Playbook) -> Turn:
    """What to do with a message. While staff have the conversation the bot stays silent but for danger and
    what concerns the ticket itself; the turn then has no replies.
    """
    now = playbook.now
    state = _fresh(_with_language(state, heard), playbook, now)
    pressed = _pressed(heard, state)
    heard = _calmed(heard, playbook)
    turn = (
        _danger(heard, pressed, state, playbook)
        or about_ticket(heard.intent, pressed, state, playbook)
        or about_privacy(heard.intent, pressed, state, playbook)
    )
    if turn is not None:
        return turn
    if playbook.staff_have_it:
        return silent(state, playbook)
    return (
        _wish(heard, pressed, state, playbook)
        or _choice(pressed, state, playbook, now)
        or _route(heard, state, playbook, now)
    )


def _with_language(state: State, heard: Heard) -> State:
    if state.language_chosen or heard.language is None:
        return state
    return replace(state, language=heard.language)


def _fresh(state: State, playbook: Playbook, now: datetime) -> State:
    """The state without a subject that is too old to refer to."""
    if (
        state.last_at is None
        or now.timestamp() - state.last_at <= playbook.forget_context_after.total_seconds()
    ):
        return state
    return replace(state, last_entry=None, last_question=None, last_at=None)


def _pressed(heard: Heard, state: State) -> str:
    """The value of the button meant: pressed, or named by its number or its label; "" for none."""
    text = heard.text.strip()
    if heard.intent.number and heard.intent.number <= len(state.offered):
        return state.offered[heard.intent.number - 1].value
    for choice in state.offered:
        if text == choice.label:
            return choice.value
    return text if is_value(text) else ""


def is_value(text: str) -> bool:
    """Whether `text` is what a button sends, not words of a person."""
    return text.startswith((ENTRY, STAGE, RATE, DATA)) or text in (NONE_OF_THESE, HUMAN)


# --- danger -----------------------------------------------------------------------------------------------


def _danger(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    crisis = heard.triage.crisis
    stage = heard.triage.stage
    if pressed.startswith(STAGE):
        stage = _STAGE_BUTTONS.get(pressed)
    if crisis is None and stage not in _URGENT_STAGES and not pressed:
        crisis, stage = _danger_by_meaning(heard, playbook)
    if crisis is not None:
        return _crisis_turn(crisis, heard, state, playbook)
    if stage in _URGENT_STAGES:
        assert stage is not None
        return _stage_turn(stage, heard, state, playbook)
    return None


def _calmed(heard: Heard, playbook: Playbook) -> Heard:
    """Words of money in what surely is a question of ordinary law raise no alarm; a danger to life always does,
    and so does whoever says that it is a fraud.
    """
    best = _sure(heard.whole, playbook)
    if best is None or heard.triage.stage is None or best.entry.domain in ALARMING:
        return heard
    said_so = NAMES_FRAUD.search(heard.text)
    if said_so or any(part.hits and part.hits[0].entry.domain in ALARMING for part in heard.parts):
        return heard
    return replace(heard, triage=replace(heard.triage, stage=None))


def _danger_by_meaning(heard: Heard, playbook: Playbook) -> tuple[Crisis | None, Stage | None]:
    """The second net: a text no rule knows, but nearest to what people in danger write.

    Missing somebody costs more than one question too many, so much less than an answer's confidence is enough.
    """
    best = heard.whole.hits[0] if heard.whole.hits else None
    label = playbook.danger_meanings.get(best.entry.id, "") if best else ""
    if best is None or best.confidence < playbook.thresholds.ask * DANGER_SHARE:
        return None, None
    if label in set(Crisis):
        return Crisis(label), None
    return None, Stage(label) if label else None


_URGENT_STAGES = (Stage.TRANSFERRED, Stage.ABOUT_TO_TRANSFER, Stage.SCREEN_SHARED, Stage.DISCLOSED)
_STAGE_BUTTONS = {
    f"{STAGE}transferred": Stage.TRANSFERRED,
    f"{STAGE}about_to_transfer": Stage.ABOUT_TO_TRANSFER,
}


def _crisis_turn(crisis: Crisis, heard: Heard, state: State, playbook: Playbook) -> Turn:
    """The emergency words first; a sure answer to what was also asked follows them."""
    wording = playbook.wording
    card = _sourced(wording.reply(f"emergency_{crisis.value}", state.language), crisis.value, playbook)
    also = _sure(heard.whole, playbook)
    replies: tuple[Reply, ...] = (card,)
    entry = _backing(crisis.value, playbook)
    if also is not None and also.entry.domain not in ALARMING:
        replies, entry = (card, wording.answer(also.entry, state.language)), also.entry.id
    return Turn(
        kind=TurnKind.ALERT if playbook.staff_have_it else TurnKind.EMERGENCY,
        domain="emergency",
        entry=entry,
        confidence=1.0,
        urgent=True,
        human=_human_for_danger(playbook),
        replies=replies,
        state=replace(state, offered=(), misses=0),
        escalation=_escalation(playbook, Queue.SAFETY, f"danger: {crisis.value}", Priority.URGENT),
    )


def _stage_turn(stage: Stage, heard: Heard, state: State, playbook: Playbook) -> Turn:
    """The emergency words first; a known answer to what was also asked follows them."""
    wording = playbook.wording
    card = _sourced(wording.reply(f"stage_{stage.value}", state.language), stage.value, playbook)
    backing = _backing(stage.value, playbook)
    replies = [card]
    also = _likely(heard.whole, playbook)
    if also is not None and also.entry.id != backing and also.entry.domain is Domain.FRAUD:
        replies.append(wording.answer(also.entry, state.language))
    replies[-1] = replace(replies[-1], choices=(wording.person(state.language),))
    return Turn(
        kind=TurnKind.ALERT if playbook.staff_have_it else TurnKind.EMERGENCY,
        domain="fraud",
        entry=also.entry.id if also is not None and len(replies) > 1 else backing,
        confidence=1.0,
        risk=Risk.IN_PROGRESS,
        urgent=True,
        human=_human_for_danger(playbook),
        replies=tuple(replies),
        state=replace(
            state,
            offered=replies[-1].choices,
            misses=0,
            last_entry=backing,
            last_question=heard.text,
            last_at=playbook.now.timestamp(),
        ),
        escalation=_escalation(playbook, Queue.FRAUD, f"fraud stage: {stage.value}", Priority.URGENT),
    )


def _human_for_danger(playbook: Playbook) -> Human:
    return Human.MADE if playbook.staffed else Human.OFFERED


def _backing(danger: str, playbook: Playbook) -> str | None:
    entry = playbook.danger_entries.get(danger)
    return entry if entry in playbook.entries else None


def _sourced(reply: Reply, danger: str, playbook: Playbook) -> Reply:
    backing = _backing(danger, playbook)
    if backing is None:
        return reply
    return replace(reply, sources=playbook.wording.answer(playbook.entries[backing], "zh").sources)


def _escalation(
    playbook: Playbook, queue: Queue, reason: str, priority: Priority = Priority.NORMAL
) -> Escalation | None:
    return Escalation(queue=queue, priority=priority, reason=reason) if playbook.staffed else None


# --- wishes and choices -----------------------------------------------------------------------------------


def _wish(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    wish = heard.intent.wish
    if pressed == HUMAN or wish is Wish.HUMAN:
        return _handover(state, playbook, reason="asked for a person")
    if pressed == NONE_OF_THESE or (wish is Wish.NONE_OF_THESE and state.offered):
        return _missed(state, playbook, phrase="rephrase")
    if wish in (Wish.CHINESE, Wish.ENGLISH):
        language = "zh" if wish is Wish.CHINESE else "en"
        state = replace(state, language=language, language_chosen=True)
        return _smalltalk("language_set", state, playbook)
    if wish in (Wish.START, Wish.MENU):
        return _menu(wish, state, playbook)
    if wish is Wish.RESTART:
        return _smalltalk("restarted", state.forgotten(), playbook)
    if wish is Wish.CANCEL:
        return _smalltalk("cancelled", state.forgotten(), playbook)
    phrase = _SMALLTALK.get(wish)
    return _smalltalk(phrase, state, playbook) if phrase else None


_SMALLTALK = {
    Wish.GREETING: "greeting",
    Wish.THANKS: "thanks",
    Wish.GOODBYE: "goodbye",
    Wish.IDENTITY: "identity",
    Wish.NONE_OF_THESE: "rephrase",
}


def _smalltalk(phrase: str, state: State, playbook: Playbook) -> Turn:
    if phrase == "greeting" and state.greeted:
        phrase = "hello_again"
    choices = menu_choices(state, playbook) if phrase in ("greeting", "restarted") else ()
    return Turn(
        kind=TurnKind.SMALLTALK,
        domain="smalltalk",
        confidence=1.0,
        replies=(playbook.wording.reply(phrase, state.language, choices=choices),),
        state=replace(state, offered=choices, greeted=True),
    )


def _menu(wish: Wish, state: State, playbook: Playbook) -> Turn:
    phrase = "greeting" if wish is Wish.START else "menu"
    choices = menu_choices(state, playbook)
    return Turn(
        kind=TurnKind.SMALLTALK,
        domain="smalltalk",
        confidence=1.0,
        replies=(playbook.wording.reply(phrase, state.language, choices=choices),),
        state=replace(state, offered=choices, greeted=True),
    )


def menu_choices(state: State, playbook: Playbook) -> tuple[Choice, ...]:
    """The quick topics and the way to a person."""
    topics = tuple(
        Choice(label=playbook.entries[id].question_in(state.language), value=ENTRY + id)
        for id in playbook.menu
        if id in playbook.entries
    )
    return (*topics, playbook.wording.person(state.language))


def _choice(pressed: str, state: State, playbook: Playbook, now: datetime) -> Turn | None:
    if pressed.startswith(ENTRY):
        entry = playbook.entries.get(pressed.removeprefix(ENTRY))
        if entry is None:
            return _smalltalk("expired_choice", state, playbook)
        return _answer(((entry, 1.0),), entry.question, state, playbook, now)
    if pressed == f"{STAGE}not_yet":
        return _fraud_smalltalk("stay_calm", state, playbook)
    if pressed == f"{STAGE}asking":
        return _fraud_smalltalk("just_asking", state, playbook)
    return None


def _fraud_smalltalk(phrase: str, state: State, playbook: Playbook) -> Turn:
    return Turn(
        kind=TurnKind.SMALLTALK,
        domain="fraud",
        confidence=1.0,
        replies=(playbook.wording.reply(phrase, state.language),),
        state=replace(state, offered=()),
    )


def _handover(state: State, playbook: Playbook, *, reason: str, queue: Queue | None = None) -> Turn:
    """A person takes over; where no staff is behind the bot, the honest numbers."""
    last = playbook.entries.get(state.last_entry or "")
    target = queue or (last.queue if last else Queue.SERVICES)
    phrase = "handover_desk" if playbook.staffed else "handover_phone"
    return Turn(
        kind=TurnKind.HANDOVER,
        domain=target.value,
        confidence=1.0,
        human=Human.MADE if playbook.staffed else Human.OFFERED,
        replies=(playbook.wording.reply(phrase, state.language),),
        state=replace(state, offered=(), misses=0),
        escalation=_escalation(playbook, target, reason),
    )


# --- route ------------------------------------------------------------------------------------------------


def _route(heard: Heard, state: State, playbook: Playbook, now: datetime) -> Turn:
    follow_up = _follow_up(heard, state, playbook, now)
    if follow_up is not None:
        return follow_up
    several = _several(heard, playbook)
    if several:
        return _suspicion(heard, _answer(several, heard.text, state, playbook, now), playbook)
    hit = _sure(heard.whole, playbook)
    if hit is not None:
        found = ((hit.entry, hit.confidence),)
        return _suspicion(heard, _answer(found, heard.text, state, playbook, now), playbook)
    likely = _likely(heard.whole, playbook)
    if heard.triage.stage is not None and (likely is None or likely.entry.domain in ALARMING):
        if likely is None:
            return _fraud_card(heard.triage.stage, heard, state, playbook)
        found = (
            (likely.entry, likely.confidence),
        )  # with the question how far it has gone, likely is enough
        return _suspicion(heard, _answer(found, heard.text, state, playbook, now), playbook)
    if playbook.thresholds.decide(heard.whole.hits) is not Decision.DECLINE:
        return _ask_back(heard, state, playbook)
    return _missed(state, playbook, phrase=_miss_phrase(heard, playbook))


def _sure(question: Question | None, playbook: Playbook) -> Hit | None:
    """The best hit, when it is good enough to be said."""
    if question is None or not question.hits:
        return None
    best = question.hits[0]
    return best if best.confidence >= playbook.thresholds.answer else None


def _likely(question: Question, playbook: Playbook) -> Hit | None:
    """The best hit, when it is good enough to be named."""
    return question.hits[0] if playbook.thresholds.decide(question.hits) is not Decision.DECLINE else None


def _several(heard: Heard, playbook: Playbook) -> tuple[tuple[Entry, float], ...]:
    """The answers to the separate questions of a message, when at least two differ and are sure."""
    found: dict[str, tuple[Entry, float]] = {}
    for part in heard.parts:
        hit = _sure(part, playbook)
        if hit is not None:
            found.setdefault(hit.entry.id, (hit.entry, hit.confidence))
    return tuple(found.values())[:MOST_ANSWERS] if len(found) >= 2 else ()


def _follow_up(heard: Heard, state: State, playbook: Playbook, now: datetime) -> Turn | None:
    """The part of the last answer that is asked for, or the entry found by reading both questions together."""
    last = playbook.entries.get(state.last_entry or "")
    own = _sure(heard.whole, playbook)
    if last is None or heard.leaning is None or (own is not None and not heard.intent.follow_up):
        return None
    if own is not None and own.entry.id != last.id and heard.intent.has_subject:
        return None
    if heard.intent.facet is not None:
        reply = playbook.wording.facet(last, heard.intent.facet.value, state.language)
        if reply is not None:
            return _said(((last, 1.0),), (reply,), heard.text, state, playbook, now)
    leaning = heard.leaning.hits[0] if heard.leaning.hits else None
    if leaning is None or (own is not None and own.confidence > leaning.confidence):
        return None
    if leaning.confidence >= playbook.thresholds.ask:  # the conversation itself speaks for the subject
        return _answer(((leaning.entry, leaning.confidence),), heard.text, state, playbook, now)
    return None


def _answer(
    found: tuple[tuple[Entry, float], ...], question: str, state: State, playbook: Playbook, now: datetime
) -> Turn:
    replies = tuple(playbook.wording.answer(entry, state.language) for entry, _ in found)
    return _said(found, replies, question, state, playbook, now)


def _said(
    found: tuple[tuple[Entry, float], ...],
    replies: tuple[Reply, ...],
    question: str,
    state: State,
    playbook: Playbook,
    now: datetime,
) -> Turn:
    first, confidence = found[0]
    return Turn(
        kind=TurnKind.ANSWER,
        domain=first.domain.value,
        entry=first.id,
        confidence=confidence,
        urgent=first.domain.value == "emergency",
        replies=replies,
        state=replace(
            state,
            last_entry=first.id,
            last_question=question,
            last_at=now.timestamp(),
            offered=(),
            misses=0,
            greeted=True,
        ),
    )


def _suspicion(heard: Heard, turn: Turn, playbook: Playbook) -> Turn:
    """An answer to somebody who may be facing a fraud says so, and puts a person forward."""
    if heard.triage.stage is None:
        return turn
    choices = (*_stage_buttons(turn.state, playbook), playbook.wording.person(turn.language))
    last = replace(turn.replies[-1], choices=choices)
    return replace(
        turn,
        risk=heard.triage.risk,
        human=Human.OFFERED,
        replies=(*turn.replies[:-1], last),
        state=replace(turn.state, offered=choices),
    )


def _fraud_card(stage: Stage, heard: Heard, state: State, playbook: Playbook) -> Turn:
    """What to do now, and the one question that matters: how far has it gone?"""
    wording = playbook.wording
    choices = (*_stage_buttons(state, playbook), wording.person(state.language))
    card = _sourced(wording.reply(f"stage_{stage.value}", state.language), stage.value, playbook)
    ask = wording.reply("stage_question", state.language, choices=choices)
    return Turn(
        kind=TurnKind.ALERT,
        domain="fraud",
        entry=_backing(stage.value, playbook),
        confidence=heard.whole.hits[0].confidence if heard.whole.hits else 0.0,
        risk=heard.triage.risk,
        human=Human.OFFERED,
        replies=(card, ask),
        state=replace(state, offered=choices, misses=0),
    )


def _stage_buttons(state: State, playbook: Playbook) -> tuple[Choice, ...]:
    say = playbook.wording.say
    return (
        Choice(label=say("stage_button_transferred", state.language), value=f"{STAGE}transferred"),
        Choice(label=say("stage_button_about", state.language), value=f"{STAGE}about_to_transfer"),
        Choice(label=say("stage_button_not_yet", state.language), value=f"{STAGE}not_yet"),
        Choice(label=say("stage_button_asking", state.language), value=f"{STAGE}asking"),
    )


def _ask_back(heard: Heard, state: State, playbook: Playbook) -> Turn:
    """Name what may be meant; until one is chosen, the likeliest is what a follow-up leans on."""
    wording, near = playbook.wording, heard.whole.hits[:MOST_CHOICES]
    choices = (
        *(Choice(label=hit.entry.question_in(state.language), value=ENTRY + hit.entry.id) for hit in near),
        Choice(label=wording.say("none_of_these", state.language), value=NONE_OF_THESE),
        wording.person(state.language),
    )
    return Turn(
        kind=TurnKind.CHOICES,
        domain=near[0].entry.domain.value,
        entry=near[0].entry.id,
        confidence=near[0].confidence,
        replies=(wording.reply("ask_back", state.language, choices=choices),),
        state=replace(
            state,
            offered=choices,
            last_entry=near[0].entry.id,
            last_question=heard.text,
            last_at=playbook.now.timestamp(),
        ),
    )


def _miss_phrase(heard: Heard, playbook: Playbook) -> str:
    """Near our subjects: unsure, so a person is put forward. Far from them: out of scope."""
    best = heard.whole.hits[0].confidence if heard.whole.hits else 0.0
    return "not_sure" if best >= playbook.thresholds.ask / 2 else "out_of_scope"


def _missed(state: State, playbook: Playbook, *, phrase: str) -> Turn:
    """Say so; after some misses in a row a person takes over. What is none of our subjects is no miss."""
    unsure = phrase != "out_of_scope"
    if unsure:
        state = state.missed()
    if state.misses >= playbook.misses_before_person:
        return _handover(state, playbook, reason="no answer found twice")
    wording = playbook.wording
    choices = (wording.person(state.language),)
    text = wording.say(phrase, state.language)
    if unsure and not playbook.staffed:
        text = f"{text}\n{wording.say('person_hint', state.language)}"
    return Turn(
        kind=TurnKind.DECLINE,
        domain="out_of_scope",
        human=Human.OFFERED if unsure else Human.NONE,
        replies=(Reply(text=text, choices=choices),),
        state=replace(state, offered=choices),
    )
