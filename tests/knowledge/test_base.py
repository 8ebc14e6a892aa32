from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Event

import pytest

from knowledge import artefacts
from knowledge.base import KnowledgeBase
from knowledge.build import build
from knowledge.errors import BuildError
from knowledge.fusion import FUSION_FILE, load_fusion
from tests.knowledge.content_files import DIVORCE, WAGES, write_content
from tests.knowledge.fakes import HashEncoder

TODAY = date(2026, 11, 23)


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Seconds()


@pytest.fixture
def out(tmp_path):
    rebuild(tmp_path / "out", WAGES)
    return tmp_path / "out"


def rebuild(out, *entries, encoder=None):
    content = write_content(out.with_name("content"), *entries)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return build(
        content, out, encoder=encoder or HashEncoder(), today=TODAY, now=now, refuse_problems=False
    ).path


def entries(base):
    return [entry.id for entry in base.retriever.opened.entries]


def test_a_new_build_is_taken_up_within_a_second_and_not_looked_for_more_often(out, clock):
    base = KnowledgeBase(out, HashEncoder(), clock=clock)
    rebuild(out, WAGES, DIVORCE)

    clock.now = 0.9
    assert entries(base) == [WAGES["id"]]
    clock.now = 1.0
    assert entries(base) == [WAGES["id"], DIVORCE["id"]]


def test_without_a_new_build_the_retriever_stays_the_same(out, clock):
    base = KnowledgeBase(out, HashEncoder(), clock=clock)
    before = base.retriever
    clock.now = 5.0

    assert base.retriever is before


def test_a_search_under_way_keeps_its_build(out, clock):
    base = KnowledgeBase(out, HashEncoder(), clock=clock)
    old = base.retriever
    for extra in (DIVORCE, DIVORCE | {"topics": ["B06"]}, DIVORCE | {"topics": ["B07"]}):
        rebuild(out, WAGES, extra)
    clock.now = 2.0

    assert entries(base) == [WAGES["id"], DIVORCE["id"]]
    assert [hit.entry.id for hit in old.search("工钱要不到咋办", today=TODAY)] == [WAGES["id"]]


def test_a_build_that_cannot_be_opened_is_passed_over_and_told(out, clock):
    errors = []
    base = KnowledgeBase(out, HashEncoder(), clock=clock, on_error=errors.append)
    path = rebuild(out, WAGES, DIVORCE)
    (path / artefacts.VECTORS).write_bytes(b"")

    for clock.now in (1.0, 2.0, 3.0):
        assert entries(base) == [WAGES["id"]]

    assert [type(error) for error in errors] == [BuildError]


def test_coefficients_beside_the_builds_replace_the_shipped_ones(out, clock):
    base = KnowledgeBase(out, HashEncoder(), clock=clock)
    assert base.thresholds == load_fusion().thresholds
    raw = load_fusion()

    raw.save(out / "other.json")
    text = (out / "other.json").read_text("utf-8").replace('"answer": 0.', '"answer": 0.9', 1)
    (out / FUSION_FILE).write_text(text, "utf-8")
    clock.now = 1.0

    assert base.thresholds != raw.thresholds


def test_nothing_built_is_an_error_at_the_start(tmp_path):
    with pytest.raises(BuildError, match="run: anwen knowledge build"):
        KnowledgeBase(tmp_path, HashEncoder())


def test_searches_go_on_while_a_build_is_being_opened(out, clock):
    opening, may_finish = Event(), Event()

    class Slow(HashEncoder):
        """Opening asks for its name; the second time it takes long."""

        @property
        def name(self):
            if self.encoded < 0:
                opening.set()
                may_finish.wait(5)
            return "hash@1"

        @name.setter
        def name(self, value):
            pass

    encoder = Slow()
    base = KnowledgeBase(out, encoder, clock=clock)
    rebuild(out, WAGES, DIVORCE)
    encoder.encoded = -10_000
    clock.now = 1.0
    with ThreadPoolExecutor(1) as threads:
        reloading = threads.submit(lambda: entries(base))
        assert opening.wait(5)

        assert entries(base) == [WAGES["id"]]

        may_finish.set()
        assert reloading.result(5) == [WAGES["id"], DIVORCE["id"]]


def test_many_threads_search_while_builds_change(out, clock):
    base = KnowledgeBase(out, HashEncoder(), clock=lambda: clock.now)

    def search(number):
        clock.now += 0.2
        return base.search(f"工钱要不到咋办{number}", today=TODAY)[0].entry.id

    with ThreadPoolExecutor(4) as threads:
        found = threads.map(search, range(60))
        for topic in ("B06", "B07", "B08"):
            rebuild(out, WAGES, DIVORCE | {"topics": [topic]})

        assert set(found) == {WAGES["id"]}
