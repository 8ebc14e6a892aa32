"""The outbox against a platform behind real HTTP that answers as told: order, retries, limits, crashes."""

import asyncio
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.channels.base import Capabilities
from bot.conversation import delivery, handling, sessions, transcript
from bot.conversation.delivery import Trouble
from bot.conversation.model import Address, Author, Delivery, Message, Reply
from bot.errors import RetryLater, Undeliverable, WindowClosed
from bot.outbox import LEASE, Backoff, Outbox
from bot.storage.tables import messages
from tests.bot.tickets.world import Office, open_office
from tests.bot.world import until

SECOND = timedelta(seconds=1)
OK = (200, {})


@dataclass
class Platform:
    """A messenger's server: remembers what it took, and answers by its script, then with OK."""

    url: str = ""
    took: list[tuple[str, str]] = field(default_factory=list)  # (user, text)
    arrived: list[tuple[str, str]] = field(default_factory=list)  # also what it has not answered yet
    asked: list[tuple[str, str]] = field(default_factory=list)  # also what it refused
    script: list[tuple[int, dict[str, object]]] = field(default_factory=list)
    by_user: dict[str, tuple[int, dict[str, object]]] = field(default_factory=dict)
    hold: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, user: str, text: str) -> tuple[int, dict[str, object]]:
        """What it says to a message."""
        self.arrived.append((user, text))
        self.hold.wait(10)
        with self.lock:
            self.asked.append((user, text))
            answer = self.by_user.get(user) or (self.script.pop(0) if self.script else OK)
            if answer[0] == 200:
                self.took.append((user, text))
        return answer


@contextmanager
def running(platform: Platform) -> Iterator[Platform]:
    """The platform on a port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, facts = platform.answer(body["user"], body["text"])
            said = json.dumps(facts).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    platform.hold.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    platform.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield platform
    platform.hold.set()
    server.shutdown()
    server.server_close()


class Messenger:
    """The platform's channel, as a real one is written."""

    name = "test"
    capabilities = Capabilities(longest_text=None, buttons=True, proactive=True)

    def __init__(self, url: str) -> None:
        self.url = url

    async def send(self, address: Address, reply: Reply, *, key: int) -> None:
        try:
            async with httpx.AsyncClient(timeout=5, verify=False, trust_env=False) as client:
                answer = await client.post(self.url, json={"user": address.user, "text": reply.text})
        except httpx.TransportError as error:
            raise RetryLater(Trouble.UNREACHABLE) from error
        if answer.status_code == 429:
            raise RetryLater(Trouble.SLOW_DOWN, after=timedelta(seconds=answer.json()["retry_after"]))
        if answer.status_code == 403:
            raise Undeliverable(Trouble.BLOCKED)
        if answer.status_code == 409:
            raise WindowClosed
        if answer.status_code == 418:
            raise ZeroDivisionError("a mistake of the channel's author")
        if answer.status_code >= 500:
            raise RetryLater(Trouble.UNREACHABLE)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty database."""
    with open_office(tmp_path) as office:
        yield office


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A messenger's server."""
    with running(Platform()) as platform:
        yield platform


def outbox_of(office: Office, platform: Platform) -> Outbox:
    """An outbox without chance in its waits."""
    return Outbox(
        database=office.database,
        channels={"test": Messenger(platform.url)},
        wording=office.engine.wording,
        clock=office.clock,
        chance=lambda: 0.5,
    )


@pytest.fixture
def outbox(office: Office, platform: Platform) -> Outbox:
    """The outbox of the desk."""
    return outbox_of(office, platform)


def queue_up(office: Office, who: str, *texts: str, channel: str = "test") -> list[int]:
    """Messages for somebody, waiting to be sent; their ids."""
    with office.database.transaction() as tx:
        conversation = sessions.start(tx, Address(channel=channel, user=who), now=office.clock())
        return [
            transcript.post(
                tx, conversation.id, Author.BOT, text, {}, status=Delivery.QUEUED, now=office.clock()
            ).id
            for text in texts
        ]


def deliver(outbox: Outbox) -> int:
    """Deliver what is due now."""
    return asyncio.run(outbox.deliver_due())


def state(office: Office, id: int) -> tuple[str, int, str | None]:
    """Status, attempts and error of a message."""
    with office.database.reading() as tx:
        row = tx.execute(select(messages).where(messages.c.id == id)).one()
    return row.status, row.attempts, row.error


