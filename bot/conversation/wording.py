"""Turns phrases and entries into replies: the only place that lays out text. Pure.

Phrases come from `knowledge/content/phrases.<language>.yaml`; channels add markup, never words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation.model import Choice, Citation, Reply
from knowledge.entries import Answer, Entry

LANGUAGES = ("zh", "en")
HUMAN = "human"  # the value a “talk to a person” button sends
_PARTS = ("where", "bring", "time", "cost", "note", "human")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """All phrases, with the district's names filled in by `values`."""

    phrases: Mapping[str, Mapping[str, str]]  # language → key → text
    values: Mapping[str, Mapping[str, str]]  # language → placeholder → text
    zone: ZoneInfo  # the district's

    def say(self, key: str, language: str, **more: object) -> str:
        """The phrase `key`. Raises KeyError for a key that is not in the phrase file (a test checks all)."""
        return self.phrases[language][key].format_map({**self.values[language], **more})

    def reply(self, key: str, language: str, *, choices: tuple[Choice, ...] = (), **more: object) -> Reply:
        """The phrase as a reply."""
        return Reply(text=self.say(key, language, **more), choices=choices)

    def clock(self, at: datetime, language: str, *, now: datetime) -> str:
        """A moment as people say it in the district: 今天 15:30, 11月25日 09:00."""
        local, today = at.astimezone(self.zone), now.astimezone(self.zone).date()
        days = (local.date() - today).days
        if days in (0, 1):
            return f"{self.say('today' if days == 0 else 'tomorrow', language)} {local:%H:%M}"
        if language == "zh":
            return f"{local.month}月{local.day}日 {local:%H:%M}"
        return f"{local:%d %b %H:%M}"

    def person(self, language: str) -> Choice:
        """The button that asks for a person."""
        return Choice(label=self.say("person_button", language), value=HUMAN)

    def answer(self, entry: Entry, language: str) -> Reply:
        """The whole reviewed answer with its sources."""
        answer = entry.answer_in(language)
        lines = [answer.lead]
        if answer.steps:
            lines += ["", self.say("steps", language)]
            lines += [f"{number}. {step}" for number, step in enumerate(answer.steps, start=1)]
        parts = [self._part(part, answer, language) for part in _PARTS]
        shown = [part for part in parts if part]
        if shown:
            lines += ["", *shown]
        text = "\n".join(lines)
        if language == "en" and entry.english is None:
            text = f"{self.say('only_chinese', language)}\n{text}"
        return Reply(text=text, sources=citations(entry))

    def facet(self, entry: Entry, part: str, language: str) -> Reply | None:
        """One part of an answer, asked for by a follow-up; None when the entry does not speak of it."""
        answer = entry.answer_in(language)
        value = getattr(answer, part)
        if value is None:
            return None
        head = self.say("follow_up", language, question=entry.question_in(language))
        return Reply(text=f"{head}\n{value}", sources=citations(entry))

    def _part(self, part: str, answer: Answer, language: str) -> str | None:
        value = getattr(answer, part)
        if value is None:
            return None
        colon = "：" if language == "zh" else ": "
        return f"{self.say(part, language)}{colon}{value}"


def citations(entry: Entry) -> tuple[Citation, ...]:
    """The entry's sources as people see them."""
    return tuple(
        Citation(title=source.title, article=source.article, url=None, reviewed_on=entry.reviewed_on)
        for source in entry.sources
    )
