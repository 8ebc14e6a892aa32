"""Makes the Word templates of the credit documents anew. An officer may as well edit them in Word:
what stands in {{ double braces }} is filled in, everything else is theirs.

    python docs/make_credit_templates.py
"""

from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

FOLDER = Path(__file__).resolve().parent.parent / "intents" / "credit" / "templates"
FONT = "Noto Serif CJK SC"
NOTE = (
    "本材料由安问按您填写的内容生成，请核对后签字（盖章）。官方渠道办理信用修复不收费。"
    "具体格式以受理机关或“信用中国”网站要求为准。"
)


def blank() -> Document:
    """An A4 page with Chinese type."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.8)
    section.top_margin = section.bottom_margin = Cm(2.5)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.line_spacing = 1.5
    return document


def heading(document: Document, text: str) -> None:
    """The centred title."""
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.bold, run.font.size = True, Pt(18)


def body(document: Document, text: str, *, indent: bool = True) -> None:
    """A paragraph of the text."""
    paragraph = document.add_paragraph(text)
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(24)


def signature(document: Document) -> None:
    """Where it is signed."""
    for line in (
        "申请单位（盖章）：________________",
        "法定代表人（负责人）签字：____________",
        "日期：____年__月__日",
    ):
        paragraph = document.add_paragraph(line)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    small(document, NOTE)


def small(document: Document, text: str) -> None:
    """The remark below."""
    run = document.add_paragraph().add_run(text)
    run.font.size = Pt(9)


def table(document: Document, rows: list[tuple[str, str]]) -> None:
    """Two columns: what it is, and what was filled in."""
    grid = document.add_table(rows=0, cols=2)
    grid.style, grid.autofit = "Table Grid", False
    for name, value in rows:
        cells = grid.add_row().cells
        cells[0].text, cells[1].text = name, value
        cells[0].width, cells[1].width = Cm(4.5), Cm(10.9)


def application() -> Document:
    """信用修复申请书."""
    document = blank()
    heading(document, "信用修复申请书")
    body(document, "{{ authority }}：", indent=False)
    table(
        document,
        [
            ("单位名称", "{{ company }}"),
            ("统一社会信用代码", "{{ credit_code }}"),
            ("失信信息种类", "{{ record }}"),
            ("决定书文号", "{{ decision }}"),
            ("决定（列入）日期", "{{ decided_on }}"),
            ("处罚级别", "{{ level }}"),
            ("义务履行完毕日期", "{{ fulfilled_on }}"),
        ],
    )
    body(
        document,
        "我单位因上述事项被公示失信信息。现已纠正失信行为，履行完毕法定义务，消除不良影响，并公开作出信用承诺，特申请信用修复。",
    )
    body(document, "公示期计算：{{ derivation }}。")
    body(document, "随本申请提交：履行（纠正）证明、信用承诺书及材料清单所列材料。")
    signature(document)
    return document


def commitment() -> Document:
    """信用承诺书."""
    document = blank()
    heading(document, "信用承诺书")
    body(
        document,
        "{{ company }}（统一社会信用代码：{{ credit_code }}）就{{ authority }}作出的{{ decision }}决定"
        "（{{ decided_on }}），"
        "已于{{ fulfilled_on }}履行完毕全部义务。现郑重承诺：",
    )
    body(document, "一、所提供的材料真实、合法、有效。")
    body(document, "二、已纠正失信行为，今后依法诚信经营，不再发生同类失信行为。")
    body(document, "三、如违反以上承诺，愿意承担相应法律责任，并接受依法公示。")
    signature(document)
    return document


def materials() -> Document:
    """材料清单: one line a paper, ticked when it is at hand."""
    document = blank()
    heading(document, "信用修复材料清单")
    body(document, "单位：{{ company }}", indent=False)
    body(document, "失信信息：{{ record }}　决定机关：{{ authority }}", indent=False)
    grid = document.add_table(rows=1, cols=3)
    grid.style, grid.autofit = "Table Grid", False
    for cell, text in zip(grid.rows[0].cells, ("已备", "材料", "说明"), strict=True):
        cell.text = text
    start = grid.add_row().cells
    start[0].text = "{%tr for paper in papers %}"
    row = grid.add_row().cells
    for cell, text in zip(row, ("{{ paper.mark }}", "{{ paper.name }}", "{{ paper.note }}"), strict=True):
        cell.text = text
    grid.add_row().cells[0].text = "{%tr endfor %}"
    for line in grid.rows:
        for cell, width in zip(line.cells, (Cm(1.8), Cm(5.6), Cm(8)), strict=True):
            cell.width = width
    body(document, "")
    body(document, "谁决定：{{ who }}", indent=False)
    body(document, "在哪里申请：“信用中国”网站，或者作出决定机关的窗口。不收费。", indent=False)
    small(document, NOTE)
    return document


def main() -> None:
    """Write all three."""
    FOLDER.mkdir(exist_ok=True)
    for name, document in (
        ("credit_application", application()),
        ("credit_commitment", commitment()),
        ("credit_materials", materials()),
    ):
        document.save(str(FOLDER / f"{name}.docx"))


if __name__ == "__main__":
    main()
