"""Forms in the real engine and database: kept, taken up elsewhere, handed over, remembered, deleted."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from sqlalchemy import select

from bot.conversation import case_cards, form_drafts, my_data, transcript
from bot.conversation.model import Address, Author, Message
from bot.conversation.outcome import Outcome
from bot.storage.form_tables import case_cards as cards_table
from bot.storage.form_tables import form_drafts as drafts_table
from bot.storage.form_tables import reminders as reminders_table
from bot.tickets import queue
from bot.tickets.model import Priority
from bot.upkeep import Upkeep
from knowledge.entries import Queue
from tests.bot.channels.test_web_chat import say as say_on_page
from tests.bot.tickets.world import Office, open_office
from tests.bot.world import Site

WAITING = ("信用修复", "信用中国", "行政处罚", "一般", "2026年10月12日", "缴清了", "跳过")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty database."""
    with open_office(tmp_path) as office:
        yield office


def told(outcome: Outcome) -> str:
    """Everything said to a message."""
    return "\n".join(reply.text for reply in outcome.replies)


def rows(office: Office, table) -> list:
    """All rows of a table."""
    with office.database.reading() as tx:
        return list(tx.execute(select(table)))


def on(office: Office, channel: str, user: str, text: str) -> Outcome:
    """Said by somebody on a channel."""
    office.said += 1
    sender = Address(channel=channel, user=user)
    return office.engine.handle(Message(sender=sender, text=text, external_id=f"x{office.said}"))


def saved(office: Office) -> str:
    """The code of a form put away after its first question."""
    office.say("信用修复")
    office.say("信用中国")
    code = re.search(r"续办码：(\S{4}-\S{4})", told(office.say("保存")))
    assert code is not None
    return code[1]


def test_a_kept_form_is_gone_on_with_on_another_channel(office: Office):
    code = saved(office)

    again = on(office, "telegram", "77", f"继续 {code}")

    assert "接着填“信用修复一键办”" in told(again)
    assert "是下面哪一种" in told(again)
    assert "处罚属于哪一级" in told(on(office, "telegram", "77", "行政处罚"))


def test_the_code_is_written_as_people_write_it(office: Office):
    code = saved(office)

    assert "接着填" in told(on(office, "web", "b", f"继续{code.replace('-', '').lower()}"))


def test_a_code_works_once(office: Office):
    code = saved(office)
    on(office, "web", "a", f"继续 {code}")

    assert "没有找到这个续办码" in told(on(office, "web", "b", f"继续 {code}"))


def test_a_code_is_worth_nothing_after_fourteen_days(office: Office):
    code = saved(office)
    office.clock.forward(timedelta(days=14))

    assert "没有找到这个续办码" in told(on(office, "web", "a", f"继续 {code}"))


def test_a_repeated_message_keeps_one_form_and_takes_none_twice(office: Office):
    office.say("信用修复")
    first, second = office.say("保存", id="same"), office.say("保存", id="same")
    code = re.search(r"续办码：(\S+)。", told(first))[1]

    assert told(first) == told(second)
    assert len(rows(office, drafts_table)) == 1
    sender = Address(channel="web", user="a")
    taken = [
        office.engine.handle(Message(sender=sender, text=f"继续 {code}", external_id="r")) for _ in range(2)
    ]
    assert told(taken[0]) == told(taken[1])
    assert "接着填" in told(taken[1])


def test_only_the_hash_of_a_code_is_stored(office: Office):
    code = saved(office)
    (row,) = rows(office, drafts_table)

    assert code.replace("-", "") not in str(row)


def test_codes_cannot_be_guessed():
    codes = {form_drafts.fresh_code() for _ in range(1000)}

    assert len(codes) == 1000
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{8}", code) for code in codes)


def test_a_form_handed_in_is_a_ticket_with_its_answers(office: Office):
    office.hire("yang")
    for text in ("整理报案材料", "今天", "跳过", "2万", "跳过", "跳过", "微信", "跳过", "跳过", "提交"):
        outcome = office.say(text)

    ticket = office.ticket()
    with office.database.reading() as tx:
        context = queue.context_of(tx, ticket.id)
    assert (ticket.queue, ticket.priority) == (Queue.FRAUD, Priority.URGENT)
    assert ticket.subject.startswith("报案材料整理，")
    assert context["form"] == {
        "哪天转的钱": "2026年11月24日",
        "一共转了多少": "20,000 元",
        "怎么联系上的": "微信或QQ",
    }
    assert outcome.ticket is not None


def test_a_form_added_to_a_live_ticket_is_seen_by_staff(office: Office):
    office.hire("yang")
    office.say("钱已经转给骗子了")
    number = office.ticket().number
    for text in ("整理报案材料", "今天", *["跳过"] * 7, "提交"):
        office.say(text)

    with office.database.reading() as tx:
        context = queue.context_of(tx, office.ticket().id)
    assert office.ticket().number == number
    assert context["form"] == {"哪天转的钱": "2026年11月24日"}


def test_staff_who_answered_have_the_conversation_alone(office: Office):
    from bot.conversation import handling

    agent = office.hire("yang")
    office.say("钱已经转给骗子了")
    office.say("整理报案材料")
    with office.database.transaction() as tx:
        seen = transcript.all_of(tx, office.ticket().conversation_id)[-1].seq
        handling.answer(
            tx, office.desk, office.ticket().id, agent, "我是值班民警", seen_seq=seen, now=office.clock()
        )

    assert office.say("今天").replies == ()


