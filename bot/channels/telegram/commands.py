"""The menu of commands, deep links, and what they mean to the engine. Pure."""

import re
from dataclasses import dataclass

from knowledge.entries import Queue

LINK = "/link"
_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*")
_COMMAND = re.compile(r"/([a-z]{1,32})(?:@\w+)?\s*")

# What a command says in words the engine knows.
_MEANT = {
    "human": "转人工",
    "ticket": "查询工单",
    "mydata": "导出我的数据",
    "erase": "删除我的数据",
}
MENU = ("menu", "human", "ticket", "mydata", "erase", "zh", "en")  # as the app shows them

# `t.me/<bot>?start=credit`: a poster for one subject begins there.
_TOPICS = {
    Queue.FRAUD: "被骗了怎么办",
    Queue.LEGAL: "怎么申请法律援助",
    Queue.CREDIT: "信用修复怎么办理",
    Queue.IP: "商标被侵权怎么办",
    Queue.MEDIATION: "怎么申请人民调解",
    Queue.SERVICES: "菜单",
    Queue.SAFETY: "菜单",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command with what stands behind it. `to`: the bot it is for, when it names one."""

    name: str
    rest: str
    to: str | None = None


def meant(text: str) -> str:
    """What a message says to the engine.

    >>> meant("/start human"), meant("/human"), meant("老板欠我工资")
    ('转人工', '转人工', '老板欠我工资')
    """
    start = _START.fullmatch(text)
    if start is not None:
        return _linked(start[1]) or "/start"
    command = _COMMAND.fullmatch(text)
    if command is None:
        return text
    return _MEANT.get(command[1], f"/{command[1]}")


def wants_link(text: str) -> bool:
    """Whether a member of staff ties their Telegram to their account."""
    return text == LINK or text.startswith(LINK + " ")


def command(text: str) -> Command | None:
    """The command a text is; None for other texts.

    >>> command("/r@anwen_bot 您好")
    Command(name='r', rest='您好', to='anwen_bot')
    """
    match = re.match(r"/([a-z]{1,32})(?:@(\w{1,64}))?(?:\s+|\Z)", text)
    if match is None:
        return None
    return Command(name=match[1], rest=text[match.end() :].strip(), to=match[2].lower() if match[2] else None)


def _linked(payload: str | None) -> str | None:
    """An entry's id has dots, which a link cannot have: `entry_legal_labor_wages-unpaid`."""
    if payload is None:
        return None
    if payload.startswith("entry_"):
        return "entry:" + payload.removeprefix("entry_").replace("_", ".")
    if payload == "human":
        return _MEANT["human"]
    return _TOPICS[Queue(payload)] if payload in set(Queue) else None