def wait_of(office: Office, id: int) -> timedelta:
    """How long until a message is tried again."""
    with office.database.reading() as tx:
        at = tx.execute(select(messages.c.next_at).where(messages.c.id == id)).scalar_one()
    return timedelta(seconds=round(at - office.clock().timestamp(), 3))


# --- getting there ----------------------------------------------------------------------------------------


def test_messages_arrive_in_the_order_of_each_chat(office: Office, platform: Platform, outbox: Outbox):
    for number in range(5):
        for who in ("a", "b", "c"):
            queue_up(office, who, f"{number}")

    deliver(outbox)

    assert {who: [text for user, text in platform.took if user == who] for who in "abc"} == {
        who: ["0", "1", "2", "3", "4"] for who in "abc"
    }


def test_what_arrived_is_sent_and_never_sent_again(office: Office, platform: Platform, outbox: Outbox):
    [id] = queue_up(office, "a", "hello")

    assert (deliver(outbox), deliver(outbox)) == (1, 0)
    assert state(office, id) == ("sent", 1, None)
    assert platform.took == [("a", "hello")]


def test_an_answer_of_staff_says_which_desk_speaks(office: Office, platform: Platform, outbox: Outbox):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "您好", seen_seq=99)
    deliver(outbox)

    assert [text.splitlines()[-1] for _, text in platform.took] == ["您好"]
    assert platform.took[0][1].startswith("【")


def test_choices_and_sources_arrive_as_they_were_posted(office: Office):
    outcome = office.say("老板拖欠工资怎么办")
    stored = office.chat()[-1]

    rebuilt = transcript.reply_of(stored)

    assert transcript.reply_payload(rebuilt) == {
        key: outcome.replies[-1].payload[key] for key in ("choices", "sources")
    }
    assert rebuilt.text == stored.text


# --- not getting there ------------------------------------------------------------------------------------


def test_the_next_message_waits_for_the_one_before(office: Office, platform: Platform, outbox: Outbox):
    platform.by_user["a"] = (503, {})
    first, second = queue_up(office, "a", "1", "2")
    queue_up(office, "b", "other")
    deliver(outbox)

    assert state(office, first) == ("queued", 1, "unreachable")
    assert state(office, second) == ("queued", 0, None)
    assert platform.took == [("b", "other")]
    del platform.by_user["a"]
    office.clock.forward(2 * SECOND)
    deliver(outbox)
    assert platform.took[1:] == [("a", "1"), ("a", "2")]


def test_waits_double_up_to_ten_minutes_and_end_with_a_reason(
    office: Office, platform: Platform, outbox: Outbox
):
    platform.by_user["a"] = (500, {})
    [id] = queue_up(office, "a", "1")
    waits = []
    while state(office, id)[0] == "queued":
        deliver(outbox)
        if state(office, id)[0] == "queued":
            waits.append(wait_of(office, id).total_seconds())
            office.clock.forward(wait_of(office, id))

    assert waits[:10] == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600]
    assert set(waits[10:]) == {600}
    assert state(office, id) == ("failed", 40, "given_up")
    assert 5 * 3600 < sum(waits) < 7 * 3600


def test_the_wait_a_platform_asks_for_is_honoured(office: Office, platform: Platform, outbox: Outbox):
    platform.script = [(429, {"retry_after": 37})]
    [id] = queue_up(office, "a", "1")
    deliver(outbox)

    assert state(office, id) == ("queued", 1, "slow_down")
    assert wait_of(office, id) == 37 * SECOND * 1.1
    office.clock.forward(37 * SECOND)
    assert deliver(outbox) == 0
    office.clock.forward(4 * SECOND)
    assert deliver(outbox) == 1
    assert platform.took == [("a", "1")]


def test_a_wait_asked_for_is_never_shortened_by_chance():
    backoff = Backoff()
    for attempts in range(1, 40):
        for chance in (0.0, 0.3, 1.0):
            asked = backoff.wait(attempts, after=60 * SECOND, chance=chance)
            own = backoff.wait(attempts, after=None, chance=chance)
            assert asked is not None
            assert own is not None
            assert 60 * SECOND <= asked <= 72 * SECOND
            assert 1.6 * SECOND <= own <= timedelta(minutes=12)
    assert backoff.wait(40, after=60 * SECOND, chance=0.0) is None


