"""The national short numbers we may name, and the places where people are helped in person."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from knowledge.yaml_files import Shape, parse, read_yaml

HOTLINES_FILE = "hotlines.yaml"
STATIONS_FILE = "stations.yaml"

_Text = Annotated[str, StringConstraints(min_length=1)]


class Evidence(StrEnum):
    """How the use of a number is known."""

    REPORTED = "reported"  # a public source was seen
    GENERAL = "general"  # common knowledge, no source seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotline:
    """One number. Shown only with the wording of the table."""

    number: str
    name: str
    purpose: str
    when: str  # in which situation to call
    certainty: Evidence
    verified: bool  # a source for number and use was seen
    english_name: str
    english_purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Where the people of one town or street are helped in person.

    Name, address, phone and hours are None until the district has signed them; then `instead` is what to say.
    """

    id: str
    area: str  # 新塍镇
    kind: str  # street or town
    district: str
    name: str | None
    address: str | None
    phone: str | None
    hours: str | None
    signed_by: str | None  # office and day
    instead: str
    latitude: float | None = None  # WGS-84
    longitude: float | None = None

    @property
    def may_be_shown(self) -> bool:
        """Whether address and phone are signed and therefore fit to show."""
        return self.signed_by is not None and self.address is not None


def load_hotlines(content: Path) -> tuple[Hotline, ...]:
    """Every hotline, in the order of the table. Raises ContentError."""
    table = parse(
        _Hotlines, read_yaml(content / HOTLINES_FILE, name=HOTLINES_FILE), file=HOTLINES_FILE, key="hotlines"
    )
    return tuple(item.made() for item in table.hotlines)


def load_stations(content: Path) -> tuple[Station, ...]:
    """Every station, in the order of the table. Raises ContentError."""
    table = parse(
        _Stations, read_yaml(content / STATIONS_FILE, name=STATIONS_FILE), file=STATIONS_FILE, key="stations"
    )
    return tuple(Station(**item.model_dump()) for item in table.stations)


class _English(Shape):
    name: _Text
    purpose: _Text


class _Hotline(Shape):
    number: Annotated[str, StringConstraints(pattern=r"^\d{3,11}$")]
    name: _Text
    purpose: _Text
    when: _Text
    certainty: Evidence
    verified: bool
    english: _English

    def made(self) -> Hotline:
        return Hotline(
            **self.model_dump(exclude={"english"}),
            english_name=self.english.name,
            english_purpose=self.english.purpose,
        )


class _Hotlines(Shape):
    hotlines: tuple[_Hotline, ...] = Field(min_length=1)


class _Station(Shape):
    id: _Text
    area: _Text
    kind: _Text
    district: _Text
    name: _Text | None
    address: _Text | None
    phone: _Text | None
    hours: _Text | None
    signed_by: _Text | None
    instead: _Text
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class _Stations(Shape):
    stations: tuple[_Station, ...]
