"""The console's words in both languages, and moments and durations as people say them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@cache
def strings(language: str) -> Mapping[str, str]:
    """All words of the console in `language`."""
    loaded: dict[str, str] = json.loads((HERE / "strings" / f"{language}.json").read_text("utf-8"))
    return loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words in one language. In templates: `t('key', name=value)`."""

    language: str
    zone: ZoneInfo
    now: datetime

    def __call__(self, key: str, **values: object) -> str:
        """The word `key`, its {placeholders} filled. Raises KeyError for one that does not exist."""
        return strings(self.language)[key].format_map(values)

    def known(self, key: str, fallback: str) -> str:
        """The word `key`, or `fallback` where there is none: for kinds that other parts of the bot name."""
        return strings(self.language).get(key, fallback)

    def why(self, reason: str, fallback: str) -> str:
        """Why a ticket was opened: `danger: fire` and the like are a kind and its subject, `form x` is a form that was
        sent, and `form x: …` one that got stuck.
        """
        kind, colon, subject = reason.partition(": ")
        if kind.startswith("form "):
            return self.known(f"why_form: {subject}", fallback) if colon else self("why_form")
        if not colon:
            return self.known(f"why_{reason}", fallback)
        about = self.known(f"crisis_{subject}", self.known(f"stage_{subject}", ""))
        return self(f"why_{kind}", subject=about) if about else fallback

    def moment(self, at: datetime) -> str:
        """14:03 today, else with its day; with its year when that is another one."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone).date()
        if local.date() == today:
            return f"{local:%H:%M}"
        if local.year == today.year:
            return self("day_time", month=local.month, day=local.day, time=f"{local:%H:%M}")
        return f"{local:%Y-%m-%d %H:%M}"

    def moment_of(self, seconds: float) -> str:
        """As `moment`, of UTC seconds as they stand in an event."""
        return self.moment(datetime.fromtimestamp(seconds, tz=UTC))

    def full(self, at: datetime) -> str:
        """2026-11-24 14:03:27, for records."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def span(self, length: timedelta) -> str:
        """A duration in its two largest units, at least a minute: 2小时5分."""
        seconds = max(int(abs(length).total_seconds()), _MINUTE)
        if seconds < _HOUR:
            return self("minutes", count=seconds // _MINUTE)
        if seconds < _DAY:
            hours, rest = divmod(seconds, _HOUR)
            return self("hours", count=hours) + (
                self("minutes", count=rest // _MINUTE) if rest >= _MINUTE else ""
            )
        days, rest = divmod(seconds, _DAY)
        return self("days", count=days) + (self("hours", count=rest // _HOUR) if rest >= _HOUR else "")

    def since(self, at: datetime) -> str:
        """How long ago `at` was."""
        return self.span(self.now - at)
