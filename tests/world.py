"""A whole anwen in a test: real database, real knowledge, real encoder; only the clock is ours."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot import config as configuration
from bot.app import App, build
from bot.compiling import compile_if_changed
from bot.config import Config
from bot.conversation.model import Address, Message
from bot.conversation.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent
MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # a Tuesday, ten in the morning in the district


@dataclass
class Clock:
    """A clock that moves only when told."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


def shipped_config(data: Path, **sections: dict[str, Any]) -> Config:
    """The shipped configuration with its data folder at `data` and keys of some sections replaced."""
    values = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for name, changes in {"storage": {"folder": str(data)}, **sections}.items():
        values[name] = {**values.get(name, {}), **changes}
    return configuration.parse(yaml.safe_dump(values, allow_unicode=True), root=ROOT)


def compiled_knowledge(cache: Path) -> Path:
    """The folder of the shipped content, compiled; only what changed since the last test run is encoded."""
    compile_if_changed(shipped_config(cache))
    return cache / "knowledge"


@dataclass
class World:
    """A citizen in front of a running anwen."""

    app: App
    clock: Clock
    person: str = "citizen"
    said: int = field(default=0)

    def say(self, text: str, *, id: str | None = None) -> Outcome:
        """Send a message and return what came of it."""
        self.said += 1
        sender = Address(channel="test", user=self.person)
        return self.app.engine.handle(Message(sender=sender, text=text, external_id=id or f"m{self.said}"))


def open_world(data: Path, **sections: dict[str, Any]) -> World:
    """A world whose data folder already holds compiled knowledge."""
    clock = Clock()
    return World(app=build(shipped_config(data, **sections), clock=clock), clock=clock)
