"""Whole days, as a district counts them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days in the district, `last` included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> float:
        """UTC seconds of its first moment."""
        return datetime.combine(self.first, time.min, tzinfo=self.zone).timestamp()

    @property
    def end(self) -> float:
        """UTC seconds of the first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=self.zone).timestamp()
