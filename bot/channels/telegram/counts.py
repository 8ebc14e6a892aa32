"""What is counted of Telegram, in the process's registry. Never a person, a text or an id."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Counts:
    """The counters of the channel."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self.received = Counter(
            "anwen_telegram_updates", "Updates received, by kind.", ["kind"], registry=registry
        )
        self.failed = Counter(
            "anwen_telegram_failed_updates", "Updates nobody could deal with.", registry=registry
        )
        self.sent = Counter(
            "anwen_telegram_sent",
            "Messages and changes accepted, by where: person, group.",
            ["to"],
            registry=registry,
        )
        self.limited = Counter(
            "anwen_telegram_limited",
            "Times Telegram asked us to wait, by where: person, group.",
            ["to"],
            registry=registry,
        )
        self.refused = Counter(
            "anwen_telegram_refused", "Calls refused for good, by reason.", ["reason"], registry=registry
        )
        self.unsure = Counter(
            "anwen_telegram_unsure", "Messages that may have arrived twice.", registry=registry
        )
        self.topics_lost = Counter(
            "anwen_telegram_lost_topics", "Topics that were gone and made anew.", registry=registry
        )
        self.polls_failed = Counter(
            "anwen_telegram_failed_polls", "Times Telegram could not be asked for updates.", registry=registry
        )
        self.behind = Gauge(
            "anwen_telegram_behind", "Tickets whose topic does not show everything yet.", registry=registry
        )
        self.waiting = Gauge(
            "anwen_telegram_waiting_updates", "Updates received and not dealt with.", registry=registry
        )
