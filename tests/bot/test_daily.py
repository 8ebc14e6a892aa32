"""What days count, kept when the chats and tickets they were counted from are gone."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Integer, func, select

from bot.conversation import daily, handling, my_data
from bot.conversation.daily import Figures
from bot.conversation.model import Address
from bot.conversation.period import Period
from bot.conversation.transcript import Rating
from bot.storage.figure_tables import daily_figures
from bot.storage.tables import messages
from bot.tickets.model import CloseReason
from bot.upkeep import delete_expired, keeping
from tests.bot.test_commands import anwen
from tests.bot.test_forms import WAITING
from tests.bot.tickets.world import Office, open_office

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = date(2026, 11, 24)  # a Tuesday, ten in the morning at the start


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty database."""
    with open_office(tmp_path / "data") as office:
        yield office


def counted(office: Office, first: date = TODAY, last: date | None = None) -> Figures:
    """The figures of some days."""
    with office.database.reading() as tx:
        return daily.over(tx, Period(first=first, last=last or first, zone=office.desk.zone))


def stored(office: Office) -> list[str]:
    """The days in the table."""
    with office.database.reading() as tx:
        return [row.day for row in tx.execute(select(daily_figures.c.day).order_by(daily_figures.c.day))]


def roll_up(office: Office) -> int:
    return daily.roll_up(office.database, office.desk.zone, now=office.clock())


def answered_and_closed(office: Office, who: str, rating: str = "") -> None:
    """A citizen who gets a person, an answer and the end of the ticket, and maybe rates it."""
    lin = office.hire(f"lin-{who}")
    office.say("老板拖欠工资怎么办", who=who)
    office.say("转人工", who=who)
    office.do(handling.answer, office.ticket(who), lin, "您好", seen_seq=99)
    office.do(handling.close, office.ticket(who), lin, CloseReason.SOLVED, wording=office.engine.wording)
    if rating:
        office.say(rating, who=who)


def farewell(who: str, office: Office) -> list[dict[str, str]]:
    """The rating buttons at the end of a citizen's ticket."""
    offered = [post.payload.get("choices", []) for post in office.chat(who)]
    found: list[dict[str, str]] = next(
        choices for choices in offered if sum(choice["value"].startswith("rate:") for choice in choices) == 5
    )
    return found


def test_a_chat_is_one_consultation_a_day_however_much_it_asks(office: Office):
    for text in ("老板拖欠工资怎么办", "房东不退押金怎么办", "老板拖欠工资怎么办"):
        office.say(text, who="asks much")
    office.say("你好", who="greets")
    office.say("信用中国上的处罚记录怎么申请修复", who="credit")
    office.clock.forward(DAY)
    office.say("老板拖欠工资怎么办", who="asks much")

    assert counted(office) == Figures(consultations=2, alone=2, credit=1)
    assert counted(office, TODAY, TODAY + DAY) == Figures(consultations=3, alone=3, credit=1)


def test_a_person_a_thumb_down_and_no_answer_are_not_alone(office: Office):
    office.say("天上有几颗星星啊啊", who="declined")
    unhelped = office.say("老板拖欠工资怎么办", who="unhelped")
    sender = Address(channel="test", user="unhelped")
    office.engine.rate(sender, unhelped.replies[-1].seq, Rating.NOT_HELPFUL)
    answered_and_closed(office, "helped")

    assert counted(office) == Figures(consultations=3, alone=0, tickets=1, closed=1)


def test_a_day_on_which_staff_still_had_the_chat_is_not_alone(office: Office):
    office.say("转人工")
    office.clock.forward(2 * DAY)
    office.say("取消工单")
    office.say("房东不退押金怎么办")

    assert counted(office, TODAY + 2 * DAY) == Figures(consultations=1, alone=0, closed=1)


def test_rating_is_no_consultation_and_counts_once_a_ticket_and_day(office: Office):
    answered_and_closed(office, "first")
    answered_and_closed(office, "second", "满意")
    office.clock.forward(DAY)
    office.say("不满意", who="first")
    [button] = [choice["value"] for choice in farewell("first", office) if choice["label"] == "满意"]
    office.say(button, who="first")  # after all

    assert counted(office).rated_4 == 1
    next_day = counted(office, TODAY + DAY)
    assert (next_day.consultations, next_day.rated, next_day.rated_4, next_day.satisfied) == (0, 1, 1, 1)


