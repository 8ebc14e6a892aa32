"""Messages checked for signs of fraud from the command line: one, or a file of them."""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.asking import Asked
from intents.fraud.assess import Assessment, assess
from intents.fraud.meaning import Encode
from intents.fraud.types import types
from intents.triage import Risk, Stage

_RISKS = {
    "zh": {
        Risk.NONE: "未发现明显特征（仍请核实）",
        Risk.SUSPECTED: "可疑",
        Risk.IN_PROGRESS: "高危，正在发生",
    },
    "en": {
        Risk.NONE: "no clear sign found (still make sure)",
        Risk.SUSPECTED: "suspicious",
        Risk.IN_PROGRESS: "high risk, going on now",
    },
}
_STAGES = {
    "zh": {
        Stage.TRANSFERRED: "钱已转出",
        Stage.ABOUT_TO_TRANSFER: "正要转钱",
        Stage.SCREEN_SHARED: "屏幕已共享",
        Stage.DISCLOSED: "信息已泄露",
        Stage.ACCOMPLICE: "可能在帮骗子转钱",
        Stage.CONTACTED: "被骗子联系",
    },
    "en": {
        Stage.TRANSFERRED: "money has gone",
        Stage.ABOUT_TO_TRANSFER: "about to pay",
        Stage.SCREEN_SHARED: "screen shared",
        Stage.DISCLOSED: "secrets given",
        Stage.ACCOMPLICE: "may be helping scammers",
        Stage.CONTACTED: "contacted",
    },
}
_LABELS = {
    "zh": ("结论", "类型", "阶段", "疑点", "怎么办"),
    "en": ("verdict", "type", "stage", "red flags", "what to do"),
}


def check_one(text: str, *, id: str, encode: Encode | None) -> dict[str, Any]:
    """The contract's object for one message."""
    return assess(text, encode=encode).to_json(id)


def check_lines(asked: Iterable[Asked], *, encode: Encode | None) -> Iterator[dict[str, Any]]:
    """The contract's objects, one a line, in order."""
    for line in asked:
        yield check_one(line.text, id=line.id, encode=encode)


def readable(found: Assessment) -> str:
    """An assessment for the terminal."""
    verdict, type_, stage, flags, advice = _LABELS[found.language]
    lines = [f"{verdict}: {_RISKS[found.language][found.risk]}  ({found.score:.2f})"]
    if found.type and found.stage:
        lines.append(f"{type_}: {types()[found.type].name[found.language]}")
        lines.append(f"{stage}: {_STAGES[found.language][found.stage]}")
    if found.red_flags:
        lines.append(f"{flags}:")
        lines += [f"  - “{flag.quote}” {flag.why} [{flag.ground}]" for flag in found.red_flags]
    lines.append(f"{advice}: {found.advice}")
    return "\n".join(lines)
