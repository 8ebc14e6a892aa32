"""Stations by name and by location; nothing is shown that the district has not signed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.stations import (
    Point,
    distance_m,
    from_gcj02,
    location,
    map_links,
    named,
    nearest,
    station_finder,
    to_gcj02,
)
from knowledge.hotlines import load_stations

SHIPPED = load_stations(Path(__file__).resolve().parents[2] / "knowledge" / "content")
SIGNED = replace(
    SHIPPED[0],
    name="某某站",
    address="某某路1号",
    phone="12348",
    hours="周一至周五",
    signed_by="区司法局 2026-11-20",
    latitude=30.75,
    longitude=120.70,
)
FAR = replace(SIGNED, id="far", name="远处站", latitude=30.85)
TODAY = date(2026, 11, 24)


def asked(place: str, *, stations=SHIPPED, language: str = "zh") -> str:
    """What the form says about a place."""
    return station_finder(stations)({"place": place}, TODAY, language).text


@pytest.mark.parametrize("text", ["王江泾", "王江泾镇", "我在王江泾那边", "浙江省嘉兴市秀洲区王江泾镇某村"])
def test_a_town_is_known_by_its_name(text):
    assert [station.area for station in named(SHIPPED, text)] == ["王江泾镇"]


def test_a_town_and_a_street_of_one_name_are_told_apart():
    assert {station.area for station in named(SHIPPED, "新塍镇")} == {"新塍镇"}


def test_what_is_not_signed_is_not_shown():
    text = asked("高照街道")

    assert "还没有经区里确认" in text
    assert "以现场公示为准" in text
    assert "12348" in text


def test_a_signed_station_is_shown_with_links_to_maps():
    text = asked(SIGNED.area, stations=[SIGNED])

    assert "某某站 · 某某路1号 · 12348 · 周一至周五" in text
    assert "uri.amap.com" in text
    assert "apis.map.qq.com" in text


def test_the_nearest_station_comes_first_with_its_distance():
    # 0.1 degrees of latitude are 6,371 km × 0.1 × π/180 = 11.12 km
    found = nearest([FAR, SIGNED], Point(latitude=30.75, longitude=120.70))

    assert [station.id for station, _ in found] == [SIGNED.id, "far"]
    assert found[1][1] == pytest.approx(11_119, abs=5)
    assert "约 11.1 公里" in asked("geo:30.75,120.70", stations=[FAR, SIGNED])


def test_without_signed_positions_no_distance_is_made_up():
    text = asked("geo:30.75,120.70")

    assert "位置还没有经区里确认" in text
    assert "公里" not in text


def test_english_is_answered_in_english():
    assert "not confirmed by the district yet" in asked("王店镇", language="en")


@pytest.mark.parametrize("text", ["geo:91,10", "geo:abc", "在geo旁边", ""])
def test_what_is_no_location_is_none(text):
    assert location(text) is None


def test_the_links_use_the_order_and_the_datum_of_each_map():
    shifted = to_gcj02(Point(latitude=30.75, longitude=120.70))
    amap, tencent = map_links(SIGNED)

    assert f"position={shifted.longitude:.6f},{shifted.latitude:.6f}" in amap
    assert f"coord:{shifted.latitude:.6f},{shifted.longitude:.6f}" in tencent


def test_a_known_point_is_shifted_as_published():
    # Tiananmen: WGS-84 39.9076, 116.3912 is about 39.9090, 116.3974 in GCJ-02
    shifted = to_gcj02(Point(latitude=39.9076, longitude=116.3912))

    assert shifted.latitude == pytest.approx(39.9090, abs=0.0005)
    assert shifted.longitude == pytest.approx(116.3974, abs=0.0005)


def test_abroad_nothing_is_shifted():
    paris = Point(latitude=48.8566, longitude=2.3522)

    assert to_gcj02(paris) == paris


@given(st.floats(20, 50), st.floats(80, 130))
def test_there_and_back_is_the_same_place(latitude, longitude):
    point = Point(latitude=latitude, longitude=longitude)

    assert distance_m(from_gcj02(to_gcj02(point)), point) < 1
    assert 0 < distance_m(to_gcj02(point), point) < 1_500
