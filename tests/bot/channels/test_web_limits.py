import pytest
from starlette.requests import Request

from bot.channels import buckets as shared
from bot.channels.web import limits
from bot.channels.web.limits import Addresses, Limits
from bot.config_channels import Web


class Seconds:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


def many(
    limits: Limits, count: int, *, chat: str = "c", address: str = "a", begins: bool = False
) -> list[bool]:
    return [limits.message(chat=chat, address=address, begins=begins) == 0.0 for _ in range(count)]


def test_a_burst_passes_and_then_one_message_every_two_seconds(clock: Seconds):
    limited = Limits(Web(messages_per_minute=30), clock=clock)

    assert many(limited, 11) == [True] * 10 + [False]
    assert limited.message(chat="c", address="a", begins=False) == pytest.approx(2.0)
    clock.now += 2.0
    assert many(limited, 2) == [True, False]


def test_a_refused_message_costs_nothing(clock: Seconds):
    limited = Limits(Web(messages_per_minute=6), clock=clock)
    many(limited, 50)
    clock.now += 10.0

    assert many(limited, 2) == [True, False]


def test_chats_do_not_slow_each_other_down(clock: Seconds):
    limited = Limits(Web(messages_per_minute=6), clock=clock)
    many(limited, 50, chat="loud")

    assert many(limited, 5, chat="other") == [True] * 5


def test_one_address_cannot_flood_with_many_chats(clock: Seconds):
    limited = Limits(Web(messages_per_minute=6), clock=clock)
    passed = sum(many(limited, 1, chat=str(number))[0] for number in range(200))

    assert passed == limits.LEAST_BURST * limits.CHATS_BEHIND_ONE_ADDRESS


def test_new_chats_of_one_address_are_counted_by_the_hour(clock: Seconds):
    limited = Limits(Web(sessions_per_hour=60, messages_per_minute=6000), clock=clock)
    begun = [many(limited, 1, chat=str(number), begins=True)[0] for number in range(61)]

    assert begun == [True] * 60 + [False]
    clock.now += 60.0
    assert many(limited, 1, chat="later", begins=True) == [True]


def test_memory_is_bounded(clock: Seconds, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shared, "REMEMBERED", 100)
    buckets = shared.Buckets(rate=1, burst=1)
    for number in range(1_000):
        buckets.take(str(number), clock())

    assert len(buckets._buckets) == 100


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("203.0.113.7", "198.51.100.1", (), "203.0.113.7"),  # nobody is believed unless trusted
        ("10.0.0.1", "198.51.100.1", ("10.0.0.1",), "198.51.100.1"),
        (
            "10.0.0.1",
            "6.6.6.6, 198.51.100.1",
            ("10.0.0.1",),
            "198.51.100.1",
        ),  # what came before it is a claim
        ("10.0.0.1", "198.51.100.1, 10.0.0.9", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "", ("10.0.0.1",), "10.0.0.1"),
        ("10.0.0.1", "nonsense", ("10.0.0.1",), "nonsense"),
        ("::ffff:10.0.0.1", "198.51.100.1", ("10.0.0.1",), "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "", (), "2001:db8:1:2::/64"),
    ],
)
def test_the_address_is_the_one_the_trusted_proxy_saw(
    peer: str, forwarded: str, trusted: tuple[str, ...], found: str
):
    scope = {
        "type": "http",
        "client": (peer, 1),
        "headers": [(b"x-forwarded-for", forwarded.encode())] if forwarded else [],
    }

    assert Addresses(trusted).of(Request(scope)) == found
