"""`anwen eval`: the development questions through the retriever and through the whole bot."""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import build
from bot.config import Config
from bot.conversation.engine import Engine
from bot.conversation.model import Address, Message
from knowledge.entries import Entry
from knowledge.evaluation import Question, answers, evaluate, load_questions
from knowledge.evaluation_report import render_markdown

ANSWERS = frozenset({"answer", "emergency", "alert"})
FOLLOW_UPS = "dialogs/followups.jsonl"
DANGER = "dialogs/danger.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A share: how many of how many."""

    name: str
    good: int
    of: int

    @property
    def line(self) -> str:
        """A row of the report."""
        share = f"{self.good / self.of:.3f}" if self.of else "-"
        return f"| {self.name} | {share} | {self.good} / {self.of} |"


def run_evaluation(config: Config, folder: Path, *, split: str) -> str:
    """The report as Markdown, over one split of the questions below `folder` (tune, test or all)."""
    chosen: Any = None if split == "all" else split
    questions = load_questions(folder, split=chosen)
    with build(config, keep_conversations=False) as app:
        now = datetime.now(UTC)
        today = now.astimezone(config.district.zone).date()
        entries = app.library.entries(now)
        report = evaluate(
            questions,
            lambda text, *, today, limit=5: app.library.search(text, now=now)[:limit],
            thresholds=app.library.thresholds,
            today=today,
        )
        tallies = [
            *_whole_bot(app.engine, questions, entries),
            *_follow_ups(app.engine, folder / FOLLOW_UPS, entries, split),
            *_dangers(app.engine, folder / DANGER, split),
        ]
    return f"{render_markdown(report)}\n\n{_table(tallies)}\n"


def _table(tallies: Iterable[Tally]) -> str:
    head = "## The whole bot\n\nEach question in a new conversation, through `anwen ask`.\n\n"
    return head + "\n".join(["| what | share | count |", "|---|---|---|", *(tally.line for tally in tallies)])


def _ask(engine: Engine, *texts: str) -> dict[str, Any]:
    """The last object of a new conversation in which `texts` are said in turn."""
    sender = Address(channel="eval", user=secrets.token_hex(8))
    outcomes = [engine.handle(Message(sender=sender, text=text)) for text in texts]
    return outcomes[-1].to_json("eval")


def _whole_bot(engine: Engine, questions: Sequence[Question], entries: dict[str, Entry]) -> list[Tally]:
    inside = [question for question in questions if question.in_scope]
    outside = [question for question in questions if not question.in_scope]
    said = {question.id: _ask(engine, question.text) for question in questions}
    right = sum(_is_right(question, said[question.id], entries) for question in inside)
    reached = sum(_is_reached(question, said[question.id], entries) for question in inside)
    answered = sum(said[question.id]["turn"]["kind"] in ANSWERS for question in inside)
    false = sum(said[question.id]["turn"]["kind"] in ANSWERS for question in outside)
    return [
        Tally(
            name="in scope: first entry right (answered, or named first when asking back)",
            good=reached,
            of=len(inside),
        ),
        Tally(name="in scope: answered, and right", good=right, of=len(inside)),
        Tally(name="in scope: answered, rightly or not", good=answered, of=len(inside)),
        *_both_answered(inside, said, entries),
        Tally(name="out of scope: answered all the same (bad)", good=false, of=len(outside)),
    ]


def _both_answered(
    inside: Sequence[Question], said: dict[str, Any], entries: dict[str, Entry]
) -> list[Tally]:
    """Of the messages with two questions, those that got both answers."""
    double = [question for question in inside if question.also]
    both = sum(
        all(_is_said(wanted, said[question.id], entries) for wanted in (question.gold, question.also))
        for question in double
    )
    return (
        [Tally(name="two questions in one message: both answered", good=both, of=len(double))]
        if double
        else []
    )


def _is_said(wanted: Sequence[str], said: dict[str, Any], entries: dict[str, Entry]) -> bool:
    """Whether some reply is the answer of an entry that is wanted."""
    leads = [entry.answer.lead for entry in entries.values() if answers(entry, wanted)]
    return any(lead in reply["text"] for lead in leads for reply in said["replies"])


def _is_right(question: Question, said: dict[str, Any], entries: dict[str, Entry]) -> bool:
    return said["turn"]["kind"] in ANSWERS and _is_reached(question, said, entries)


def _is_reached(question: Question, said: dict[str, Any], entries: dict[str, Entry]) -> bool:
    entry = entries.get(said["turn"]["entry"] or "")
    return entry is not None and question.is_answered_by(entry)


def _follow_ups(engine: Engine, path: Path, entries: dict[str, Entry], split: str) -> list[Tally]:
    lines = _lines(path, split)
    good = 0
    for line in lines:
        entry = entries.get(_ask(engine, line["first"], line["text"])["turn"]["entry"] or "")
        gold = set(line["gold"])
        good += entry is not None and (entry.id in gold or not gold.isdisjoint(entry.topics))
    return (
        [Tally(name="follow-ups: right entry on the second turn", good=good, of=len(lines))] if lines else []
    )


def _dangers(engine: Engine, path: Path, split: str) -> list[Tally]:
    lines = _lines(path, split)
    urgent = [line for line in lines if line["urgent"]]
    calm = [line for line in lines if not line["urgent"]]
    caught = sum(_ask(engine, line["text"])["turn"]["urgent"] for line in urgent)
    alarmed = sum(_ask(engine, line["text"])["turn"]["kind"] == "emergency" for line in calm)
    return (
        [
            Tally(name="danger: recognised", good=caught, of=len(urgent)),
            Tally(name="no danger: alarmed all the same (bad)", good=alarmed, of=len(calm)),
        ]
        if lines
        else []
    )


def _lines(path: Path, split: str) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [line for line in lines if split == "all" or line["split"] == split]
