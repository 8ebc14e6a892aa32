"""The papers open, say what was filled in, and nothing a person writes breaks them."""

import shutil
import subprocess
from io import BytesIO

import pytest
from docx import Document

from intents.credit.documents import TITLES, render

LINES = {
    "单位名称": "嘉兴某某科技有限公司",
    "统一社会信用代码": "91110000600037341L",
    "处罚或列入机关": "秀洲区市场监督管理局",
    "记录种类": "行政处罚",
    "决定书文号": "秀市监罚〔2026〕1号",
    "处罚决定日期": "2026年6月10日",
    "处罚级别": "一般",
    "履行完毕日期": "2026年7月1日",
}
FACTS = {"derivation": "最短公示期：2026年6月10日 ＋ 3 个月 ＝ 2026年9月10日", "who": "作出处罚决定的机关"}
WILD = "<w:p>&amp;{{ 7*7 }}{% for x in y %}]]>😀🏢\x0b\x00\ufffe" + "很长" * 250


def text_of(file: bytes) -> str:
    """Everything that stands in a document."""
    document = Document(BytesIO(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize("name", TITLES)
def test_a_document_says_what_was_filled_in(name):
    text = text_of(render(name, LINES, {"materials": "receipt"}, FACTS))

    assert "嘉兴某某科技有限公司" in text
    assert "秀洲区市场监督管理局" in text
    assert "{{" not in text
    assert TITLES[name].zh in text


def test_what_is_at_hand_is_ticked():
    text = text_of(render("credit_materials", LINES, {"materials": "receipt,licence"}, FACTS))

    ticked = [line for line in text.split("☑")[1:]]
    assert any("罚款缴纳凭证" in line for line in ticked)
    assert "☐\n整改" in text


def test_what_is_missing_is_left_to_the_pen():
    assert "____________" in text_of(render("credit_application", {}, {}, {}))


@pytest.mark.parametrize("name", TITLES)
def test_markup_emoji_and_long_words_stay_text(name):
    text = text_of(render(name, dict.fromkeys(LINES, WILD), {}, dict.fromkeys(FACTS, WILD)))

    assert "<w:p>&amp;{{ 7*7 }}{% for x in y %}]]>😀🏢" in text
    assert "49" not in text
    assert "很长很长" in text


def test_no_other_file_is_a_document():
    with pytest.raises(KeyError):
        render("../../rules", LINES, {}, FACTS)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
@pytest.mark.parametrize("lines", [LINES, dict.fromkeys(LINES, WILD)], ids=["ordinary", "wild"])
def test_libreoffice_opens_every_document(lines, tmp_path):
    for name in TITLES:
        (tmp_path / f"{name}.docx").write_bytes(render(name, lines, {"materials": "receipt"}, FACTS))

    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--convert-to",
            "pdf",
            "--outdir",
            tmp_path,
            *tmp_path.glob("*.docx"),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )

    for name in TITLES:
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")
