"""What is counted, in a registry of its own. Never a person, a text or an address."""

from time import perf_counter
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from bot.conversation.model import Message
from bot.conversation.outcome import Outcome

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Handler(Protocol):
    """What handles a message: the engine."""

    def handle(self, message: Message) -> Outcome:
        """Answer one message and record both."""
        ...


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "anwen_messages",
            "Messages handled, by channel and by what the turn was.",
            ["channel", "kind"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "anwen_handling_seconds",
            "Seconds from understanding a message to its commit.",
            ["channel"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._failures = Counter(
            "anwen_failures", "Messages whose handling failed.", ["channel"], registry=self.registry
        )
        self.slowed = Counter(
            "anwen_slowed_messages", "Messages held back by a limit.", ["channel"], registry=self.registry
        )
        self.open_streams = Gauge(
            "anwen_open_streams", "Event streams open to web chats.", registry=self.registry
        )

    def handle(self, engine: Handler, message: Message) -> Outcome:
        """`engine.handle(message)`, counted. Raises what it raises."""
        channel = message.sender.channel
        started = perf_counter()
        try:
            outcome = engine.handle(message)
        except Exception:
            self._failures.labels(channel).inc()
            raise
        self._seconds.labels(channel).observe(perf_counter() - started)
        self._messages.labels(channel, outcome.turn.get("kind", "none")).inc()
        if outcome.failed:
            self._failures.labels(channel).inc()
        return outcome

    def text(self) -> bytes:
        """All values in Prometheus text format."""
        return generate_latest(self.registry)
