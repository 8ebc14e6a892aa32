import json
from datetime import date

import pytest

from knowledge.errors import ContentError
from knowledge.schema import entry_document, entry_from, load_entries, read_entries
from tests.knowledge.content_files import DIVORCE, WAGES, changed, write_content

SIGNED = {"checked_by": "second-reader", "checked_on": "2026-11-24"}


def test_a_written_entry_reads_back_equal_from_its_compiled_form():
    for raw in (WAGES, DIVORCE, changed(WAGES, **SIGNED)):
        entry = entry_from(raw, file="faq/test.yaml", place="")

        compiled = json.loads(json.dumps(entry_document(entry)))

        assert entry_from(compiled, file="elsewhere", place="") == entry


@pytest.mark.parametrize(
    ("change", "key", "fix"),
    [
        ({"question": ...}, "question", "add it"),
        ({"colour": "red"}, "colour", "remove it or correct its spelling"),
        ({"domain": "cooking"}, "domain", "use one of"),
        ({"next": {"queue": "nobody"}}, "next.queue", "use one of"),
        ({"owner": "nobody"}, "owner", "use one of"),
        ({"audience": ["everyone"]}, "audience.0", "use one of"),
        ({"certainty": "sure"}, "certainty", "use one of"),
        ({"reviewed_on": "soon"}, "reviewed_on", "correct it"),
        ({"checked_by": "second-reader"}, "checked_on", "add it"),
        ({"checked_on": "2026-11-24"}, "checked_on", "correct it"),
        (SIGNED | {"checked_on": "soon"}, "checked_on", "correct it"),
        (SIGNED | {"checked_by": "—"}, "checked_by", "correct it"),
        (SIGNED | {"checked_by": "the second reader of the district"}, "checked_by", "correct it"),
        (SIGNED | {"checked_by": 2}, "checked_by", "quote it"),
        ({"question": 110}, "question", "quote it"),
        ({"question": "？！"}, "question", "correct it"),
        ({"variants": ["好", ""]}, "variants.1", "correct it"),
        ({"sources": [{"law": "刑法", "body": "公安部"}]}, "sources.0", "correct it"),
        ({"sources": [{"body": "公安部", "title": "提示"}]}, "sources.0", "correct it"),
        ({"answer": {"steps": ["一"]}}, "answer.lead", "add it"),
    ],
)
def test_a_mistake_is_named_with_its_entry_key_and_fix(change, key, fix):
    with pytest.raises(ContentError) as caught:
        entry_from(changed(WAGES, **change), file="faq/test.yaml", place="entries[0]")

    assert caught.value.file == "faq/test.yaml"
    assert caught.value.key == f"legal.labor.wages-unpaid: {key}"
    assert caught.value.fix.startswith(fix)


def test_a_second_reader_signs_with_name_and_day_or_not_at_all():
    signed = entry_from(changed(WAGES, **SIGNED), file="f", place="")
    unsigned = entry_from(WAGES, file="f", place="")

    assert (signed.checked_by, signed.checked_on) == ("second-reader", date(2026, 11, 24))
    assert (unsigned.checked_by, unsigned.checked_on) == (None, None)


def test_a_refused_name_is_the_only_mistake_of_a_signature(tmp_path):
    content = write_content(tmp_path, changed(WAGES, **SIGNED | {"checked_by": "—"}))

    assert [error.key for error in read_entries(content)[1]] == [f"{WAGES['id']}: checked_by"]


def test_a_bad_id_is_refused():
    with pytest.raises(ContentError, match=r"Legal.Labor: id"):
        entry_from(changed(WAGES, id="Legal.Labor"), file="f", place="entries[0]")


def test_an_entry_without_id_is_named_by_its_place():
    with pytest.raises(ContentError, match=r"f: entries\[3\]: id: missing"):
        entry_from(changed(WAGES, id=...), file="f", place="entries[3]")


def test_what_is_no_mapping_is_refused():
    with pytest.raises(ContentError, match=r"f: entries\[0\]"):
        entry_from("老板", file="f", place="entries[0]")


def test_dates_of_documents_may_be_as_vague_as_they_are_known():
    for written in (2025, "2025-06", "截至2026-11"):
        source = {"body": "公安部", "title": "提示", "date": written}
        entry = entry_from(changed(WAGES, sources=[source]), file="f", place="")

        assert entry.sources[0].published == str(written)


def test_every_mistake_of_every_file_is_collected(tmp_path):
    content = write_content(tmp_path, WAGES, changed(DIVORCE, owner="x", domain="y"))
    (content / "faq" / "broken.yaml").write_text("entries:\n\t- id: a", "utf-8")
    (content / "faq" / "other.yaml").write_text("question: 一", "utf-8")

    entries, errors = read_entries(content)

    assert [entry.id for entry in entries] == [WAGES["id"]]
    assert [(error.file, error.key.split(": ")[-1]) for error in errors] == [
        ("faq/broken.yaml", "line 2"),
        ("faq/other.yaml", "entries"),
        ("faq/test.yaml", "domain"),
        ("faq/test.yaml", "owner"),
    ]


def test_a_key_written_twice_is_refused_instead_of_the_last_winning(tmp_path):
    content = write_content(tmp_path)
    (content / "faq" / "twice.yaml").write_text("entries:\n  - id: a\n    id: b\n", "utf-8")

    with pytest.raises(ContentError, match=r"twice.yaml: line 3: .*'id' is written twice"):
        load_entries(content)


def test_files_beside_the_folders_are_tables_not_entries(tmp_path):
    content = write_content(tmp_path)
    (content / "desk.yaml").write_text("anything: goes", "utf-8")

    assert len(load_entries(content)) == 2
