"""Answers from what was found, asks back when it is unclear, and hands over when it is not known. Pure."""

from dataclasses import replace
from datetime import datetime

from bot.conversation.about_danger import ALARMING, fraud_card, suspicion
from bot.conversation.about_ticket import may_go_on, says_nothing_since
from bot.conversation.buttons import ENTRY, NONE_OF_THESE
from bot.conversation.model import Choice, Human, Reply, State, Turn, TurnKind
from bot.conversation.playbook import Heard, Playbook, Question
from knowledge.entries import Entry, Queue
from knowledge.hits import Decision, Hit

MOST_ANSWERS = 2  # answers to one message: more is a wall of text
MOST_CHOICES = 3
BESIDE = 0.2  # the least of an entry beside the last one: the conversation has already said what it is about


def answer_question(heard: Heard, state: State, playbook: Playbook, now: datetime) -> Turn:
    """The turn for a question: its answer, a question back, or honest words that it is not known."""
    follow_up = _follow_up(heard, state, playbook, now)
    if follow_up is not None:
        return follow_up
    several = _several(heard, playbook)
    if several:
        return suspicion(heard, answer(several, heard.text, state, playbook, now), playbook)
    hit = playbook.sure(heard.whole)
    if hit is not None:
        found = ((hit.entry, hit.confidence),)
        return suspicion(heard, answer(found, heard.text, state, playbook, now), playbook)
    likely = playbook.likely(heard.whole)
    if heard.triage.stage is not None and (likely is None or likely.entry.domain in ALARMING):
        if likely is None:
            return fraud_card(heard.triage.stage, heard, state, playbook)
        found = (
            (likely.entry, likely.confidence),
        )  # with the question how far it has gone, likely is enough
        return suspicion(heard, answer(found, heard.text, state, playbook, now), playbook)
    if playbook.thresholds.decide(heard.whole.hits) is not Decision.DECLINE:
        return _ask_back(heard, state, playbook)
    return missed(state, playbook, phrase=_miss_phrase(heard, playbook))


def _several(heard: Heard, playbook: Playbook) -> tuple[tuple[Entry, float], ...]:
    """The answers to the separate questions of a message, when at least two differ and are sure.

    A likely answer to one of them is sure enough when the whole message speaks for it too.
    """
    whole = {hit.entry.id for hit in heard.whole.hits}
    found: dict[str, tuple[Entry, float]] = {}
    for part in heard.parts:
        hit = playbook.sure(part) or playbook.likely(part)
        if hit is not None and (hit.confidence >= playbook.thresholds.answer or hit.entry.id in whole):
            found.setdefault(hit.entry.id, (hit.entry, hit.confidence))
    return tuple(found.values())[:MOST_ANSWERS] if len(found) >= 2 else ()


def _follow_up(heard: Heard, state: State, playbook: Playbook, now: datetime) -> Turn | None:
    """The part of the last answer that is asked for, or the entry that the conversation leads to."""
    last = playbook.entries.get(state.last_entry or "")
    own = playbook.sure(heard.whole)
    if last is None or heard.leaning is None or (own is not None and not heard.intent.follow_up):
        return None
    if own is not None and own.entry.id != last.id and heard.intent.has_subject:
        return None
    beside = _beside(last, heard.whole) if heard.intent.has_subject else None
    if beside is not None:
        return answer(((beside.entry, beside.confidence),), heard.text, state, playbook, now)
    if heard.intent.facet is not None:
        reply = playbook.wording.facet(last, heard.intent.facet.value, state.language)
        if reply is not None:
            return _said(((last, 1.0),), (reply,), heard.text, state, playbook, now)
    leaning = heard.leaning.hits[0] if heard.leaning.hits else None
    if leaning is None or (own is not None and own.confidence > leaning.confidence):
        return None
    if leaning.confidence >= playbook.thresholds.ask:  # the conversation itself speaks for the subject
        return answer(((leaning.entry, leaning.confidence),), heard.text, state, playbook, now)
    return None


def _beside(last: Entry, question: Question) -> Hit | None:
    """An entry of the same family that the words alone point to: “and if he has run away?” after unpaid wages.

    Both questions read together lean to the last entry, so the words alone say whether it goes on or aside.
    """
    family = last.id.rpartition(".")[0]
    found = [hit for hit in question.hits if hit.entry.id.rpartition(".")[0] == family]
    if not found or found[0].entry.id == last.id or found[0].confidence < BESIDE:
        return None
    return found[0]


def answer(
    found: tuple[tuple[Entry, float], ...], question: str, state: State, playbook: Playbook, now: datetime
) -> Turn:
    """The turn that says these entries, the first of which the conversation is then about."""
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
        shown=tuple((entry.id, sure) for entry, sure in found),
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
        shown=tuple((hit.entry.id, hit.confidence) for hit in near),
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


def missed(state: State, playbook: Playbook, *, phrase: str) -> Turn:
    """Say so; after some misses in a row a person takes over. What is none of our subjects is no miss."""
    unsure = phrase != "out_of_scope"
    if unsure:
        state = state.missed()
    if state.misses >= playbook.misses_before_person:
        return handover(state, playbook, reason="no answer found twice")
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


def handover(state: State, playbook: Playbook, *, reason: str, queue: Queue | None = None) -> Turn:
    """A person takes over; where no staff is behind the bot, the honest numbers."""
    target = queue or _desk_for(state, playbook)
    phrase = "handover_desk" if playbook.staffed else "handover_phone"
    return Turn(
        kind=TurnKind.HANDOVER,
        domain=target.value,
        confidence=1.0,
        human=Human.MADE if playbook.staffed else Human.OFFERED,
        replies=(playbook.wording.reply(phrase, state.language),),
        state=replace(state, offered=(), misses=0),
        escalation=playbook.escalation(target, reason),
    )


def _desk_for(state: State, playbook: Playbook) -> Queue:
    """Where the person belongs: with who has just helped them, else with who knows the last answer's subject."""
    closed = may_go_on(playbook)
    if closed is not None and says_nothing_since(state, closed):
        return closed.queue
    last = playbook.entries.get(state.last_entry or "")
    return last.queue if last else Queue.SERVICES
