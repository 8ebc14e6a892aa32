"""A day at the office: three citizens, two colleagues, one in the console and one in the topics, and a restart in the
middle. What everybody read in the end equals the expected transcript.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.channels.web.app import create_web
from bot.console.app import install
from bot.conversation.model import Author, Post
from bot.tickets.model import Satisfaction, TicketStatus
from tests.bot.channels.telegram.fake.people import platform
from tests.bot.channels.telegram.fake.state import FIRST_GROUP
from tests.bot.channels.telegram.world import LIN, Town, open_town
from tests.bot.tickets.world import PASSWORD
from tests.bot.world import serving, until

CHEN, LI, WANG = 101, 102, 103
SCRIPT = {"X-Anwen-Script": "1"}


def test_a_day_at_the_office_reads_as_it_happened(tmp_path: Path):
    with platform(limits=False) as telegram:
        with open_town(tmp_path, telegram=telegram, undo_window="0s", calls_a_minute=10_000) as town:
            town.hire("lin", LIN)
            town.office.hire("zhou")  # works in the console only
            with console(town, "zhou") as zhou:
                _morning(town, zhou)
        telegram.say(LI, "补充：合同在我手里")  # while the desk is down
        telegram.say(WANG, "老板拖欠工资怎么办")
        telegram.staff_says(LIN, FIRST_GROUP, telegram.topics()[0], "/r 请带合同来一趟。")
        with open_town(
            tmp_path, telegram=telegram, undo_window="0s", calls_a_minute=10_000, again=True
        ) as town:
            with console(town, "zhou") as zhou:
                _afternoon(town, zhou)
            read = {who: _chat(town, who) for who in (CHEN, LI, WANG)}
            shown = [_topic(town, thread) for thread in telegram.topics()]
            statuses = [town.ticket(who).status for who in (CHEN, LI)]
            notes = [[note.text for note in town.notes(who)] for who in (CHEN, LI)]
        assert telegram.state.mistakes == []

    assert read[CHEN] == [
        "citizen: 房东不退押金怎么办",
        "bot: 先发书面催告。",
        "citizen: 转人工",
        "bot: 好的，已经转给值班人员",
        "bot: 工单",
        "staff: 您好，押金多少？",
        "citizen: 两千",
        "citizen: （改为）三千",
        "citizen: 【语音】",
        "staff: 请带合同来一趟。",
        "system: 工单",
        "citizen: 非常满意",
        "bot: 谢谢您的评价",
    ]
    assert read[LI] == [
        "citizen: 转人工",
        "bot: 好的，已经转给值班人员",
        "bot: 工单",
        "citizen: 【图片】",
        "staff: 图片收到，请稍等。",
        "citizen: 补充：合同在我手里",
        "staff: 请保管好原件。",
    ]
    assert read[WANG] == ["citizen: 老板拖欠工资怎么办", "bot: 先打 12333 投诉。"]
    assert shown == [
        [
            "👤 群众：房东不退押金怎么办",
            "👤 群众：转人工",
            "👤 群众：两千",
            "👤 群众：（改为）三千",
            "voice",
        ],
        [
            "👤 群众：转人工",
            "photo",
            "📝 zhou 备注：先看合同",
            "🧑‍💼 zhou：图片收到，请稍等。",
            "👤 群众：补充：合同在我手里",
            "🧑‍💼 zhou：请保管好原件。",
        ],
    ]
    assert statuses == [TicketStatus.CLOSED, TicketStatus.CLAIMED]
    assert notes == [["这位上月来过"], ["先看合同"]]


def _morning(town: Town, zhou: httpx.Client) -> None:
    telegram = town.telegram
    telegram.say(CHEN, "房东不退押金怎么办")
    town.gets(CHEN, "书面催告")
    telegram.say(CHEN, "转人工")
    chen = town.topic_of(CHEN)
    telegram.staff_says(LIN, FIRST_GROUP, chen, "这位上月来过")
    seen = town.chat(CHEN)[-1].seq
    telegram.staff_says(LIN, FIRST_GROUP, chen, "您好，押金多少？", reply=town.relayed(chen, "👤 群众"))
    town.gets(CHEN, "押金多少")
    late = _answer(town, zhou, CHEN, "您好，请问什么事？", seen=seen)  # both at once: the slower one is told
    assert (late.status_code, late.json()["error"]["code"]) == (409, "late")
    telegram.say(LI, "转人工")
    li = town.topic_of(LI)
    telegram.file(LI, "photo")
    until(lambda: len(telegram.calls("copyMessage")) == 1)
    base = f"/staff/tickets/{town.ticket(LI).number}"
    assert zhou.post(f"{base}/claim", headers=SCRIPT).status_code == 200
    assert zhou.post(f"{base}/note", data={"text": "先看合同"}, headers=SCRIPT).status_code == 200
    town.relayed(li, "先看合同")
    assert _answer(town, zhou, LI, "图片收到，请稍等。").status_code == 200
    town.gets(LI, "图片收到")
    town.relayed(li, "🧑‍💼 zhou：图片收到")
    two = telegram.say(CHEN, "两千")
    town.relayed(chen, "两千")
    telegram.edit(CHEN, two, "三千")
    town.relayed(chen, "三千")
    telegram.file(CHEN, "voice", b"OggS" + b"0" * 64)
    until(lambda: any("voice" in each for each in telegram.sees(FIRST_GROUP, thread=chen)))
    town.quiet()


def _afternoon(town: Town, zhou: httpx.Client) -> None:
    telegram = town.telegram
    chen, li = town.topic_of(CHEN), town.topic_of(LI)
    town.gets(WANG, "12333")
    town.gets(CHEN, "带合同来一趟")
    town.relayed(li, "合同在我手里")
    assert _answer(town, zhou, LI, "请保管好原件。").status_code == 200
    town.gets(LI, "保管好原件")
    town.relayed(li, "请保管好原件")
    card = telegram.sees(FIRST_GROUP, thread=chen)[0]["message_id"]
    telegram.press(LIN, FIRST_GROUP, card, "关闭")
    telegram.press(LIN, FIRST_GROUP, town.relayed(chen, "关闭 #"), "已解决")
    town.gets(CHEN, "已办结")
    page = zhou.get(f"/staff/tickets/{town.ticket(CHEN).number}").text
    assert "请带合同来一趟。" in page  # the console shows what was done in the topic
    telegram.press(CHEN, CHEN, telegram.sees(CHEN)[-1]["message_id"], "非常满意")
    town.gets(CHEN, "谢谢您的评价")
    until(lambda: telegram.state.groups[FIRST_GROUP].topics[chen].closed)
    town.quiet()
    assert town.ticket(CHEN).satisfaction is Satisfaction.VERY_SATISFIED


@contextmanager
def console(town: Town, username: str) -> Iterator[httpx.Client]:
    """The web console over HTTP, on the same database, with somebody signed in."""
    office = town.office
    web = create_web(office.config, engine=office.engine, database=office.database, ready=lambda: None)
    install(
        web,
        office.config,
        database=office.database,
        desk=office.desk,
        search=office.search,
        wording=office.engine.wording,
    )
    with (
        serving(web) as (url, _),
        httpx.Client(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=20) as browser,
    ):
        answer = browser.post(
            "/staff/sign-in", data={"username": username, "password": PASSWORD, "next": "/staff"}
        )
        assert answer.status_code == 303, answer.text
        yield browser


def _answer(
    town: Town, browser: httpx.Client, who: int, text: str, *, seen: int | None = None
) -> httpx.Response:
    seen = town.chat(who)[-1].seq if seen is None else seen
    base = f"/staff/tickets/{town.ticket(who).number}"
    return browser.post(f"{base}/answer", data={"text": text, "seen": seen}, headers=SCRIPT)


def _chat(town: Town, who: int) -> list[str]:
    """Author and the beginning of every message."""
    starts = ("好的，已经转给值班人员", "工单", "谢谢您的评价", "先打 12333 投诉。")

    def beginning(post: Post) -> str:
        said = [start for start in starts if post.author is not Author.STAFF and post.text.startswith(start)]
        return said[0] if said else post.text

    return [f"{post.author.value}: {beginning(post)}" for post in town.chat(who)]


def _topic(town: Town, thread: int) -> list[str]:
    """What colleagues read in a topic of people and notes, line by line, and the kinds of files."""
    found: list[str] = []
    for message in town.telegram.sees(FIRST_GROUP, thread=thread):
        found += [kind for kind in ("photo", "voice") if kind in message]
        lines = message.get("text", "").split("\n")
        found += [line for line in lines if re.match("👤|🧑|📝", line)]
    return found
