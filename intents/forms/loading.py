"""Reads the declared forms, `intents/forms/*.yaml`, and says in which file and line of thought something is wrong."""

import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from intents.forms.model import Condition, Finish, Form, Option, Side, Slot, SlotKind, Text
from intents.triage import Stage
from knowledge.entries import Domain, Queue
from knowledge.errors import ContentError
from knowledge.yaml_files import Shape, parse, read_yaml

FOLDER = Path(__file__).parent
_ID = r"^[a-z][a-z0-9_]{1,39}$"
_YES_NO = [
    {"id": "yes", "label": {"zh": "是", "en": "Yes"}},
    {"id": "no", "label": {"zh": "否", "en": "No"}},
]


def _yes_no(value: object) -> object:
    """`options: yes_no` spares an editor the two options everybody knows."""
    return _YES_NO if value == "yes_no" else value


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _Text(Shape):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def value(self) -> Text:
        return Text(zh=self.zh, en=self.en)


_When = Annotated[dict[str, Annotated[list[str], BeforeValidator(_one_or_more)]], Field(default_factory=dict)]


class _Option(Shape):
    id: str = Field(pattern=_ID)
    label: _Text
    words: tuple[str, ...] = ()
    when: _When

    def value(self) -> Option:
        return Option(id=self.id, label=self.label.value(), words=self.words, when=_condition(self.when))


class _Slot(Shape):
    id: str = Field(pattern=_ID)
    kind: SlotKind
    label: _Text | None = None
    ask: _Text | None = None
    help: _Text | None = None
    options: Annotated[list[_Option], BeforeValidator(_yes_no), Field(default_factory=list)]
    when: _When
    optional: bool = False
    cues: tuple[str, ...] = ()
    many: bool = False
    public_body: bool = False
    side: Side = Side.PAST
    not_before: str | None = None
    default_from: str | None = None
    remember: str | None = None
    opening: bool = False
    compute: str | None = None
    entry: str | None = None

    def value(self) -> Slot:
        none = Text(zh="", en="")
        own = ("label", "ask", "help", "options", "when")
        return Slot(
            label=self.label.value() if self.label else none,
            ask=self.ask.value() if self.ask else none,
            help=self.help.value() if self.help else None,
            options=tuple(option.value() for option in self.options),
            when=_condition(self.when),
            **{name: getattr(self, name) for name in type(self).model_fields if name not in own},
        )


class _Finish(Shape):
    done: _Text
    ticket: Queue | None = None
    urgent: bool = False
    ticket_when: _When
    card: str | None = None
    documents: tuple[str, ...] = ()
    documents_when: _When
    remind: str | None = None
    remind_when: _When
    summary: _Text | None = None

    def value(self) -> Finish:
        return Finish(
            done=self.done.value(),
            ticket=self.ticket,
            urgent=self.urgent,
            ticket_when=_condition(self.ticket_when),
            card=self.card,
            documents=self.documents,
            documents_when=_condition(self.documents_when),
            remind=self.remind,
            remind_when=_condition(self.remind_when),
            summary=self.summary.value() if self.summary else None,
        )


class _Form(Shape):
    id: str = Field(pattern=_ID)
    title: _Text
    intro: _Text
    domain: Domain
    slots: list[_Slot] = Field(min_length=1)
    finish: _Finish
    wordings: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    beside_staff: bool = False
    expects: tuple[Stage, ...] = ()
    confirm: bool = True
    confirm_when: _When

    def value(self) -> Form:
        return Form(
            id=self.id,
            title=self.title.value(),
            intro=self.intro.value(),
            domain=self.domain,
            slots=tuple(slot.value() for slot in self.slots),
            finish=self.finish.value(),
            wordings=self.wordings,
            entries=self.entries,
            beside_staff=self.beside_staff,
            expects=frozenset(stage.value for stage in self.expects),
            confirm=_condition(self.confirm_when) if self.confirm else None,
        )


def _condition(when: _When) -> Condition:
    return Condition(allowed={slot: frozenset(values) for slot, values in when.items()})


def load_forms(computes: Collection[str], *, folder: Path = FOLDER) -> dict[str, Form]:
    """Every declared form by its id, in the order of the file names.

    Args:
        computes: the names a note may ask to be worked out.

    Raises ContentError for the first thing that is wrong.
    """
    forms: dict[str, Form] = {}
    for form, errors in read_forms(computes, folder=folder):
        for error in errors:
            raise error
        assert form is not None, "a file without errors is a form"
        forms[form.id] = form
    return forms


