"""A day at the office: three citizens, two colleagues, console and topics at once, and a restart in the middle."""

from datetime import UTC, datetime
from pathlib import Path

from bot.conversation import handling
from bot.conversation.model import Author, Post
from bot.tickets.model import CloseReason, Satisfaction, TicketStatus
from bot.tickets.people import Staff
from tests.bot.channels.telegram.fake.people import platform
from tests.bot.channels.telegram.fake.state import FIRST_GROUP
from tests.bot.channels.telegram.world import LIN, ZHOU, Town, open_town
from tests.bot.world import until

CHEN, LI, WANG = 101, 102, 103


def test_a_day_at_the_office_reads_as_it_happened(tmp_path: Path):
    with platform(limits=False) as telegram:
        with open_town(tmp_path, telegram=telegram, undo_window="0s") as town:
            lin, zhou = town.hire("lin", LIN), town.hire("zhou", ZHOU)
            _morning(town, zhou)
        telegram.say(LI, "补充：合同在我手里")  # while the desk is down
        telegram.say(WANG, "老板拖欠工资怎么办")
        with open_town(tmp_path, telegram=telegram, undo_window="0s", again=True) as town:
            _afternoon(town, lin)
            read = {who: _transcript(town, who) for who in (CHEN, LI, WANG)}
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
    assert statuses == [TicketStatus.CLOSED, TicketStatus.CLAIMED]
    assert notes == [["这位上月来过"], ["周：先看合同"]]


def _morning(town: Town, zhou: Staff) -> None:
    telegram = town.telegram
    telegram.say(CHEN, "房东不退押金怎么办")
    town.gets(CHEN, "书面催告")
    telegram.say(CHEN, "转人工")
    chen = town.topic_of(CHEN)
    telegram.staff_says(LIN, FIRST_GROUP, chen, "这位上月来过")
    telegram.staff_says(LIN, FIRST_GROUP, chen, "您好，押金多少？", reply=town.relayed(chen, "👤 群众"))
    town.gets(CHEN, "押金多少")
    telegram.say(LI, "转人工")
    li = town.topic_of(LI)
    telegram.file(LI, "photo")
    until(lambda: len(telegram.calls("copyMessage")) == 1)
    with town.office.database.transaction() as tx:  # in the console
        now = datetime.now(UTC)
        ticket = handling.claim(tx, town.office.desk, town.ticket(LI).id, zhou, now=now)
        handling.note(tx, ticket.id, zhou, "周：先看合同", now=now)
        handling.answer(tx, town.office.desk, ticket.id, zhou, "图片收到，请稍等。", seen_seq=99, now=now)
    town.gets(LI, "图片收到")
    town.relayed(li, "🧑‍💼 zhou：图片收到")
    telegram.say(CHEN, "两千")
    town.relayed(chen, "两千")
    town.quiet()


def _afternoon(town: Town, lin: Staff) -> None:
    telegram = town.telegram
    chen, li = town.topic_of(CHEN), town.topic_of(LI)
    town.gets(WANG, "12333")
    words = town.relayed(li, "合同在我手里")
    telegram.staff_says(ZHOU, FIRST_GROUP, li, "请保管好原件。", reply=words)
    town.gets(LI, "保管好原件")
    telegram.staff_says(LIN, FIRST_GROUP, chen, "/r 请带合同来一趟。")
    town.gets(CHEN, "带合同来一趟")
    with town.office.database.transaction() as tx:
        handling.close(
            tx,
            town.office.desk,
            town.ticket(CHEN).id,
            lin,
            CloseReason.SOLVED,
            wording=town.office.engine.wording,
            now=datetime.now(UTC),
        )
    town.gets(CHEN, "已办结")
    telegram.press(CHEN, CHEN, telegram.sees(CHEN)[-1]["message_id"], "非常满意")
    town.gets(CHEN, "谢谢您的评价")
    until(lambda: telegram.state.groups[FIRST_GROUP].topics[chen].closed)
    town.quiet()
    assert town.ticket(CHEN).satisfaction is Satisfaction.VERY_SATISFIED


def _transcript(town: Town, who: int) -> list[str]:
    """Author and the beginning of every message."""
    starts = ("好的，已经转给值班人员", "工单", "谢谢您的评价", "先打 12333 投诉。")

    def beginning(post: Post) -> str:
        said = [start for start in starts if post.author is not Author.STAFF and post.text.startswith(start)]
        return said[0] if said else post.text

    return [f"{post.author.value}: {beginning(post)}" for post in town.chat(who)]
