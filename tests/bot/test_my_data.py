"""A person's own data: asked back once, then handed over whole, or gone for good."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.conversation import attachments, handling, my_data
from bot.conversation.files import FileKind, Upload
from bot.conversation.model import Address
from bot.storage import search
from bot.storage.database import Database
from bot.storage.desk_tables import tickets
from bot.storage.tables import failures, messages, metadata
from bot.tickets import audit, queue
from bot.tickets.model import CloseReason, TicketStatus
from intents.router import Wish, route
from tests.bot.tickets.world import Office, open_office
from tests.bot.world import Site

ME = Address(channel="test", user="citizen")
SECRET = "张小红住在月河街八号"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty database."""
    with open_office(tmp_path) as office:
        yield office


def everything(database: Database) -> str:
    """All that is stored in any table, as text."""
    with database.reading() as tx:
        rows = [str(tx.execute(select(table)).all()) for table in metadata.sorted_tables]
        return "\n".join([*rows, str(tx.exec_driver_sql("SELECT * FROM message_search").all())])


def labels(outcome: Any) -> list[str]:
    """The buttons of the last bubble."""
    return [choice["label"] for choice in outcome.replies[-1].payload["choices"]]


@pytest.mark.parametrize(
    "text",
    [
        "导出我的数据",
        "我要导出我的个人信息",
        "下载聊天记录",
        "export my data",
        "Send me a copy of all my data please",
    ],
)
def test_wordings_that_ask_for_ones_data(text: str):
    assert route(text).wish is Wish.EXPORT_DATA


@pytest.mark.parametrize(
    "text",
    [
        "删除我的数据",
        "请帮我删掉我的聊天记录",
        "清除我的个人信息",
        "delete my data",
        "erase all my chat history",
    ],
)
def test_wordings_that_ask_for_deletion(text: str):
    assert route(text).wish is Wish.ERASE_DATA


@pytest.mark.parametrize(
    "text",
    [
        "怎么让软件删除我的个人信息",
        "删除我的征信记录",
        "网贷公司不肯删除我的数据怎么办",
        "导出征信报告",
        "删除",
        "下载信用报告",
    ],
)
def test_questions_about_data_of_others_stay_questions(text: str):
    assert route(text).wish is Wish.QUESTION


def test_the_export_is_asked_back_and_then_offered(office: Office):
    asked = office.say("导出我的数据")
    assert labels(asked) == ["整理给我", "先不"]
    assert "download" not in asked.replies[-1].payload

    ready = office.say("整理给我")

    assert ready.replies[-1].payload["download"] is True
    assert ready.replies[-1].payload["choices"] == []


def test_the_export_holds_what_was_said_the_tickets_and_nothing_internal(office: Office):
    lin = office.hire("lin")
    office.say(f"老板拖欠工资，{SECRET}")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "带合同来。", seen_seq=99)
    with office.database.transaction() as tx:
        handling.note(tx, office.ticket().id, lin, "内部备注", now=office.clock())
        data = my_data.export(tx, ME, now=office.clock())
        actions = [(entry.actor, entry.action) for entry in audit.listing(tx)]

    [conversation] = data["conversations"]
    said = [message["text"] for message in conversation["messages"]]
    assert said[0] == f"老板拖欠工资，{SECRET}"
    assert said[-1] == "带合同来。"
    assert [ticket["number"] for ticket in conversation["tickets"]] == ["20261124-0001"]
    assert "内部备注" not in str(data)
    assert "lin" not in str(data)
    assert ("citizen", "data.exported") in actions


def test_nothing_is_deleted_before_it_is_confirmed(office: Office):
    office.say(SECRET)
    asked = office.say("删除我的数据")
    assert "找不回来" in asked.replies[-1].text
    kept = office.say("先不")

    assert "没有动" in kept.replies[-1].text
    assert SECRET in everything(office.database)


