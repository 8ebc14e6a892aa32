"""The papers of a credit repair, filled into the Word templates of `templates/` that an officer edits in Word.

Every value goes in as text: markup, braces and line breaks of a person stay what they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from intents.forms.model import Text

TEMPLATES = Path(__file__).parent / "templates"
BLANK = "____________"  # to be filled in by hand
LONGEST_VALUE = 600  # characters; a document is no archive

TITLES = {
    "credit_application": Text(zh="信用修复申请书", en="Application for credit repair"),
    "credit_commitment": Text(zh="信用承诺书", en="Credit commitment"),
    "credit_materials": Text(zh="材料清单", en="List of papers"),
}
_PAPERS = (  # (option of the slot `materials`, name, note)
    ("receipt", "罚款缴纳凭证（履行义务证明）", "银行回单或者财政票据，看得清日期和金额"),
    ("correction", "整改、改正证明", "整改报告、复查意见、补报截图、变更登记通知书等"),
    ("", "信用承诺书", "已随本清单生成，签字盖章"),
    ("", "信用修复申请书", "已随本清单生成，签字盖章"),
    ("decision_copy", "处罚（列入）决定书", "备查；申请时要填文号"),
    ("licence", "营业执照", "备查；名称和代码要一致"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    mark: str
    name: str
    note: str


def render(
    name: str, lines: Mapping[str, str], answers: Mapping[str, str], facts: Mapping[str, str]
) -> bytes:
    """The document `name` (a key of TITLES) as a .docx file.

    Args:
        lines: the answers as people read them, by the slots' Chinese names.
        answers: the answers as stored, by slot.
        facts: what `telling.credit_verdict` worked out.

    Raises KeyError for a name that is no document.
    """
    from docxtpl import DocxTemplate  # late: lxml takes a third of a second

    if name not in TITLES:
        raise KeyError(name)
    template = DocxTemplate(TEMPLATES / f"{name}.docx")
    template.render(_values(lines, answers, facts), autoescape=True)
    file = BytesIO()
    template.save(file)
    return file.getvalue()


def _values(
    lines: Mapping[str, str], answers: Mapping[str, str], facts: Mapping[str, str]
) -> dict[str, str | list[_Paper]]:
    at_hand = answers.get("materials", "").split(",")

    def shown(label: str) -> str:
        return _tamed(lines.get(label, "")) or BLANK

    return {
        "company": shown("单位名称"),
        "credit_code": shown("统一社会信用代码"),
        "authority": shown("处罚或列入机关"),
        "record": shown("记录种类"),
        "decision": shown("决定书文号"),
        "decided_on": _first(shown, "处罚决定日期", "列入（公布）日期"),
        "level": shown("处罚级别"),
        "fulfilled_on": _first(shown, "履行完毕日期", "改正日期"),
        "derivation": _tamed(facts.get("derivation", "")) or BLANK,
        "who": _tamed(facts.get("who", "")) or BLANK,
        "papers": [
            _Paper(mark="☑" if not option or option in at_hand else "☐", name=paper, note=note)
            for option, paper, note in _PAPERS
        ],
    }


def _first(shown: Callable[[str], str], *labels: str) -> str:
    return next((value for label in labels if (value := shown(label)) != BLANK), BLANK)


def _tamed(value: str) -> str:
    """One line, of a length a page bears, without characters a Word file cannot hold."""
    printable = "".join(sign for sign in value if sign == "\n" or sign.isprintable())
    return " ".join(printable.split())[:LONGEST_VALUE]
