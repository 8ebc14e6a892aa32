"""`anwen serve` is killed with -9 while people write on Telegram, asked for or posted to: every effect happens once."""

import random
import sqlite3
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.admin import create_account, invite_to_telegram
from bot.channels.telegram import identity
from bot.storage.database import open_database
from bot.tickets.people import Role
from tests.bot.channels.telegram.fake.people import Telegram, platform
from tests.bot.channels.telegram.fake.state import FIRST_GROUP, TOKEN
from tests.bot.world import until
from tests.faults.test_kill9 import PASSWORD, Served, _free_port
from tests.world import shipped_config

CITIZENS, WITH_A_PERSON = 50, 4
LIN = 7001
QUESTIONS = ("老板拖欠工资怎么办", "房东不退押金怎么办", "处罚记录怎么申请修复", "今天天气怎么样")


@pytest.mark.parametrize("mode", ["polling", "webhook"])
@pytest.mark.parametrize(("kills", "updates"), [(2, 50), pytest.param(30, 500, marks=pytest.mark.slow)])
def test_kill_9_on_telegram_loses_nothing_and_does_nothing_twice(
    data: Path, mode: str, kills: int, updates: int, capsys: pytest.CaptureFixture[str]
):
    config = shipped_config(data)
    create_account(config, username="lin", name="lin", role=Role.AGENT, queues=(), password=PASSWORD)
    code = invite_to_telegram(config, username="lin")
    database = open_database(config.database_url)
    with database.transaction() as tx:
        assert identity.accept(tx, code, LIN, now=datetime.now(UTC))
    database.close()
    with platform(limits=False) as telegram:
        telegram.forum()
        port = _free_port()
        served = Served(
            data=data,
            port=port,
            more={
                "ANWEN_TELEGRAM__TOKEN": TOKEN,
                "ANWEN_TELEGRAM__API": telegram.url,
                "ANWEN_TELEGRAM__MODE": mode,
                "ANWEN_TELEGRAM__MESSAGES_PER_MINUTE": "1000000",
                "ANWEN_TELEGRAM__UNDO_WINDOW": "0s",
                "ANWEN_TELEGRAM__GROUPS": f'{{"default": [{FIRST_GROUP}]}}',
                "ANWEN_SERVER__PUBLIC_URL": f"http://127.0.0.1:{port}",
            },
        )
        served.start()
        try:
            sent, answers = _played(telegram, served, kills=kills, updates=updates)
            _settled(telegram, data / "anwen.db")
            doubled = _all_shown(telegram, sent)
        finally:
            served.kill()
        figures = _verified(telegram, data / "anwen.db", sent, answers)
    with capsys.disabled():
        starts = sorted(served.starts_s)
        print(
            f"\nkill -9, {mode}: {kills} kills during {updates} updates; {figures}; "
            f"staff saw all, {doubled} lines twice; ready after {starts[-1]:.1f} s at worst"
        )


def _played(
    telegram: Telegram, served: Served, *, kills: int, updates: int
) -> tuple[dict[int, list[int]], dict[int, list[str]]]:
    """Everything people sent: ids of messages by citizen, answers of staff by topic; killed again and again."""
    chance = random.Random(11)
    sent: dict[int, list[int]] = {citizen: [] for citizen in range(100, 100 + CITIZENS)}
    answers: dict[int, list[str]] = {}
    for citizen in range(100, 100 + WITH_A_PERSON):
        sent[citizen].append(telegram.say(citizen, "转人工"))
    until(lambda: len(telegram.topics()) == WITH_A_PERSON, seconds=60)
    until(
        lambda: all(len(telegram.sees(FIRST_GROUP, thread=each)) >= 2 for each in telegram.topics()),
        seconds=60,
    )
    for number in range(updates):
        if number % 5 == 0:
            thread = chance.choice(telegram.topics())
            telegram.staff_says(LIN, FIRST_GROUP, thread, f"/r 答复 {number:03d}")
            answers.setdefault(thread, []).append(f"答复 {number:03d}")
        else:
            citizen = chance.choice(list(sent))
            sent[citizen].append(telegram.say(citizen, f"{chance.choice(QUESTIONS)}（{number:03d}）"))
        if number * kills // updates != (number + 1) * kills // updates:
            time.sleep(chance.uniform(0.05, 0.8))
            served.kill()
            served.start()
    return sent, answers


