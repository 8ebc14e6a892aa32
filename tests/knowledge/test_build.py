import json
import os
from datetime import UTC, date, datetime

import numpy as np
import pytest

from knowledge import artefacts
from knowledge.build import build
from knowledge.errors import BuildError, ContentError
from tests.knowledge.content_files import DIVORCE, WAGES, changed, write_content, write_yaml
from tests.knowledge.fakes import HashEncoder

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.fixture
def content(tmp_path):
    return write_content(tmp_path / "content")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "knowledge"


def built(content, out, **keys):
    return build(content, out, **({"encoder": HashEncoder(), "today": TODAY, "now": NOW} | keys))


def test_a_build_becomes_current_and_says_what_it_is(content, out):
    result = built(content, out)

    assert artefacts.current_build(out) == result.path
    assert artefacts.read_manifest(result.path) == result.manifest
    assert (result.manifest.entries, result.manifest.encoder, result.manifest.dim) == (2, "hash@1", 256)
    assert result.manifest.built_at == NOW
    assert result.encoded == result.manifest.rows == 18
    assert not list(out.rglob("*.tmp*"))


def test_only_changed_rows_are_encoded_again(content, out):
    built(content, out)
    write_content(content, WAGES, changed(DIVORCE, variants=[*DIVORCE["variants"], "闪婚闪离要哪些材料"]))
    encoder = HashEncoder()
    steps = []

    result = built(content, out, encoder=encoder, progress=lambda done, total: steps.append((done, total)))

    assert (encoder.encoded, result.encoded, steps) == (1, 1, [(1, 1)])
    fresh = built(content, out.with_name("fresh"))
    for name in (artefacts.VECTORS, artefacts.ROW_KEYS):
        assert np.array_equal(np.load(result.path / name), np.load(fresh.path / name))


def test_progress_counts_every_row(content, out):
    steps = []

    result = built(content, out, progress=lambda done, total: steps.append((done, total)))

    assert steps[-1] == (result.encoded, result.encoded)


def test_the_same_content_is_not_built_twice(content, out):
    first = built(content, out)

    second = built(content, out, now=datetime(2027, 1, 1, tzinfo=UTC))

    assert (second.path, second.encoded) == (first.path, 0)
    assert second.manifest.built_at == NOW


def test_a_build_that_lost_a_file_is_built_again_beside_it(content, out):
    first = built(content, out)
    (first.path / artefacts.ASKED).unlink()

    second = built(content, out)

    assert second.path != first.path
    assert artefacts.is_complete(second.path)
    assert artefacts.current_build(out) == second.path


def test_another_encoder_encodes_everything_again(content, out):
    built(content, out)

    result = built(content, out, encoder=HashEncoder(name="hash@2"))

    assert result.encoded == result.manifest.rows


def test_two_builds_are_kept(content, out):
    for year in range(5):
        write_content(content, changed(WAGES, note_year=..., topics=[f"E1{year}"]), DIVORCE)
        built(content, out)

    assert len(artefacts.builds(out)) == 2
    assert artefacts.current_build(out) in artefacts.builds(out)


def test_problems_are_refused_by_name_and_leave_the_old_build(content, out):
    first = built(content, out)
    write_content(content, WAGES, changed(DIVORCE, related=["legal.a.missing"]))

    with pytest.raises(BuildError, match=r"no entry is called legal\.a\.missing"):
        built(content, out)

    assert artefacts.current_build(out) == first.path
    assert built(content, out, refuse_problems=False).path != first.path


def test_unreadable_content_is_refused_even_when_problems_are_not(content, out):
    write_content(content, changed(WAGES, domain="x"))

    with pytest.raises(ContentError, match="domain"):
        built(content, out, refuse_problems=False)


def test_entries_under_review_are_left_out(content, out):
    write_content(content, WAGES, changed(DIVORCE, certainty="review"))

    result = built(content, out)

    assert [raw["id"] for raw in json.loads((result.path / artefacts.ENTRIES).read_bytes())] == [WAGES["id"]]


def test_content_without_a_shown_entry_is_refused(content, out):
    write_content(content, changed(WAGES, certainty="review"))

    with pytest.raises(BuildError, match="no entries that may be shown"):
        built(content, out)


def test_entries_are_bound_to_the_versions_of_their_laws(content, out):
    write_content(content, changed(WAGES, sources=[{"law": "商标法", "article": "第三十三条"}]))

    result = built(content, out)

    (raw,) = json.loads((result.path / artefacts.ENTRIES).read_bytes())
    assert raw["bound_until"] == "2026-12-31"


def test_what_a_crash_left_behind_is_cleared_away_after_a_day(content, out):
    old, young = (out / artefacts.BUILDS / f"x.tmp-{name}" for name in ("old", "young"))
    old.mkdir(parents=True)
    young.mkdir()
    os.utime(old, (0, 0))

    built(content, out)

    assert (old.exists(), young.exists()) == (False, True)


def test_an_encoder_that_fails_leaves_the_old_build(content, out):
    class Broken(HashEncoder):
        def _encode(self, texts):
            raise MemoryError

    first = built(content, out)
    write_content(content, WAGES)

    with pytest.raises(MemoryError):
        built(content, out, encoder=Broken(name="broken"))

    assert artefacts.current_build(out) == first.path
    assert artefacts.builds(out) == [first.path]


def test_nothing_built_and_foreign_formats_say_what_to_run(content, out):
    with pytest.raises(BuildError, match="no knowledge was built yet; run: anwen knowledge build"):
        artefacts.current_build(out)

    path = built(content, out).path
    manifest = json.loads((path / artefacts.MANIFEST).read_text("utf-8"))
    (path / artefacts.MANIFEST).write_text(json.dumps(manifest | {"format": 99}), "utf-8")

    with pytest.raises(BuildError, match="format 99, not 4"):
        artefacts.read_manifest(path)


def test_a_broken_table_of_laws_stops_the_build(content, out):
    write_yaml(content / "laws.yaml", {"laws": [{"name": "x"}]})

    with pytest.raises(BuildError, match=r"laws\.yaml"):
        built(content, out)
