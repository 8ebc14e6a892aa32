"""Danger comes before everything: the emergency words, and who else has to know. Pure."""

import re
from dataclasses import replace

from bot.conversation.buttons import STAGE, stage_buttons
from bot.conversation.model import Human, Reply, State, Turn, TurnKind
from bot.conversation.playbook import Heard, Playbook
from bot.tickets.model import Priority
from intents.triage import Crisis, Risk, Stage
from knowledge.entries import Domain, Queue

NAMES_FRAUD = re.compile(r"[骗騙诈詐]|安全账户|scam|fraud|swindl", re.IGNORECASE)
DANGER_SHARE = 0.5  # of the confidence for asking back, from which a danger is acted on
ALARMING = frozenset({Domain.FRAUD, Domain.EMERGENCY, Domain.CREDIT})  # where words of fraud are at home

_URGENT_STAGES = (Stage.TRANSFERRED, Stage.ABOUT_TO_TRANSFER, Stage.SCREEN_SHARED, Stage.DISCLOSED)
_STAGE_BUTTONS = {
    f"{STAGE}transferred": Stage.TRANSFERRED,
    f"{STAGE}about_to_transfer": Stage.ABOUT_TO_TRANSFER,
}


def about_danger(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn for a danger to life or to money, by the rules first and by meaning second; None where there is none."""
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


def calmed(heard: Heard, playbook: Playbook) -> Heard:
    """Words of money in what surely is a question of ordinary law raise no alarm; a danger to life always does,
    and so does whoever says that it is a fraud.
    """
    best = playbook.sure(heard.whole)
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
    share = (
        1.0 if heard.leaning is not None else DANGER_SHARE
    )  # a few words that lean on a calm talk say little
    if best is None or best.confidence < playbook.thresholds.ask * share:
        return None, None
    if label in set(Crisis):
        return Crisis(label), None
    return None, Stage(label) if label else None


def _crisis_turn(crisis: Crisis, heard: Heard, state: State, playbook: Playbook) -> Turn:
    """The emergency words first; a sure answer to what was also asked follows them."""
    wording = playbook.wording
    card = _sourced(wording.reply(f"emergency_{crisis.value}", state.language), crisis.value, playbook)
    also = playbook.sure(heard.whole)
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
        escalation=playbook.escalation(Queue.SAFETY, f"danger: {crisis.value}", Priority.URGENT),
    )


def _stage_turn(stage: Stage, heard: Heard, state: State, playbook: Playbook) -> Turn:
    """The emergency words first; a known answer to what was also asked follows them."""
    wording = playbook.wording
    card = _sourced(wording.reply(f"stage_{stage.value}", state.language), stage.value, playbook)
    backing = _backing(stage.value, playbook)
    replies = [card]
    also = playbook.likely(heard.whole)
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
        escalation=playbook.escalation(Queue.FRAUD, f"fraud stage: {stage.value}", Priority.URGENT),
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


def suspicion(heard: Heard, turn: Turn, playbook: Playbook) -> Turn:
    """An answer to somebody who may be facing a fraud says so, and puts a person forward."""
    if heard.triage.stage is None:
        return turn
    choices = (*stage_buttons(turn.state, playbook), playbook.wording.person(turn.language))
    last = replace(turn.replies[-1], choices=choices)
    return replace(
        turn,
        risk=heard.triage.risk,
        human=Human.OFFERED,
        replies=(*turn.replies[:-1], last),
        state=replace(turn.state, offered=choices),
    )


def fraud_card(stage: Stage, heard: Heard, state: State, playbook: Playbook) -> Turn:
    """What to do now, and the one question that matters: how far has it gone?"""
    wording = playbook.wording
    choices = (*stage_buttons(state, playbook), wording.person(state.language))
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
