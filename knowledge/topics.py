"""The topic map: what people must find an answer to, in groups. `topics.yaml`: ids and names only."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from knowledge.errors import ContentError
from knowledge.yaml_files import Shape, parse, read_yaml

TOPICS_FILE = "topics.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicGroup:
    """One subject of the map. Its topics are numbered from one: A01, A02, …"""

    letter: str
    name: str
    count: int  # of all its topics
    core: tuple[str, ...]  # ids of the ★ topics, which must be answered

    @property
    def ids(self) -> tuple[str, ...]:
        """Every topic of the group, in order."""
        return tuple(f"{self.letter}{number:02d}" for number in range(1, self.count + 1))


def load_topics(content: Path) -> tuple[TopicGroup, ...]:
    """The groups of `content`, in the order of the file. Raises ContentError."""
    raw = read_yaml(content / TOPICS_FILE, name=TOPICS_FILE)
    groups = tuple(item.made() for item in parse(_Table, raw, file=TOPICS_FILE, key="topics").topics)
    for letter, uses in Counter(group.letter for group in groups).items():
        if uses > 1:
            raise ContentError(TOPICS_FILE, letter, "is the letter of two groups", "join them")
    return groups


class _Group(Shape):
    letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    name: Annotated[str, StringConstraints(pattern=r"\w")]
    count: int = Field(ge=1, le=99)
    core: tuple[str, ...]

    def made(self) -> TopicGroup:
        group = TopicGroup(letter=self.letter, name=self.name, count=self.count, core=self.core)
        for id, uses in Counter(self.core).items():
            if id not in group.ids:
                fix = f"use {group.ids[0]} to {group.ids[-1]}, or correct count"
                raise ContentError(TOPICS_FILE, f"{self.letter}: core", f"{id} is none of its topics", fix)
            if uses > 1:
                raise ContentError(TOPICS_FILE, f"{self.letter}: core", f"{id} is named twice", "remove one")
        return group


class _Table(Shape):
    topics: tuple[_Group, ...]
