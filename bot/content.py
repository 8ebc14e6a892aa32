"""Reads the small content files beside the entries: phrases, and what stands behind the emergency words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.wording import LANGUAGES, Wording
from intents.forms.commands import BUTTON
from intents.triage import Crisis, Stage
from knowledge.errors import ContentError
from knowledge.problems import Problem, problem_of
from knowledge.yaml_files import read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`desk.yaml`: crisis or stage → backing entry, entry → crisis or stage it tells of, the quick topics."""

    danger: dict[str, str]
    meanings: dict[str, str]
    menu: tuple[str, ...]


def load_wording(content: Path, values: Mapping[str, Mapping[str, Any]], *, zone: ZoneInfo) -> Wording:
    """All phrases. Raises ContentError when a language lacks a phrase another has."""
    phrases = {language: _phrases(content / f"phrases.{language}.yaml") for language in LANGUAGES}
    keys = set[str]().union(*phrases.values())
    for language, known in phrases.items():
        for key in sorted(keys - known.keys()):
            raise ContentError(
                f"phrases.{language}.yaml", key, "is missing", "add it as in the other language"
            )
    return Wording(phrases=phrases, values=values, zone=zone)


def load_desk(content: Path) -> Desk:
    """The desk file. Raises ContentError when a part is missing or not text."""
    raw = _mapping(content / "desk.yaml")
    danger, meanings, menu = raw.get("danger"), raw.get("meanings"), raw.get("menu")
    if not isinstance(danger, dict) or not isinstance(meanings, dict) or not isinstance(menu, list):
        raise ContentError("desk.yaml", "danger, meanings, menu", "is missing", "see the shipped desk.yaml")
    labels = {*Crisis, *Stage}
    for id, label in meanings.items():
        if label not in labels:
            raise ContentError(
                "desk.yaml", f"meanings.{id}", f"‘{label}’ is no danger", "see intents/triage.py"
            )
    return Desk(
        danger={str(key): str(value) for key, value in danger.items()},
        meanings={str(key): str(value) for key, value in meanings.items()},
        menu=tuple(str(id) for id in menu),
    )


def unknown_entries(content: Path, known: Collection[str]) -> list[Problem]:
    """The entries that the desk file names but nobody wrote: emergency words without a source, dead buttons."""
    try:
        desk = load_desk(content)
    except ContentError as error:
        return [problem_of(error)]
    named = [
        *((f"danger.{danger}", id) for danger, id in desk.danger.items()),
        *((f"meanings.{id}", id) for id in desk.meanings),
        *(("menu", id) for id in desk.menu if not id.startswith(BUTTON)),
    ]
    return [
        Problem(
            file="desk.yaml", id="", key=key, message=f"there is no entry ‘{id}’", fix="name one that exists"
        )
        for key, id in named
        if id not in known
    ]


def _phrases(path: Path) -> dict[str, str]:
    raw = _mapping(path)
    for key, value in raw.items():
        if not isinstance(value, str):
            raise ContentError(path.name, str(key), f"‘{value}’ is not text", "put it in quotes")
    return raw


def _mapping(path: Path) -> dict[str, Any]:
    try:
        raw = read_yaml(path, name=path.name)
    except OSError as error:
        raise ContentError(
            path.name, "-", f"cannot be read ({error.strerror})", "restore the file"
        ) from error
    if not isinstance(raw, dict):
        raise ContentError(path.name, "-", "is not a list of keys", "see the shipped file")
    return raw
