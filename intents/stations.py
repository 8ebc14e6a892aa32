"""Legal service stations: by the name of a town or street, or nearest to a location; and links to maps. Pure.

Locations come from phones as WGS-84, Chinese maps want GCJ-02. What the district has not signed is not shown.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from intents.forms.model import Text
from intents.forms.steps import Compute, Computed
from knowledge.hotlines import Station

MOST = 3
EARTH_M = 6_371_000.0
_AXIS, _FLATNESS = 6_378_245.0, 0.00669342162296594323  # of the ellipsoid GCJ-02 is made on
_LOCATION = re.compile(r"geo:\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)", re.IGNORECASE)
_KINDS = re.compile(r"(街道|镇|乡)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place on earth in degrees, WGS-84."""

    latitude: float
    longitude: float


def location(text: str) -> Point | None:
    """The location a channel sent as `geo:30.75,120.71`; None for anything else."""
    match = _LOCATION.search(text)
    if match is None:
        return None
    point = Point(latitude=float(match[1]), longitude=float(match[2]))
    inside = -90 <= point.latitude <= 90 and -180 <= point.longitude <= 180
    return point if inside else None


def distance_m(one: Point, other: Point) -> float:
    """Metres as the crow flies."""
    north = math.radians(other.latitude - one.latitude)
    east = math.radians(other.longitude - one.longitude)
    chord = (
        math.sin(north / 2) ** 2
        + math.cos(math.radians(one.latitude))
        * math.cos(math.radians(other.latitude))
        * math.sin(east / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(math.sqrt(chord))


def to_gcj02(point: Point) -> Point:
    """The same place as Chinese maps count: shifted by some hundred metres inside China, unchanged outside."""
    if not (73.66 < point.longitude < 135.05 and 3.86 < point.latitude < 53.55):
        return point
    x, y = point.longitude - 105.0, point.latitude - 35.0
    latitude, longitude = _shift_latitude(x, y), _shift_longitude(x, y)
    angle = math.radians(point.latitude)
    bend = 1 - _FLATNESS * math.sin(angle) ** 2
    latitude = math.degrees(latitude / ((_AXIS * (1 - _FLATNESS)) / (bend * math.sqrt(bend))))
    longitude = math.degrees(longitude / (_AXIS / math.sqrt(bend) * math.cos(angle)))
    return Point(latitude=point.latitude + latitude, longitude=point.longitude + longitude)


def from_gcj02(point: Point) -> Point:
    """The other way round, to less than a metre: what is shifted too far is taken back until it fits."""
    guess = point
    for _ in range(6):
        shifted = to_gcj02(guess)
        guess = Point(
            latitude=guess.latitude + point.latitude - shifted.latitude,
            longitude=guess.longitude + point.longitude - shifted.longitude,
        )
    return guess


def _shift_latitude(x: float, y: float) -> float:
    pi = math.pi
    shift = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    shift += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    shift += (20.0 * math.sin(y * pi) + 40.0 * math.sin(y / 3.0 * pi)) * 2.0 / 3.0
    return shift + (160.0 * math.sin(y / 12.0 * pi) + 320.0 * math.sin(y * pi / 30.0)) * 2.0 / 3.0


def _shift_longitude(x: float, y: float) -> float:
    pi = math.pi
    shift = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    shift += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    shift += (20.0 * math.sin(x * pi) + 40.0 * math.sin(x / 3.0 * pi)) * 2.0 / 3.0
    return shift + (150.0 * math.sin(x / 12.0 * pi) + 300.0 * math.sin(x / 30.0 * pi)) * 2.0 / 3.0


def map_links(station: Station) -> tuple[str, str]:
    """高德 (longitude first) and 腾讯 (latitude first), both in GCJ-02. The station has a signed position."""
    assert station.latitude is not None
    assert station.longitude is not None, "only a station with a position is on a map"
    point = to_gcj02(Point(latitude=station.latitude, longitude=station.longitude))
    name = quote(station.name or station.area)
    amap = f"https://uri.amap.com/marker?position={point.longitude:.6f},{point.latitude:.6f}&name={name}"
    tencent = (
        "https://apis.map.qq.com/uri/v1/marker?marker="
        f"coord:{point.latitude:.6f},{point.longitude:.6f};title:{name}&referer=anwen"
    )
    return amap, tencent


def named(stations: Sequence[Station], text: str) -> tuple[Station, ...]:
    """The stations of the towns and streets a text names, with or without 镇 and 街道; longest names first."""
    found = [station for station in stations if station.area in text]
    return tuple(found or (station for station in stations if _KINDS.sub("", station.area) in text))


def nearest(stations: Sequence[Station], point: Point) -> tuple[tuple[Station, float], ...]:
    """The nearest stations with a signed position, and how many metres away."""
    known = [
        (station, distance_m(point, Point(latitude=station.latitude, longitude=station.longitude)))
        for station in stations
        if station.may_be_shown and station.latitude is not None and station.longitude is not None
    ]
    return tuple(sorted(known, key=lambda pair: pair[1])[:MOST])


def station_finder(stations: Sequence[Station]) -> Compute:
    """The note of the station form, over the shipped or imported table."""

    def found(answers: Mapping[str, str], today: date, language: str) -> Computed:
        place = answers.get("place", "")
        point = location(place)
        if point is not None:
            near = nearest(stations, point)
            if near:
                return Computed(
                    value="found", text="\n".join(_shown(each, language, metres) for each, metres in near)
                )
            return _without_place("no_positions", stations, language)
        here = named(stations, place)
        if here:
            return Computed(value="found", text="\n".join(_shown(each, language) for each in here))
        return _without_place("no_such_place", stations, language)

    return found


_WORDS = {
    "unsigned": Text(
        zh="{area}：{instead}以现场公示为准。",
        en="{area}: address and phone are not confirmed by the district yet. Call 12348 or 12345; "
        "the notice at the door counts.",
    ),
    "no_positions": Text(
        zh="各站点的位置还没有经区里确认，我没法算哪个最近。请告诉我您在哪个镇、街道（{areas}），"
        "或者打 12348、12345 问。",
        en="The positions of the stations are not confirmed yet, so I cannot tell which is nearest. "
        "Tell me your town or street ({areas}), or call 12348 or 12345.",
    ),
    "no_such_place": Text(
        zh="我知道的是秀洲区这几个镇、街道：{areas}。别的地方请打 12348 或 12345 问，也可以问村委会、居委会。",
        en="I know these towns and streets of the district: {areas}. For other places call 12348 or 12345.",
    ),
    "distance": Text(zh="约 {km:.1f} 公里", en="{km:.1f} km"),
    "maps": Text(zh="高德地图：{amap}\n腾讯地图：{tencent}", en="Amap: {amap}\nTencent Maps: {tencent}"),
}


def _say(key: str, language: str, **values: object) -> str:
    return _WORDS[key].said_in(language).format_map(values)


def _shown(station: Station, language: str, metres: float | None = None) -> str:
    if not station.may_be_shown:
        return _say("unsigned", language, area=station.area, instead=station.instead)
    parts = [station.name or station.area, station.address or "", station.phone or "", station.hours or ""]
    if metres is not None:
        parts.insert(1, _say("distance", language, km=metres / 1000))
    lines = [" · ".join(part for part in parts if part)]
    if station.latitude is not None and station.longitude is not None:
        amap, tencent = map_links(station)
        lines.append(_say("maps", language, amap=amap, tencent=tencent))
    return "\n".join(lines)


def _without_place(key: str, stations: Sequence[Station], language: str) -> Computed:
    areas = "、".join(station.area for station in stations)
    return Computed(value="unknown", text=_say(key, language, areas=areas))
