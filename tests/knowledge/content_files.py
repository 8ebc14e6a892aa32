"""Small content folders for tests: valid in every respect, but for what a test changes."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

LAWS: list[dict[str, Any]] = [
    {
        "name": "劳动合同法",
        "full_name": "中华人民共和国劳动合同法",
        "effective": "2013-07-01",
        "count": 98,
        "articles": "1-98",
    },
    {
        "name": "商标法",
        "full_name": "中华人民共和国商标法",
        "effective": "2019-11-01",
        "repealed": "2027-01-01",
        "superseded_by": "商标法（2026修订）",
        "count": 73,
        "articles": "1-73",
    },
    {
        "name": "商标法",
        "full_name": "中华人民共和国商标法",
        "effective": "2027-01-01",
        "aliases": ["商标法（2026修订）"],
        "count": 87,
        "articles": "1-87",
    },
    {
        "name": "噪声污染防治法",
        "full_name": "中华人民共和国噪声污染防治法",
        "effective": "2022-06-05",
        "repealed": "2026-08-15",
        "superseded_by": "生态环境法典",
        "count": 90,
        "articles": "1-90",
    },
    {
        "name": "浙江省工伤保险条例",
        "full_name": "浙江省工伤保险条例",
        "effective": "2018-01-01",
        "local": True,
        "count": 40,
        "articles": "1-40",
    },
    {
        "name": "社会救助暂行办法",
        "full_name": "社会救助暂行办法",
        "effective": "2019-03-02",
        "superseded_by": "社会救助法",
        "count": 70,
        "articles": "1-70",
    },
    {"name": "律师法", "full_name": "中华人民共和国律师法", "effective": "2026-09-01", "articles": None},
    {
        "name": "刑法",
        "full_name": "中华人民共和国刑法",
        "effective": "2024-03-01",
        "count": 4,
        "articles": "286, 287, 287之1, 287之2",
    },
]
HOTLINES = [
    {
        "number": number,
        "name": name,
        "purpose": name,
        "when": "需要时",
        "certainty": "reported",
        "verified": True,
        "english": {"name": number, "purpose": number},
    }
    for number, name in (("110", "报警"), ("96110", "反诈"), ("12333", "人社"), ("12348", "法律服务"))
]
STATIONS = [
    {
        "id": "test",
        "area": "新塍镇",
        "kind": "town",
        "district": "秀洲区",
        "name": None,
        "address": None,
        "phone": None,
        "hours": None,
        "signed_by": None,
        "instead": "请打 12348。",
    }
]
TOPICS = [
    {"letter": "B", "name": "婚姻", "count": 33, "core": ["B01", "B05"]},
    {"letter": "E", "name": "劳动", "count": 46, "core": ["E05"]},
]

WAGES: dict[str, Any] = {
    "id": "legal.labor.wages-unpaid",
    "domain": "legal",
    "topics": ["E05"],
    "audience": ["worker"],
    "question": "老板拖欠工资，怎么要回来？",
    "variants": [
        "干了三个月活老板一分钱不给",
        "欠薪 投诉",
        "工钱要不到咋办",
        "厂里压着工资不发",
        "包工头跑了工钱找谁要",
    ],
    "answer": {
        "lead": "先打 12333 或到劳动监察大队投诉，也可以申请劳动仲裁，仲裁不收费。",
        "steps": [
            "保存证据：合同、考勤、工资条、聊天记录和转账记录都留好。",
            "向用人单位所在地的劳动监察机构投诉，说明欠了几个月、一共多少钱。",
            "谈不成就申请劳动仲裁，离开单位后一年以内提出。",
        ],
        "note": "老板打了欠条的，可以直接拿欠条去法院起诉要钱。",
        "human": "不知道怎么写申请书，可以转人工或打 12348。",
    },
    "sources": [{"law": "劳动合同法", "article": "第三十条"}],
    "certainty": "law",
    "reviewed_on": "2026-11-23",
    "owner": "legal",
    "next": {"queue": "legal"},
}
DIVORCE: dict[str, Any] = WAGES | {
    "id": "legal.marriage.divorce",
    "topics": ["B05"],
    "audience": ["citizen"],
    "question": "夫妻双方都同意，离婚手续怎么办？",
    "variants": [
        "民政局离婚流程",
        "两个人都想离要带什么证件",
        "冷静期要等几天",
        "签了协议多久拿证",
        "协议离婚 材料",
    ],
    "answer": {
        "lead": "两个人一起到任何一个婚姻登记机关申请，过了三十天冷静期再一起去领离婚证。",
        "steps": [
            "写好离婚协议，写清孩子跟谁、抚养费多少、财产和债务怎么分。",
            "带身份证和结婚证，两个人一起到婚姻登记机关申请。",
            "三十天后的三十天以内，再一起去领证，不去就当撤回申请。",
        ],
        "note": "有一方不同意，或者孩子财产谈不拢，就要到法院起诉。",
    },
    "en": {
        "question": "How do we divorce when both of us agree?",
        "variants": ["divorce by agreement steps", "cooling-off period for divorce"],
        "lead": "Go together to any marriage registration office, apply, wait thirty days, and collect the papers.",
        "steps": [
            "Write an agreement about children and property.",
            "Take identity cards and the certificate.",
        ],
    },
}


def changed(entry: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A copy of `entry` with some keys replaced; those set to `...` are removed."""
    return {key: value for key, value in (deepcopy(entry) | keys).items() if value is not ...}


def write_content(folder: Path, *entries: dict[str, Any], laws: list[dict[str, Any]] = LAWS) -> Path:
    """A content folder with these entries, by default two good ones, in faq/test.yaml."""
    (folder / "faq").mkdir(parents=True, exist_ok=True)
    tables = {"laws": laws, "hotlines": HOTLINES, "stations": STATIONS, "topics": TOPICS}
    for name, rows in tables.items():
        write_yaml(folder / f"{name}.yaml", {name: rows})
    write_yaml(folder / "faq" / "test.yaml", {"entries": list(entries or (WAGES, DIVORCE))})
    return folder


def write_yaml(path: Path, document: Any) -> None:
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
