"""Understands a message as far as that needs no lock: danger, wish, language, what the knowledge base has.

Most of it needs nothing but the words, so it is done while the chat is still being looked up (`listen`); the rest
needs what was said before (`understood`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from bot.conversation.buttons import is_value
from bot.conversation.model import State
from bot.conversation.playbook import Heard, Question
from intents.danger_reader import Danger, Odds
from intents.forms.model import Form
from intents.forms.opening import wanted
from intents.fraud.assess import Assessment, assess
from intents.router import Intent, Wish, is_short, language_of, route, split_questions
from intents.triage import Triage, triage
from knowledge.beside import beside
from knowledge.entries import Entry
from knowledge.hits import Hit, Thresholds

FEW_WORDS = 12  # characters: such a message is often a wish, which needs no search; a longer one seldom


class Search(Protocol):
    """What the engine needs of the knowledge base: one consistent build at a time."""

    @property
    def thresholds(self) -> Thresholds:
        """Least confidence to answer and to ask back."""
        ...

    def entries(self, day: datetime) -> dict[str, Entry]:
        """The entries visible on that day, by id."""
        ...

    def search(self, text: str, *, now: datetime) -> tuple[Hit, ...]:
        """The best entries for `text`, best first, with calibrated confidence."""
        ...

    def written(self, text: str, found: Triage) -> Odds | None:
        """What `text` and the rules say of danger, for `danger`; None where nothing can tell."""
        ...

    def danger(self, text: str, written: Odds | None) -> Danger | None:
        """How likely `text` is by somebody in danger, also by its meaning; None where nothing can tell."""
        ...


class _ByRule(NamedTuple):
    intent: Intent
    danger: Triage
    written: Odds | None  # of danger
    check: Assessment
    parts: tuple[str, ...]
    wanted: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """What a message tells by itself; of one that asks nothing only its wish."""

    text: str
    intent: Intent
    question: tuple[_ByRule, Question] | None = None


def listen(
    text: str, search: Search, *, forms: Mapping[str, Form], longest: int, now: datetime
) -> Listened | None:
    """None when there is nothing to understand: empty, or longer than anybody reads (`longest` characters)."""
    text = text.strip()
    if not text or (len(text) > longest and not triage(text[:longest]).urgent):
        return None
    if len(text) <= FEW_WORDS or is_value(text):
        intent = route(text)
        if not _is_question(intent) or is_value(text):
            return Listened(text=text, intent=intent)
    text = text[:longest]
    reading = beside(partial(_by_rule, text, search, forms))
    whole = Question(text=text, hits=search.search(text, now=now))
    by_rule = reading.result()
    asked = (by_rule, whole) if _is_question(by_rule.intent) else None
    return Listened(text=text, intent=by_rule.intent, question=asked)


def understood(listened: Listened, state: State, search: Search, *, now: datetime) -> Heard:
    """The message as a part of its chat."""
    text = listened.text
    if listened.question is None or _is_offered(text, state):
        return _without_search(text, listened.intent, state)
    by_rule, whole = listened.question
    check = by_rule.check
    if state.language_chosen and check.language != state.language:
        check = assess(text, language=state.language)
    leans = state.last_question and is_short(text)
    leaning = f"{state.last_question} {text}" if leans else None
    return Heard(
        text=text,
        language=language_of(text),
        triage=by_rule.danger,
        danger=search.danger(text, by_rule.written),
        intent=listened.intent,
        whole=whole,
        parts=tuple(Question(text=part, hits=search.search(part, now=now)) for part in by_rule.parts),
        leaning=Question(text=leaning, hits=search.search(leaning, now=now)) if leaning else None,
        check=check,
        wanted=by_rule.wanted,
    )


def _by_rule(text: str, search: Search, forms: Mapping[str, Form]) -> _ByRule:
    danger = triage(text)
    form = wanted(forms.values(), text)
    return _ByRule(
        route(text),
        danger,
        search.written(text, danger),
        assess(text),
        split_questions(text),
        next((id for id, candidate in forms.items() if candidate is form), None),
    )


def _is_question(intent: Intent) -> bool:
    return intent.wish is Wish.QUESTION and intent.number is None


def _is_offered(text: str, state: State) -> bool:
    return any(text in (choice.value, choice.label) for choice in state.offered)


def _without_search(text: str, intent: Intent, state: State) -> Heard:
    # “human” from a button is no English; as the first word of a chat it is
    spoken = intent.wish is not Wish.QUESTION and (not is_value(text) or state == State())
    return Heard(
        text=text,
        language=language_of(text) if spoken else None,
        triage=triage(text),
        intent=intent,
        whole=Question(text=text, hits=()),
    )