def read_forms(
    computes: Collection[str], *, folder: Path = FOLDER
) -> Iterator[tuple[Form | None, list[ContentError]]]:
    """Each file as a form, with everything that is wrong with it; None when it cannot be read at all."""
    for path in sorted(folder.glob("*.yaml")):
        name = f"forms/{path.name}"
        try:
            form = parse(_Form, read_yaml(path, name=name), file=name, key="form").value()
        except ContentError as error:
            yield None, [error]
            continue
        wrong = [
            ContentError(name, f"{form.id}: {key}", problem, fix)
            for key, problem, fix in _faults(form, computes)
        ]
        if form.id != path.stem:
            wrong.append(
                ContentError(name, "id", f"‘{form.id}’ is not the name of the file", f"write {path.stem}")
            )
        yield form, wrong


_Fault = tuple[str, str, str]  # key, problem, fix


def _faults(form: Form, computes: Collection[str]) -> Iterator[_Fault]:
    seen: dict[str, Slot] = {}
    for slot in form.slots:
        key = f"slots.{slot.id}"
        if slot.id in seen:
            yield key, "is used twice", "rename one"
        yield from _slot_faults(slot, key, computes)
        for name, reference in (("not_before", slot.not_before), ("default_from", slot.default_from)):
            if reference is not None and reference not in seen:
                yield f"{key}.{name}", f"no slot ‘{reference}’ comes before", "name an earlier slot"
        yield from _condition_faults(slot.when, f"{key}.when", seen)
        for option in slot.options:
            yield from _condition_faults(option.when, f"{key}.options.{option.id}.when", seen)
        seen[slot.id] = slot
    finish = form.finish
    if form.confirm is not None:
        yield from _condition_faults(form.confirm, "confirm_when", seen)
    for name in ("ticket_when", "documents_when", "remind_when"):
        yield from _condition_faults(getattr(finish, name), f"finish.{name}", seen)
    if finish.remind is not None and finish.remind not in seen:
        yield "finish.remind", f"there is no slot ‘{finish.remind}’", "name a note"
    yield from _wording_faults(form)


def _slot_faults(slot: Slot, key: str, computes: Collection[str]) -> Iterator[_Fault]:
    if slot.kind is SlotKind.NOTE:
        if slot.compute is not None and slot.compute not in computes:
            yield (
                f"{key}.compute",
                f"‘{slot.compute}’ is unknown",
                f"use one of {', '.join(sorted(computes))}",
            )
        if slot.compute is None and slot.entry is None and not slot.ask.zh:
            yield key, "a note says or computes something", "add ask, entry or compute"
        return
    if not slot.ask.zh or not slot.label.zh:
        yield key, "has no ask or no label", "write what is asked, and its name in the read-back"
    if slot.kind is SlotKind.CHOICE and len(slot.options) < 2:
        yield f"{key}.options", "a choice needs two options", "add them, or write yes_no"
    if slot.kind is not SlotKind.CHOICE and (slot.options or slot.many):
        yield f"{key}.options", f"a {slot.kind} has none", "remove them, or make it a choice"
    ids = [option.id for option in slot.options]
    if len(set(ids)) < len(ids):
        yield f"{key}.options", "two have the same id", "rename one"


def _condition_faults(condition: Condition, key: str, seen: dict[str, Slot]) -> Iterator[_Fault]:
    for name, values in condition.allowed.items():
        slot = seen.get(name)
        if slot is None:
            yield f"{key}.{name}", "no such slot comes before", "name an earlier slot"
        elif slot.kind is SlotKind.CHOICE:
            for value in sorted(values - {"*", "", *(option.id for option in slot.options)}):
                yield f"{key}.{name}", f"‘{value}’ is none of its options", "correct it"


def _wording_faults(form: Form) -> Iterator[_Fault]:
    for wording in form.wordings:
        try:
            re.compile(wording)
        except re.error as error:
            yield "wordings", f"‘{wording}’ is no pattern ({error})", "balance the brackets"


def undeclared(form: Form, entries: Collection[str]) -> Iterator[ContentError]:
    """Entries a form names that do not exist."""
    named = [slot.entry for slot in form.slots if slot.entry is not None]
    for id in (*form.entries, *named):
        if not any(fnmatchcase(entry, id) for entry in entries):
            yield ContentError(
                f"forms/{form.id}.yaml",
                f"{form.id}: entries",
                f"no entry is called {id}",
                "correct or remove it",
            )
