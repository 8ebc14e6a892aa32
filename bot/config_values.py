"""What every section of the configuration is made of."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(value: object) -> timedelta:
    """A duration written with its unit.

    Raises ValueError for anything else, naming the fix.

    >>> parse_duration("10m")
    datetime.timedelta(seconds=600)
    """
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d+)\s*([smhd])", str(value))
    if match is None:
        raise ValueError(f"‘{value}’ has no unit; write 30s, 10m, 2h or 7d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class Section(BaseModel):
    """A part of config.yaml; a key it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