def test_after_the_deletion_no_table_knows_what_was_written_or_by_whom(office: Office):
    lin = office.hire("lin")
    office.say(SECRET)
    office.search.broken = True
    office.say(f"押金的事，{SECRET}")
    office.search.broken = False
    office.do(handling.answer, office.ticket(), lin, f"您是{SECRET}吗", seen_seq=99)
    with office.database.transaction() as tx:
        handling.note(tx, office.ticket().id, lin, f"备注{SECRET}", now=office.clock())
        file = Upload(name=f"{SECRET}.pdf", kind=FileKind.PDF, content=SECRET.encode())
        conversation, message = office.conversation().id, office.chat()[0].id
        attachments.store(tx, conversation, message, file, now=office.clock())
    assert SECRET in everything(office.database)

    office.say("删除我的数据")
    done = office.say("确定删除")

    assert "已经删除" in done.replies[-1].text
    left = everything(office.database)
    assert SECRET not in left
    assert "月河" not in left
    with office.database.reading() as tx:
        assert search.find(tx, "月河街", limit=9) == ()
        assert tx.execute(select(failures)).all() == []
        assert [entry.action for entry in audit.listing(tx, action="data.")] == ["data.erased"]


def test_what_is_counted_stays(office: Office):
    office.say("老板拖欠工资怎么办")
    office.say("转人工")
    number = office.ticket().number
    office.say("删除我的数据")
    office.say("确定删除")

    with office.database.reading() as tx:
        kinds = [
            payload["turn"]["kind"]
            for payload in tx.execute(select(messages.c.payload).order_by(messages.c.id)).scalars()
            if "turn" in payload
        ]
        row = tx.execute(select(tickets)).one()
    assert kinds[0] == "answer"
    assert (row.number, row.queue, row.subject, row.reason) == (number, "legal", "", "")


def test_a_live_ticket_is_named_before_and_cancelled_with_the_deletion(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)
    ticket = office.ticket()
    asked = office.say("删除我的数据")
    assert "工单会同时取消" in asked.replies[-1].text
    office.say("确定删除")

    with office.database.reading() as tx:
        closed = queue.get(tx, ticket.id)
    assert (closed.status, closed.close_reason) == (TicketStatus.CLOSED, CloseReason.CANCELLED)
    assert office.say("老板拖欠工资怎么办").turn["kind"] == "answer"


def test_a_deletion_that_is_sent_twice_is_answered_twice_and_done_once(office: Office):
    office.say("老板拖欠工资怎么办")
    office.say("删除我的数据")
    first = office.say("确定删除", id="again")
    second = office.say("确定删除", id="again")

    assert [reply.text for reply in second.replies] == [reply.text for reply in first.replies]
    assert second.conversation == first.conversation
    with office.database.reading() as tx:
        assert len(audit.listing(tx, action="data.erased")) == 1


def test_the_next_chat_starts_from_nothing_but_the_language(office: Office):
    office.say("English")
    office.say("What if my boss does not pay wages?")
    before = office.conversation().public_id
    office.say("delete my data")
    done = office.say("Yes, delete it")

    assert "It is deleted" in done.replies[-1].text
    assert office.conversation().public_id != before
    assert office.conversation().state.last_entry is None
    assert office.conversation().state.language == "en"


def test_deleting_others_is_not_possible(office: Office):
    office.say(SECRET, who="neighbour")
    office.say("删除我的数据")
    office.say("确定删除")

    assert SECRET in everything(office.database)


def test_the_web_page_downloads_the_visitors_data_and_nobody_elses(own_site: Site):
    mine, other = own_site.visitor(), own_site.visitor()
    for who, text in ((mine, SECRET), (other, "别人的话")):
        who.post("/chat/messages", json={"client_id": "m1", "text": text}).raise_for_status()

    answer = mine.get("/chat/my-data")

    assert answer.headers["content-disposition"] == 'attachment; filename="anwen-my-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert SECRET in answer.text
    assert "别人的话" not in answer.text
    assert own_site.program().get("/chat/my-data").status_code == 401


def test_an_old_question_back_can_still_be_answered(office: Office):
    office.say("删除我的数据")
    office.clock.forward(timedelta(days=1))
    office.say("老板拖欠工资怎么办")

    assert "已经删除" in office.say("data:erase").replies[-1].text
