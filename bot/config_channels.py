"""The sections of the configuration about the ways people reach the desk."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from bot.config_values import Duration, Section
from knowledge.entries import Queue


class Web(Section):
    """The web chat: who may embed it and how much one visitor may send."""

    embed_origins: tuple[Annotated[str, Field(pattern=r"^https?://[^/\s;,'\"]+$")], ...] = ()
    messages_per_minute: int = Field(default=30, ge=1)
    sessions_per_hour: int = Field(default=60, ge=1)
    streams_per_chat: int = Field(default=3, ge=1, le=20)
    largest_file_mb: int = Field(default=8, ge=0, le=50)
    trusted_proxies: tuple[str, ...] = ()


class TelegramGroups(Section):
    """The supergroups of staff: one or several, and for some queues their own. Empty: staff use the console."""

    default: tuple[int, ...] = ()
    queues: dict[Queue, tuple[int, ...]] = Field(default_factory=dict)

    def of(self, queue: Queue, ticket_id: int) -> int | None:
        """The group in which a ticket has its topic; several share the tickets evenly."""
        groups = self.queues.get(queue) or self.default
        return groups[ticket_id % len(groups)] if groups else None

    @property
    def every(self) -> frozenset[int]:
        """All of them."""
        return frozenset((*self.default, *(group for groups in self.queues.values() for group in groups)))


class Telegram(Section):
    """The Telegram channel: it runs where there is a token, which comes from ANWEN_TELEGRAM__TOKEN only."""

    token: SecretStr = SecretStr("")
    api: str = Field(default="https://api.telegram.org", pattern=r"^https?://[^/\s]+$")
    mode: Literal["polling", "webhook"] = "polling"
    messages_per_minute: int = Field(default=20, ge=1)
    undo_window: Duration = timedelta(seconds=10)
    reply_mode: Duration = timedelta(minutes=10)
    group_calls_per_minute: int = Field(default=19, ge=4, le=20)
    staff_language: Literal["zh", "en"] = "zh"
    groups: TelegramGroups = TelegramGroups()

    @property
    def is_on(self) -> bool:
        """Whether there is a token."""
        return bool(self.token.get_secret_value())