def test_what_can_never_arrive_fails_with_a_reason_people_understand(
    office: Office, platform: Platform, outbox: Outbox
):
    platform.by_user["a"] = (403, {})
    ids = queue_up(office, "a", "1", "2")
    deliver(outbox)

    assert [state(office, id) for id in ids] == [("failed", 1, "blocked"), ("failed", 1, "blocked")]
    words = delivery.explain("blocked", office.engine.wording, "zh")
    assert "已屏蔽" in words
    assert "blocked" in delivery.explain("blocked", office.engine.wording, "en")
    assert delivery.explain("the topic was deleted", office.engine.wording, "zh") == "the topic was deleted"


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_trouble_has_words(office: Office, trouble: Trouble, language: str):
    assert len(delivery.explain(trouble, office.engine.wording, language)) > 10


def test_a_closed_window_says_so_and_opens_when_the_person_writes(
    office: Office, platform: Platform, outbox: Outbox
):
    office.say("你好")
    platform.by_user["citizen"] = (409, {})
    [id] = queue_up(office, "citizen", "您的材料已办好")
    deliver(outbox)
    office.clock.forward(timedelta(days=3))
    assert deliver(outbox) == 0
    assert state(office, id)[::2] == ("queued", "window_closed")
    with office.database.reading() as tx:
        assert [(stuck.failed, stuck.error) for stuck in delivery.needs_attention(tx)] == [
            (False, "window_closed")
        ]

    del platform.by_user["citizen"]
    office.say("办好了吗")
    deliver(outbox)

    assert platform.took == [("citizen", "您的材料已办好")]
    assert state(office, id)[0] == "sent"


def test_a_mistake_in_a_channel_stops_nothing_else(office: Office, platform: Platform, outbox: Outbox):
    platform.by_user["a"] = (418, {})
    [bad], [good] = queue_up(office, "a", "1"), queue_up(office, "b", "2")
    deliver(outbox)

    assert state(office, bad) == ("queued", 1, "broken")
    assert state(office, good)[0] == "sent"


def test_a_platform_that_is_not_there_is_tried_again(office: Office, platform: Platform):
    gone = Platform(url="http://127.0.0.1:9")
    [id] = queue_up(office, "a", "1")
    deliver(outbox_of(office, gone))
    assert state(office, id) == ("queued", 1, "unreachable")

    office.clock.forward(timedelta(minutes=1))
    deliver(outbox_of(office, platform))
    assert platform.took == [("a", "1")]


def test_a_channel_that_nobody_pushes_waits_for_its_person(
    office: Office, platform: Platform, outbox: Outbox
):
    ids = queue_up(office, "a", "1", "2", channel="web")

    deliver(outbox)

    assert [state(office, id)[::2] for id in ids] == [("queued", None)] * 2
    assert deliver(outbox) == 0
    with office.database.reading() as tx:
        assert delivery.needs_attention(tx) == ()


def test_what_was_parked_is_looked_at_again_after_a_start(office: Office, platform: Platform):
    [id] = queue_up(office, "a", "1")
    deliver(Outbox(database=office.database, channels={}, wording=office.engine.wording, clock=office.clock))
    assert deliver(outbox_of(office, platform)) == 0

    with office.database.transaction() as tx:
        delivery.unpark(tx, now=office.clock())
    deliver(outbox_of(office, platform))
    assert state(office, id)[0] == "sent"


# --- people -----------------------------------------------------------------------------------------------


def test_what_failed_needs_attention_and_can_be_sent_again(
    office: Office, platform: Platform, outbox: Outbox
):
    platform.by_user["a"] = (403, {})
    [id] = queue_up(office, "a", "1")
    deliver(outbox)
    with office.database.reading() as tx:
        [stuck] = delivery.needs_attention(tx)
    assert (stuck.message_id, stuck.failed, stuck.error, stuck.channel) == (id, True, "blocked", "test")

    del platform.by_user["a"]
    with office.database.transaction() as tx:
        assert transcript.resend(tx, stuck.conversation_id, stuck.seq, now=office.clock())
        assert not transcript.resend(tx, stuck.conversation_id, stuck.seq, now=office.clock())
    deliver(outbox)

    assert platform.took == [("a", "1")]
    with office.database.reading() as tx:
        assert delivery.needs_attention(tx) == ()


# --- crashes ----------------------------------------------------------------------------------------------


def test_a_process_that_dies_while_sending_loses_nothing(office: Office, platform: Platform, outbox: Outbox):
    first, _second = queue_up(office, "a", "1", "2")
    with office.database.transaction() as tx:  # claimed, then killed before anything was sent
        delivery.claim(tx, now=office.clock(), lease_until=office.clock() + LEASE, limit=10)

    assert deliver(outbox) == 0  # it is not ours yet, and nothing overtakes it
    office.clock.forward(LEASE)
    deliver(outbox)

    assert platform.took == [("a", "1"), ("a", "2")]
    assert state(office, first) == ("sent", 2, None)


