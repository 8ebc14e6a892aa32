"""The door between YAML (or compiled JSON) and `Entry`: everything is checked here, once."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticKnownError

from knowledge.entries import Answer, Audience, Certainty, Domain, EnglishText, Entry, Queue, Source
from knowledge.errors import ContentError
from knowledge.yaml_files import Shape, complaints, read_yaml

Text = Annotated[str, StringConstraints(pattern=r"\w")]  # with at least one letter or digit
EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z0-9-]+){2}$")]
ReaderName = Annotated[str, StringConstraints(pattern=r"\w", max_length=24)]
# YAML reads 2025-06-12 as a date and 2025 as a number; both are meant as written. 截至2026-11 is fine too.
DateText = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"(19|20)\d{2}", max_length=24)]


class _Source(Shape):
    law: Text | None = None
    article: Text | None = None
    body: Text | None = None
    title: Text | None = None
    date: DateText | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "_Source":
        is_law = self.law is not None and not (self.body or self.title or self.date)
        is_document = bool(self.body and self.title and self.date) and not (self.law or self.article)
        if not is_law and not is_document:
            raise ValueError("write either law and article, or body, title and date")
        return self

    def made(self) -> Source:
        return Source(
            law=self.law, article=self.article, body=self.body, document=self.title, published=self.date
        )


class _Answer(Shape):
    lead: Text
    steps: tuple[Text, ...] = ()
    where: Text | None = None
    bring: Text | None = None
    time: Text | None = None
    cost: Text | None = None
    note: Text | None = None
    human: Text | None = None

    def answer(self) -> Answer:
        return Answer(**{key: getattr(self, key) for key in _Answer.model_fields})


class _English(_Answer):
    question: Text
    variants: tuple[Text, ...] = ()

    def made(self) -> EnglishText:
        return EnglishText(question=self.question, variants=self.variants, answer=self.answer())


class _Next(Shape):
    queue: Queue


class _Entry(Shape):
    id: EntryId
    domain: Domain
    topics: tuple[Text, ...] = ()
    audience: tuple[Audience, ...] = Field(min_length=1)
    question: Text
    variants: tuple[Text, ...] = ()
    asked_in_english: tuple[Text, ...] = ()
    answer: _Answer
    en: _English | None = None
    sources: tuple[_Source, ...] = ()
    certainty: Certainty
    valid_from: date | None = None
    valid_until: date | None = None
    reviewed_on: date
    checked_by: ReaderName | None = None
    checked_on: date | None = Field(default=None, validate_default=True)
    owner: Queue
    related: tuple[EntryId, ...] = ()
    next: _Next
    # Only in compiled files.
    bound_from: date | None = None
    bound_until: date | None = None
    file: str = ""

    @field_validator("checked_on")
    @classmethod
    def _signed_and_dated(cls, day: date | None, info: ValidationInfo) -> date | None:
        reader = info.data.get("checked_by")
        if reader is not None and day is None:
            raise PydanticKnownError("missing")
        # A name that was refused is a complaint of its own.
        if day is not None and reader is None and "checked_by" in info.data:
            raise ValueError("nobody signs it; write checked_by as well")
        return day

    def made(self) -> Entry:
        return Entry(
            **{key: getattr(self, key) for key in _SAME},
            answer=self.answer.answer(),
            english=self.en.made() if self.en else None,
            sources=tuple(source.made() for source in self.sources),
            queue=self.next.queue,
        )


# Keys that an entry has under the same name, with the same type.
_SAME = [key for key in _Entry.model_fields if key not in ("answer", "en", "sources", "next")]


def entry_from(raw: object, *, file: str, place: str) -> Entry:
    """One entry of a file. Raises ContentError for its first mistake."""
    entry, errors = _try_entry(raw, file=file, place=place)
    if entry is None:
        raise errors[0]
    return entry


def entry_document(entry: Entry) -> dict[str, Any]:
    """The entry as JSON data that `entry_from` reads back to an equal entry."""
    raw = asdict(entry)
    english = raw.pop("english")
    raw["en"] = {**english.pop("answer"), **english} if english else None
    raw["next"] = {"queue": raw.pop("queue")}
    raw["sources"] = [
        {
            "law": source.law,
            "article": source.article,
            "body": source.body,
            "title": source.document,
            "date": source.published,
        }
        for source in entry.sources
    ]
    for key in ("valid_from", "valid_until", "reviewed_on", "checked_on", "bound_from", "bound_until"):
        raw[key] = raw[key] and raw[key].isoformat()
    return raw


def read_entries(content: Path) -> tuple[tuple[Entry, ...], tuple[ContentError, ...]]:
    """Every entry below `content` that can be read, in order of file and place, and every mistake found.

    Entries live in folders (`faq/legal/labor.yaml`); files directly in `content` are tables.
    """
    entries: list[Entry] = []
    errors: list[ContentError] = []
    for path in sorted(content.glob("*/**/*.yaml")):
        file = path.relative_to(content).as_posix()
        try:
            raw_entries = list(_listed(read_yaml(path, name=file), file=file))
        except ContentError as error:
            errors.append(error)
            continue
        for number, raw in enumerate(raw_entries):
            entry, found = _try_entry(raw, file=file, place=f"entries[{number}]")
            entries.extend([entry] if entry else [])
            errors.extend(found)
    return tuple(entries), tuple(errors)


def load_entries(content: Path) -> tuple[Entry, ...]:
    """Every entry below `content`. Raises ContentError for the first mistake."""
    entries, errors = read_entries(content)
    if errors:
        raise errors[0]
    return entries


def _listed(raw: object, *, file: str) -> Iterator[object]:
    if not isinstance(raw, dict) or not isinstance(raw.get("entries"), list) or set(raw) != {"entries"}:
        raise ContentError(file, "entries", "is not the one top-level list", "start the file with `entries:`")
    yield from raw["entries"]


def _try_entry(raw: object, *, file: str, place: str) -> tuple[Entry | None, list[ContentError]]:
    key = str(raw["id"]) if isinstance(raw, dict) and raw.get("id") else place
    if isinstance(raw, dict):
        raw = {"file": file, **raw}
    try:
        shape = _Entry.model_validate(raw)
    except ValidationError as error:
        return None, complaints(error, file=file, key=key)
    return shape.made(), []
