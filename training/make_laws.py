"""Writes knowledge/content/laws.yaml from a folder of statute texts; the texts themselves stay there.

    python -m training.make_laws --texts DIR [--out knowledge/content/laws.yaml]

A text is a Markdown file named after the law. Its first line is `名称：…｜本版施行：…｜…`, then a heading
with the full name, then articles, each at the start of a line. `地方-` marks a local regulation, `旧版-` a
version that is no longer in force, `民法典N-` a book of the Civil Code.
"""

import argparse
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from knowledge.laws import ArticleNumber, Law, article_number, compact

HEADER = """\
# Which laws exist, from when to when, and which articles they have. Generated, do not edit:
#   python -m training.make_laws --texts DIR
# effective: first day in force (for older amended regulations the day of the amended version).
# repealed: first day no longer in force. superseded_by without repealed: that law prevails where they differ.
# articles: 1-71 is a run, 133之1 is 第一百三十三条之一; null: the text is not held, cite without an article.
"""

_ARTICLE = re.compile(
    r"^(第[一二三四五六七八九十百千零〇]+条(?:之[一二三四五六七八九十]+)?)(?=[　 ]|$)", re.M
)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_STARTS = re.compile(r"自(\d{4})年(\d{1,2})月(\d{1,2})日起(?:施行|实施)")
_REMARK = re.compile(r"[（(][^（）()]*(?:节选|修订|修正|施行|废止|年版)[^（）()]*[）)]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """When a version stopped to hold, or what prevails over it."""

    day: date | None
    instead: str | None


# From the file names, the law reference (sections 1.2, 1.3, 2.1) and its index of 2026-11-23.
ENDINGS = {
    "商标法": Ending(day=date(2027, 1, 1), instead="商标法（2026修订）"),
    "噪声污染防治法": Ending(day=date(2026, 8, 15), instead="生态环境法典"),
    "律师法": Ending(day=date(2026, 9, 1), instead="律师法（2026修正）"),
    "企业信息公示暂行条例": Ending(day=date(2024, 5, 1), instead="企业信息公示暂行条例（2024修订）"),
    # The order that amends it (No. 777) is the one of the line above.
    "不动产登记暂行条例": Ending(day=date(2024, 5, 1), instead="不动产登记暂行条例（2024修订）"),
    # Published on this day; the day it takes effect is not verified, so nothing may be cited from here on.
    "行政复议法实施条例": Ending(day=date(2026, 4, 29), instead="行政复议法实施条例（2026修订）"),
    "殡葬管理条例": Ending(day=date(2026, 3, 30), instead="殡葬管理条例（2025修订）"),
    "最高人民法院关于公布失信被执行人名单信息的若干规定": Ending(
        day=date(2017, 5, 1), instead="法释〔2017〕7号"
    ),
    "最高人民法院关于限制被执行人高消费的若干规定": Ending(day=date(2015, 7, 22), instead="法释〔2015〕17号"),
    "最高人民法院关于审理掩饰、隐瞒犯罪所得、犯罪所得收益刑事案件适用法律若干问题的解释": Ending(
        day=date(2025, 8, 26), instead="法释〔2025〕13号"
    ),
    "市场监督管理投诉举报处理暂行办法": Ending(
        day=date(2026, 4, 15), instead="市场监督管理投诉举报处理办法（总局令第121号）"
    ),
    # Still listed as in force, but the newer law prevails where they differ.
    "法律援助条例": Ending(day=None, instead="法律援助法"),
    "城市居民最低生活保障条例": Ending(day=None, instead="社会救助法"),
    "社会救助暂行办法": Ending(day=None, instead="社会救助法"),
    "浙江省信访条例": Ending(day=None, instead="信访工作条例"),
}

# In force or coming, text not held: they may be cited as a whole, never by article.
NOT_HELD = (
    Law(
        name="律师法",
        full_name="中华人民共和国律师法",
        effective=date(2026, 9, 1),
        aliases=("律师法（2026修正）",),
    ),
    Law(name="医疗保障法", full_name="中华人民共和国医疗保障法", effective=date(2027, 1, 1)),
)

# Names under which reference works and entries know the same version.
ALIASES = {"商标法（2026修订，2027-01-01施行）": ("商标法（2026修订）",)}


def law_from(stem: str, text: str) -> Law:
    """The law in one file called `stem`. A text without numbered articles has an empty set of them."""
    is_old, is_local = stem.startswith("旧版-"), stem.startswith("地方-")
    bare = re.sub(r"^(旧版-|地方-)", "", stem)
    name = "民法典" if re.match(r"民法典\d-", bare) else _REMARK.sub("", bare)
    coming = "施行）" in bare
    ending = ENDINGS.get(name) if not coming else None
    if is_old and (ending is None or ending.day is None):
        raise SystemExit(f"{stem}: say in ENDINGS since when it is out of force")
    return Law(
        name=name,
        full_name=full_name(text, fallback=name),
        effective=effective(text),
        repealed=ending.day if ending else None,
        superseded_by=ending.instead if ending else None,
        aliases=(
            *((bare,) if bare != name and name != "民法典" and not is_old else ()),
            *ALIASES.get(bare, ()),
        ),
        local=is_local,
        articles=articles(text),
    )


def full_name(text: str, *, fallback: str) -> str:
    """The heading, without a remark on the copy or the name of a book of the Civil Code."""
    heading = re.search(r"^# (.+)$", text, re.M)
    return _REMARK.sub("", heading[1].split("　")[0].strip()) if heading else fallback


def effective(text: str) -> date | None:
    """First day in force: as the first line says, else the later of the version's day and the last article.

    The last article of an amended regulation names the day of the original, which is why the later day wins.
    """
    head, _, body = text.partition("\n")
    parts = dict(part.split("：", 1) for part in head.split("｜") if "：" in part)
    stated = _DATE.search(parts.get("本版施行", ""))
    hinted = re.search(r"(\d{4}-\d{2}-\d{2})起施行", parts.get("效力提示", ""))
    if stated or hinted:
        return date.fromisoformat(stated[0] if stated else hinted[1])  # type: ignore[index]
    days = [date(*map(int, match)) for match in _STARTS.findall(body[-1200:])]
    fetched = _DATE.search(parts.get("抓取件日期", ""))
    days += [date.fromisoformat(fetched[0])] if fetched else []
    return max(days, default=None)


def articles(text: str) -> frozenset[ArticleNumber]:
    """Every article that starts a line."""
    numbers = (article_number(found) for found in _ARTICLE.findall(text))
    return frozenset(number for number in numbers if number)


def merged(laws: Iterable[Law]) -> list[Law]:
    """The books of the Civil Code as one law; all others as they are, by name and date."""
    laws = list(laws)
    books = [law for law in laws if law.name == "民法典"]
    rest = [law for law in laws if law.name != "民法典"]
    if books:
        code = frozenset().union(*(book.articles or frozenset() for book in books))
        rest.append(replace(books[0], articles=code))
    return sorted(rest, key=lambda law: (law.local, law.name, law.effective or date.min))


def written(laws: Iterable[Law]) -> str:
    """The file. Keys with their default are left out."""
    lines = [HEADER + "laws:"]
    for law in laws:
        lines += [f"  - name: {law.name}", f"    full_name: {law.full_name}"]
        lines.append(f"    effective: {law.effective or 'null'}")
        lines += [f"    repealed: {law.repealed}"] if law.repealed else []
        lines += [f"    superseded_by: {law.superseded_by}"] if law.superseded_by else []
        lines += ["    aliases:", *(f"      - {alias}" for alias in law.aliases)] if law.aliases else []
        lines += ["    local: true"] if law.local else []
        lines += [f"    count: {len(law.articles)}"] if law.articles is not None else []
        numbers = "null" if law.articles is None else f'"{compact(law.articles)}"'
        lines.append(f"    articles: {numbers}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Reads the texts and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--texts", type=Path, required=True, help="folder of statute texts (*.md)")
    parser.add_argument("--out", type=Path, default=Path("knowledge/content/laws.yaml"))
    arguments = parser.parse_args()
    paths = sorted(arguments.texts.glob("*.md"))
    if not paths:
        raise SystemExit(f"{arguments.texts}: no statute texts (*.md)")
    laws = merged([*(law_from(path.stem, path.read_text("utf-8")) for path in paths), *NOT_HELD])
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(written(laws), "utf-8")
    total = sum(len(law.articles or ()) for law in laws)
    print(f"{len(laws)} laws, {total} articles -> {arguments.out}")


if __name__ == "__main__":
    main()