def test_a_process_that_dies_after_sending_sends_once_more_but_in_order(
    office: Office, platform: Platform, outbox: Outbox
):
    async def killed_in_the_middle() -> None:
        platform.hold.clear()
        task = asyncio.create_task(outbox.deliver_due())
        await asyncio.to_thread(until, lambda: bool(platform.arrived))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    queue_up(office, "a", "1", "2", "3")
    asyncio.run(killed_in_the_middle())
    platform.hold.set()
    until(lambda: platform.took == [("a", "1")])
    office.clock.forward(LEASE)
    deliver(outbox_of(office, platform))

    assert [text for _, text in platform.took] == ["1", "1", "2", "3"]


def test_who_lost_the_lease_settles_nothing(office: Office):
    [id] = queue_up(office, "a", "1")
    with office.database.transaction() as tx:
        [slow] = delivery.claim(tx, now=office.clock(), lease_until=office.clock() + LEASE, limit=10)
    office.clock.forward(LEASE)
    with office.database.transaction() as tx:
        [fast] = delivery.claim(tx, now=office.clock(), lease_until=office.clock() + LEASE, limit=10)
        assert delivery.sent(tx, fast)
        assert not delivery.failed(tx, slow, Trouble.BLOCKED)

    assert state(office, id)[0] == "sent"


def test_two_outboxes_send_everything_once(office: Office, platform: Platform):
    for number in range(10):
        for who in "abcdefgh":
            queue_up(office, who, f"{number}")

    async def both() -> None:
        await asyncio.gather(*(outbox_of(office, platform).deliver_due() for _ in range(2)))
        await outbox_of(office, platform).deliver_due()

    asyncio.run(both())

    assert {who: [text for user, text in platform.took if user == who] for who in "abcdefgh"} == {
        who: [str(number) for number in range(10)] for who in "abcdefgh"
    }


def test_any_weather_loses_nothing_and_keeps_the_order(office: Office, platform: Platform):
    """Random refusals, and an outbox that is killed at random: each text arrives, in order, and only what was
    being sent when it died arrives twice.
    """
    chance = random.Random(7)
    people = [f"p{number}" for number in range(6)]
    for number in range(8):
        for who in people:
            queue_up(office, who, f"{number:02d}")
    weather = [OK, OK, (429, {"retry_after": 3}), (503, {}), (500, {})]
    platform.script = [chance.choice(weather) for _ in range(120)]
    kills = 0

    async def some_time() -> None:
        task = asyncio.create_task(outbox_of(office, platform).deliver_due())
        enough = len(platform.asked) + chance.randrange(1, 12)
        while not task.done() and len(platform.asked) < enough:
            await asyncio.sleep(0.001)
        nonlocal kills
        kills += not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    for _ in range(200):
        asyncio.run(some_time())
        office.clock.forward(timedelta(seconds=chance.choice([1, 5, 130])))
        with office.database.reading() as tx:
            if not tx.execute(select(messages.c.id).where(messages.c.status == "queued")).first():
                break

    for who in people:
        texts = [text for user, text in platform.took if user == who]
        assert sorted(texts) == texts
        assert set(texts) == {f"{number:02d}" for number in range(8)}
    twice = sum(count - 1 for count in Counter(platform.took).values())
    assert kills > 5
    assert twice <= kills * len(people)


def test_the_loop_delivers_what_is_committed_while_it_runs(office: Office, platform: Platform):
    outbox = outbox_of(office, platform)
    office.database.after_commit(outbox.wake)

    async def a_while() -> list[float]:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(outbox.run())
        await asyncio.sleep(0.1)
        waits = []
        for number in range(5):
            begin = loop.time()
            await asyncio.to_thread(queue_up, office, "a", f"{number}")
            while len(platform.took) <= number:
                await asyncio.sleep(0.005)
            waits.append(loop.time() - begin)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return waits

    waits = asyncio.run(a_while())

    assert [text for _, text in platform.took] == ["0", "1", "2", "3", "4"]
    assert sorted(waits)[2] < 0.5  # woken, not polled once a second


def test_bot_replies_of_a_pushing_channel_go_the_same_way(office: Office, platform: Platform, outbox: Outbox):
    message = Message(sender=Address(channel="test", user="t1"), text="老板拖欠工资怎么办", external_id="u1")
    for _ in range(2):  # the platform delivers twice
        office.engine.handle(message, delivery=Delivery.QUEUED)
    deliver(outbox)

    assert [user for user, _ in platform.took] == ["t1"]
    assert "12333" in platform.took[0][1]
