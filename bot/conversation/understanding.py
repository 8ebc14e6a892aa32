"""Understands a message as far as that needs no lock: danger, wish, language, what the knowledge base has."""

from datetime import datetime
from typing import Protocol

from bot.conversation.buttons import is_value
from bot.conversation.model import State
from bot.conversation.playbook import Heard, Question
from intents.danger_reader import Danger
from intents.fraud.assess import assess
from intents.router import Intent, Wish, is_short, language_of, route, split_questions
from intents.triage import Triage, triage
from knowledge.entries import Entry
from knowledge.hits import Hit, Thresholds


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

    def danger(self, text: str, found: Triage) -> Danger | None:
        """How likely `text` is by somebody in danger, given what the rules found; None where nothing can tell."""
        ...


def understand(text: str, state: State, search: Search, *, longest: int, now: datetime) -> Heard | None:
    """None when there is nothing to understand: empty, or longer than anybody reads (`longest` characters)."""
    text = text.strip()
    danger = triage(text[:longest])
    if not text or (len(text) > longest and not danger.urgent):
        return None
    intent = route(text)
    if intent.wish is not Wish.QUESTION or intent.number is not None or _is_button(text, state):
        return _without_search(text, danger, intent, state)
    return _searched(text[:longest], danger, intent, state, search, now)


def _searched(
    text: str, danger: Triage, intent: Intent, state: State, search: Search, now: datetime
) -> Heard:
    parts = split_questions(text)
    leans = state.last_question and is_short(text)
    leaning = f"{state.last_question} {text}" if leans else None
    return Heard(
        text=text,
        language=language_of(text),
        triage=danger,
        danger=search.danger(text, danger),
        intent=intent,
        whole=Question(text=text, hits=search.search(text, now=now)),
        parts=tuple(Question(text=part, hits=search.search(part, now=now)) for part in parts),
        leaning=Question(text=leaning, hits=search.search(leaning, now=now)) if leaning else None,
        check=assess(text, language=state.language if state.language_chosen else None),
    )


def _is_button(text: str, state: State) -> bool:
    return is_value(text) or any(text in (choice.value, choice.label) for choice in state.offered)


def _without_search(text: str, danger: Triage, intent: Intent, state: State) -> Heard:
    # “human” from a button is no English; as the first word of a chat it is
    spoken = intent.wish is not Wish.QUESTION and (not is_value(text) or state == State())
    return Heard(
        text=text,
        language=language_of(text) if spoken else None,
        triage=danger,
        intent=intent,
        whole=Question(text=text, hits=()),
    )
