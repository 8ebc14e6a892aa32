"""Danger comes before everything: the emergency words, and who else has to know. Pure."""

import re
from dataclasses import replace

from bot.conversation.buttons import STAGE, stage_buttons
from bot.conversation.model import Human, Reply, State, Turn, TurnKind
from bot.conversation.playbook import Heard, Playbook
from bot.tickets.model import Priority
from intents.triage import URGENT_STAGES, Crisis, Risk, Stage
from knowledge.entries import Domain, Queue

NAMES_FRAUD = re.compile(r"[骗騙诈詐]|安全账户|scam|fraud|swindl", re.IGNORECASE)
# Probabilities of a danger, as read from the meaning (intents/danger_reader.py); chosen on the tune half of
# tests/evals/questions/dialogs/danger.jsonl so that nobody in danger is missed there.
QUIET = 0.01  # below it not even a rule raises an alarm
SUSPECT = 0.02  # from it on an alarm is raised where the words lead to an entry for people in danger
DOUBT = 0.1  # from it on an alarm is raised where no ordinary answer explains the words
UNLIKELY = 0.2  # below it a likely ordinary answer explains the words of a rule better
ALARM = 0.3  # from it on an alarm is raised, unless an ordinary answer is as good as certain
PLAIN = 0.5  # below it a sure ordinary answer explains the words better
ASKED = 0.45  # from it on an alarm is raised though the bot would ask how far a fraud has gone
STRONG = 0.6  # from it on an alarm is raised beside an ordinary answer that is as good as certain
EXPLAINED = 0.95  # confidence of such an answer
CLEAR = 0.9  # from it on an alarm is raised though the bot has the answer and would ask how far it has gone
CERTAIN = 0.97  # from it on an alarm is raised even where a person is there already
NEAR = 0.1  # confidence of the nearest entry below which the text is about something else altogether
ALARMING = frozenset({Domain.FRAUD, Domain.EMERGENCY, Domain.CREDIT})  # where words of fraud are at home

CHECK_SHARE = 0.95  # probability of fraud from which a stage seen by the check is acted on

_DANGEROUS = frozenset({Domain.FRAUD, Domain.EMERGENCY})
_STAGE_BUTTONS = {
    f"{STAGE}transferred": Stage.TRANSFERRED,
    f"{STAGE}about_to_transfer": Stage.ABOUT_TO_TRANSFER,
}


def about_danger(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn for a danger to life or to money, by the rules first and by meaning second; None where there is none."""
    crisis = heard.triage.crisis
    stage = heard.triage.stage
    received = False
    if pressed.startswith(STAGE):
        stage = _STAGE_BUTTONS.get(pressed)
    elif received := _only_received(heard, state):
        stage = None
    if crisis is None and stage not in URGENT_STAGES and not (pressed or received):
        crisis, stage = _danger_by_meaning(heard, playbook)
        if crisis is None and stage is None:
            stage = _stage_by_check(heard, playbook)
    if crisis is not None:
        return _crisis_turn(crisis, heard, state, playbook)
    if stage in URGENT_STAGES:
        assert stage is not None
        return _stage_turn(stage, heard, state, playbook)
    return None


def calmed(heard: Heard, playbook: Playbook) -> Heard:
    """Words that a rule knows raise no alarm where their meaning is plainly another, and less is plain enough in
    what is a question of ordinary law. Whoever says that it is a fraud is believed.
    """
    if not heard.triage.urgent:
        return heard
    read = heard.danger
    nearest = heard.whole.hits[0].entry.domain if heard.whole.hits else None
    if read is not None and read.probability < QUIET and nearest not in _DANGEROUS:
        return replace(heard, triage=replace(heard.triage, crisis=None, stage=None))
    best = playbook.likely(heard.whole)
    if best is None or best.entry.domain in ALARMING or NAMES_FRAUD.search(heard.text):
        return heard
    if any(part.hits and part.hits[0].entry.domain in ALARMING for part in heard.parts):
        return heard
    sure = playbook.sure(heard.whole) is not None
    if read is not None and read.probability < (PLAIN if sure else UNLIKELY):
        return replace(heard, triage=replace(heard.triage, crisis=None, stage=None))
    if read is None and sure:
        return replace(heard, triage=replace(heard.triage, stage=None))
    return heard


def suspected(heard: Heard, playbook: Playbook) -> Heard:
    """What the check suspects and no rule of stage knows is at least a contact: the answer asks how far it has gone.
    Not so where an ordinary question of law is surely meant.
    """
    if heard.triage.stage is not None or heard.check is None or heard.check.risk is Risk.NONE:
        return heard
    if _is_ordinary(heard, playbook):
        return heard
    return replace(heard, triage=replace(heard.triage, stage=Stage.CONTACTED))


def _is_ordinary(heard: Heard, playbook: Playbook) -> bool:
    """Whether it surely is a question of ordinary law."""
    sure = playbook.sure(heard.whole)
    return sure is not None and sure.entry.domain not in ALARMING


def _danger_by_meaning(heard: Heard, playbook: Playbook) -> tuple[Crisis | None, Stage | None]:
    """The second net: a text no rule knows, but that means what people in danger mean.

    Missing somebody costs more than one question too many, so much less than an answer's confidence is enough;
    less still where no ordinary answer explains the words.
    """
    read = heard.danger
    if read is None or read.probability < _least(heard, playbook):
        return None, None
    return (read.label, None) if isinstance(read.label, Crisis) else (None, read.label)


def _least(heard: Heard, playbook: Playbook) -> float:
    """The probability of a danger from which it is acted on, though no rule fired."""
    if playbook.staff_have_it:
        return CERTAIN
    best, likely = next(iter(heard.whole.hits), None), playbook.likely(heard.whole)
    if likely is not None and likely.entry.id in playbook.meanings:
        return SUSPECT
    if heard.triage.stage is not None:  # the bot is about to ask how far it has gone
        return ASKED if playbook.sure(heard.whole) is None else CLEAR
    if best is None or best.confidence < NEAR or heard.leaning is not None:
        return ALARM
    if likely is None or best.entry.domain in _DANGEROUS:
        return DOUBT
    return STRONG if best.confidence >= EXPLAINED else ALARM


def _only_received(heard: Heard, state: State) -> bool:
    """Whether a message handed in for a check merely demands something: nobody has obeyed yet, the check answers it.

    Whoever tells of themselves, or of money that has gone, is answered by the rules at once.
    """
    if not state.awaits_check or heard.check is None or heard.triage.stage is Stage.TRANSFERRED:
        return False
    return heard.check.risk is Risk.SUSPECTED and "我" not in heard.text


def _stage_by_check(heard: Heard, playbook: Playbook) -> Stage | None:
    """The third net: an urgent stage that the check of the whole text sees, unless it surely is a question of law."""
    if heard.check is None or heard.check.risk is not Risk.IN_PROGRESS or heard.check.score < CHECK_SHARE:
        return None
    return None if _is_ordinary(heard, playbook) else heard.check.stage


def _crisis_turn(crisis: Crisis, heard: Heard, state: State, playbook: Playbook) -> Turn:
    """The emergency words first; a sure answer to what was also asked follows them."""
    wording = playbook.wording
    card = _sourced(wording.reply(f"emergency_{crisis.value}", state.language), crisis.value, playbook)
    also = playbook.sure(heard.whole)
    replies: tuple[Reply, ...] = (card,)
    entry = _backing(crisis.value, playbook)
    if also is not None and also.entry.id != entry:
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
    if also is not None and also.entry.domain is not Domain.FRAUD:
        also = playbook.sure(heard.whole)
    if also is not None and also.entry.id != backing:
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