def _settled(telegram: Telegram, path: Path) -> None:
    """Wait until Telegram has nothing left for us and we nothing for people."""

    def done() -> bool:
        with sqlite3.connect(path, timeout=30) as rows:
            new = rows.execute("SELECT count(*) FROM telegram_updates WHERE state = 'new'").fetchone()[0]
            newest = rows.execute("SELECT max(update_id) FROM telegram_updates").fetchone()[0]
            queued = rows.execute("SELECT count(*) FROM messages WHERE status = 'queued'").fetchone()[0]
        rows.close()
        with telegram.state.lock:
            last = telegram.state.next_update - 1
        return (new, newest, queued) == (0, last, 0)

    until(done, seconds=180)


def _all_shown(telegram: Telegram, sent: dict[int, list[int]]) -> int:
    """Wait until staff see every word of those who have a person, each chat in order; how many lines stand twice."""
    said = {
        who: [telegram.state.messages[who][each]["text"] for each in ids[1:]]
        for who, ids in sent.items()
        if who < 100 + WITH_A_PERSON
    }

    def shown(who: int) -> list[str]:
        threads = (telegram.texts(FIRST_GROUP, thread=thread) for thread in telegram.topics())
        pages = ["\n".join(texts).split("\n") for texts in threads]
        mine = next(page for page in pages if not said[who] or any(said[who][0] in line for line in page))
        return [text for line in mine for text in said[who] if text in line]

    def seen(who: int) -> bool:
        try:
            return set(shown(who)) == set(said[who])
        except StopIteration:
            return False

    until(lambda: all(map(seen, said)), seconds=240)
    for who, texts in said.items():
        assert list(dict.fromkeys(shown(who))) == texts, "staff read them in order"
    return sum(len(shown(who)) - len(texts) for who, texts in said.items())


def _verified(
    telegram: Telegram, path: Path, sent: dict[int, list[int]], answers: dict[int, list[str]]
) -> str:
    """Check the database and the platform against what people did; the figures in words."""
    with sqlite3.connect(path) as rows:
        stored = rows.execute(
            "SELECT c.address, m.author, m.external_id, m.text, m.status, m.id, m.reply_to FROM messages m "
            "JOIN conversations c ON c.id = m.conversation_id ORDER BY c.id, m.seq"
        ).fetchall()
        topics = dict(
            rows.execute(
                "SELECT t.thread_id, c.address FROM telegram_topics t JOIN tickets k ON k.id = t.ticket_id "
                "JOIN conversations c ON c.id = k.conversation_id"
            ).fetchall()
        )
        parts = rows.execute("SELECT post_id, maybe_twice FROM telegram_parts").fetchall()
        failures = rows.execute("SELECT count(*) FROM failures").fetchone()[0]
        notes = rows.execute("SELECT count(*) FROM notes").fetchone()[0]
        states = Counter(row[0] for row in rows.execute("SELECT state FROM telegram_updates"))
    rows.close()
    twice = sum(count - 1 for count in Counter(_deliveries(telegram)).values())
    unsure = sum(flag for _, flag in parts)
    assert (failures, notes, set(states)) == (0, 0, {"done"})
    for citizen, ids in sent.items():
        theirs = [row for row in stored if row[0] == str(citizen)]
        own = [int(row[2]) for row in theirs if row[1] == "citizen"]
        assert own == ids, "all, once, in order"
        assert all(row[4] == "sent" for row in theirs if row[1] in ("bot", "staff", "system"))
        for row in theirs:
            replies = [each for each in theirs if each[6] == row[5]]
            alone = row[1] == "citizen" and citizen >= 100 + WITH_A_PERSON
            assert not alone or len(replies) == 1, "one answer"
    for thread, expected in answers.items():
        found = [row[3] for row in stored if row[0] == topics[thread] and row[1] == "staff"]
        assert found == expected, "all, once, in order"
    assert twice <= unsure, "what arrived twice is marked"
    total = sum(map(len, sent.values()))
    staff = sum(map(len, answers.values()))
    return (
        f"{total} messages and {staff} answers of staff, 0 lost, 0 doubled, every chat in order; "
        f"of {len(parts)} messages to citizens {twice} arrived twice, {unsure} marked as maybe"
    )


def _deliveries(telegram: Telegram) -> list[tuple[int, str]]:
    """What every citizen was sent; texts of one chat differ by what they answer, so equal ones are doubles."""
    found = []
    for citizen in range(100, 100 + CITIZENS):
        found += [(citizen, text) for text in telegram.texts(citizen) if "答复" in text]
    return found
