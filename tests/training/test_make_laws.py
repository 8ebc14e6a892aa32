from datetime import date

import pytest

from training.make_laws import law_from, merged, written

TEXT = """名称：商标法｜本版施行：2019-11-01｜来源：某处
# 中华人民共和国商标法

### 第一章　总则

第一条　为了加强商标管理，依照第九条制定本法。
第九条提到的不算。

第二条　内容。

第二条之一　增加的内容。
"""
CODE = "名称：民法典 {name}｜本版施行：2021-01-01\n# 中华人民共和国民法典　{name}\n\n第{numeral}条　内容。\n"


def test_a_text_gives_its_dates_and_articles_and_none_of_its_words():
    law = law_from("商标法", TEXT)

    assert (law.full_name, law.effective, law.repealed) == (
        "中华人民共和国商标法",
        date(2019, 11, 1),
        date(2027, 1, 1),
    )
    assert law.articles == {(1, 0), (2, 0), (2, 1)}
    assert "为了" not in written([law])


@pytest.mark.parametrize(
    ("head", "tail", "day"),
    [
        ("名称：某法｜本版施行：2024-03-01", "本法自1990年1月1日起施行。", date(2024, 3, 1)),
        ("名称：某条例｜抓取件日期：2025-04-06", "本条例自2025年5月10日起施行。", date(2025, 5, 10)),
        ("名称：某条例｜抓取件日期：2019-03-02", "本条例自2014年5月1日起施行。", date(2019, 3, 2)),
        ("名称：某条例｜抓取件日期：2025-03-17｜效力提示：2025-06-01起施行", "", date(2025, 6, 1)),
        ("名称：某批复", "没有日期。", None),
    ],
)
def test_the_first_day_in_force_is_the_later_of_what_is_written(head, tail, day):
    assert law_from("某法", f"{head}\n# 某法\n\n第一条　{tail}\n").effective == day


def test_the_name_loses_remarks_but_keeps_them_as_another_name():
    law = law_from("商标法（2026修订，2027-01-01施行）", TEXT.replace("2019-11-01", "2027-01-01"))

    assert (law.name, law.repealed) == ("商标法", None)
    assert law.aliases == ("商标法（2026修订，2027-01-01施行）", "商标法（2026修订）")


def test_a_numbered_interpretation_keeps_its_number():
    assert law_from("某解释（一）", TEXT).name == "某解释（一）"


def test_an_old_version_without_a_known_end_stops_the_writing():
    with pytest.raises(SystemExit, match="say in ENDINGS"):
        law_from("旧版-想象法（2001年版，已被修订）", TEXT)


def test_the_books_of_the_civil_code_become_one_law():
    books = [
        law_from(f"民法典{place}-{name}", CODE.format(name=name, numeral=numeral))
        for place, name, numeral in ((1, "总则编", "一"), (2, "物权编", "二百零五"))
    ]

    (code,) = merged(books)

    assert (code.name, code.full_name) == ("民法典", "中华人民共和国民法典")
    assert code.articles == {(1, 0), (205, 0)}