def test_finished_forms_are_credit_repairs_and_fraud_reports(office: Office):
    for text in (*WAITING, "提醒我"):
        office.say(text, who="repairs")
    for text in WAITING[:3]:
        office.say(text, who="begins to repair")
    office.say("帮我整理报案材料", who="reports")
    for _ in range(7):
        office.say("跳过", who="reports")
    office.say("没有", who="reports")
    assert counted(office).fraud_reports == 0
    office.say("确认", who="reports")

    found = counted(office)
    assert (found.consultations, found.credit, found.credit_repairs) == (3, 2, 1)
    assert (found.fraud, found.fraud_reports, found.tickets) == (1, 1, 1)
    assert found.alone == 1  # the one with a card


def test_a_fraud_report_counts_where_nobody_is_behind_the_desk(tmp_path: Path):
    with open_office(tmp_path, desk={"staffed": "no"}) as office:
        office.say("帮我整理报案材料")
        for text in ("跳过",) * 7 + ("没有", "确认"):
            office.say(text)
        found = counted(office)

    assert (found.fraud_reports, found.tickets) == (1, 0)


def test_who_only_asks_for_a_person_where_there_is_none_asked_something(tmp_path: Path):
    with open_office(tmp_path, desk={"staffed": "no"}) as office:
        office.say("转人工")

        assert counted(office) == Figures(consultations=1)


def test_the_figures_stay_when_retention_took_the_chats(office: Office):
    office.say("老板拖欠工资怎么办", who="alone")
    answered_and_closed(office, "helped", "非常满意")
    before = counted(office)
    assert before == Figures(consultations=2, alone=1, tickets=1, closed=1, rated_5=1)
    office.clock.forward(1200 * DAY)
    keep = keeping(office.config.privacy)

    gone = delete_expired(office.database, keep, zone=office.desk.zone, actor="cli", now=office.clock())
    assert sum(gone.values()) > 0
    with office.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(messages)).scalar_one() == 0
    assert counted(office) == before
    assert counted(office, date(2026, 1, 1), date(2026, 12, 31)) == before
    assert roll_up(office) == 0
    assert counted(office) == before


def test_purging_by_hand_counts_first(office: Office):
    office.say("老板拖欠工资怎么办")
    with office.database.transaction() as tx:
        tx.exec_driver_sql("UPDATE conversations SET updated_at = 0")
        tx.exec_driver_sql("UPDATE messages SET created_at = created_at - 86400 * 300")
    assert counted(office, TODAY - 300 * DAY).consultations == 1

    anwen(office.config.data, "purge", "--yes")
    with office.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(messages)).scalar_one() == 0
    assert counted(office, TODAY - 300 * DAY).consultations == 1


def test_a_day_is_stored_an_hour_after_it_is_over_and_once(office: Office):
    office.say("老板拖欠工资怎么办")
    office.clock.forward(14.5 * HOUR)  # half past midnight
    assert (roll_up(office), stored(office)) == (0, [])
    office.clock.forward(HOUR)
    assert (roll_up(office), roll_up(office)) == (1, 0)
    office.say("房东不退押金怎么办", who="somebody else")

    assert stored(office) == ["2026-11-24"]
    assert counted(office, TODAY, TODAY + DAY).consultations == 2  # today is live


def test_days_nobody_served_are_counted_later(office: Office):
    office.say("老板拖欠工资怎么办")
    office.clock.forward(2 * DAY)
    roll_up(office)
    office.say("房东不退押金怎么办", who="later")
    office.clock.forward(100 * DAY)
    waiting = counted(office, TODAY, TODAY + 102 * DAY)

    assert roll_up(office) == 100
    assert stored(office)[:2] == ["2026-11-24", "2026-11-25"]
    assert len(stored(office)) == 102
    assert counted(office, TODAY, TODAY + 102 * DAY) == waiting == Figures(consultations=2, alone=2)


def test_two_that_count_at_once_count_once(office: Office):
    for number in range(5):
        office.say("老板拖欠工资怎么办", who=f"p{number}")
    office.clock.forward(90 * DAY)
    threads = [threading.Thread(target=roll_up, args=(office,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(stored(office)) == len(set(stored(office))) == 90
    assert counted(office, TODAY, TODAY + 90 * DAY).consultations == 5


def test_who_deletes_their_data_stays_counted(office: Office):
    office.say("老板拖欠工资怎么办")
    answered_and_closed(office, "rated", "满意")
    before = counted(office)
    with office.database.transaction() as tx:
        for user in ("citizen", "rated"):
            my_data.erase(tx, Address(channel="test", user=user), now=office.clock())

    assert counted(office) == before


def test_nothing_but_numbers_is_kept(office: Office):
    kinds = {column.name: type(column.type) for column in daily_figures.columns}

    assert kinds.pop("day") is not Integer
    assert set(kinds) == set(daily.NAMES)
    assert set(kinds.values()) == {Integer}