def test_a_person_takes_over_with_what_was_filled_in(office: Office):
    office.hire("yang")
    office.say("信用修复")
    office.say("信用中国")
    office.say("转人工")

    with office.database.reading() as tx:
        context = queue.context_of(tx, office.ticket().id)
    assert office.ticket().queue is Queue.CREDIT
    assert context["form"] == {"在哪里看到的": "“信用中国”网站"}


def test_five_answers_that_do_not_fit_are_a_person(office: Office):
    office.hire("yang")
    office.say("信用修复")
    kinds = [office.say("呃呃呃").turn["kind"] for _ in range(5)]

    assert kinds == ["form"] * 4 + ["handover"]
    assert "five answers did not fit" in office.ticket().reason


def test_the_case_card_keeps_what_was_found(office: Office):
    for text in (*WAITING, "提醒我"):
        office.say(text)

    (row,) = rows(office, cards_table)
    assert row.facts["earliest"] == "2027-01-12"
    assert row.lines["最早可申请日"] == "2027年1月12日"
    assert len(row.public_id) >= 32


def test_the_reminder_comes_on_the_morning_of_the_day_once(office: Office):
    for text in (*WAITING, "提醒我"):
        office.say(text)
    woken: list[Address] = []
    upkeep = Upkeep(
        database=office.database,
        desk=office.desk,
        wording=office.engine.wording,
        close_resolved_after=timedelta(hours=72),
        keep={},
        clock=office.clock,
        told=woken.append,
    )
    morning = datetime(2027, 1, 12, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)

    office.clock.now = morning - timedelta(seconds=1)
    assert upkeep.remind() == 0
    office.clock.now = morning
    assert upkeep.remind() == 1
    assert upkeep.remind() == 0

    with office.database.reading() as tx:
        last = transcript.all_of(tx, rows(office, cards_table)[0].conversation_id)[-1]
    assert last.author is Author.SYSTEM
    assert "最短公示期已于 2027年1月12日 届满" in last.text
    assert [address.user for address in woken] == ["citizen"]


def test_who_deletes_their_data_deletes_drafts_cards_and_reminders(office: Office):
    for text in (*WAITING, "提醒我", "信用修复", "保存"):
        office.say(text)
    assert rows(office, cards_table)
    assert rows(office, drafts_table)
    assert rows(office, reminders_table)

    with office.database.transaction() as tx:
        exported = my_data.export(tx, Address(channel="test", user="citizen"), now=office.clock())
        my_data.erase(tx, Address(channel="test", user="citizen"), now=office.clock())

    assert exported["conversations"][0]["cases"][0]["answers"]["记录编号"] == "C01"
    assert rows(office, cards_table) == rows(office, drafts_table) == rows(office, reminders_table) == []


def test_a_form_left_for_hours_does_not_take_every_message(office: Office):
    office.say("信用修复")
    office.say("信用中国")
    office.clock.forward(timedelta(hours=3))

    aside = office.say("房东不退押金怎么办？")

    assert aside.turn["entry"] == "legal.renting.deposit"
    assert "先放着" in told(aside)
    assert "是下面哪一种" in told(office.say("继续"))


def test_a_form_left_for_hours_still_knows_its_own_answer(office: Office):
    office.say("信用修复")
    office.say("信用中国")
    office.clock.forward(timedelta(hours=3))

    assert "处罚属于哪一级" in told(office.say("行政处罚"))


# --- documents over the web -------------------------------------------------------------------------------


def papers_of(site: Site) -> tuple[object, list[dict]]:
    """Somebody who finished the credit form on the page, and the documents they were given."""
    visitor = site.visitor()
    said = ("信用修复", "信用中国", "行政处罚", "一般", "2026年6月10日", "缴清了", "7月1日", "1")
    for number, text in enumerate((*said, "嘉兴<b>某某</b>有限公司", *["跳过"] * 4, "提交")):
        answer = say_on_page(visitor, text, id=f"p{number}")
    return visitor, [paper for reply in answer["replies"] for paper in reply["papers"]]


def test_the_documents_are_downloaded_in_the_chat_they_were_made_in(site: Site):
    visitor, papers = papers_of(site)

    assert [paper["title"] for paper in papers] == ["信用修复申请书", "信用承诺书", "材料清单"]
    answer = visitor.get(papers[0]["path"])
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    cells = [cell.text for table in Document(BytesIO(answer.content)).tables for cell in table._cells]
    assert "嘉兴<b>某某</b>有限公司" in cells


def test_nobody_else_gets_them(site: Site):
    _, papers = papers_of(site)

    stranger = site.visitor()
    say_on_page(stranger, "你好")

    assert stranger.get(papers[0]["path"]).status_code == 404
    assert site.program().get(papers[0]["path"]).status_code == 401


@pytest.mark.parametrize("name", ["rules", "credit_other", "..%2F..%2Frules", "CREDIT"])
def test_only_documents_of_the_card_are_served(site: Site, name: str):
    visitor, papers = papers_of(site)

    assert visitor.get(papers[0]["path"].rsplit("/", 1)[0] + f"/{name}").status_code in (404, 422)


def test_links_cannot_be_guessed():
    assert len({case_cards.fresh_token() for _ in range(1000)}) == 1000
