"""Everything a note in a form can work out, by the name its YAML gives."""

from collections.abc import Mapping, Sequence

from intents.credit.telling import credit_verdict
from intents.deadlines.counting import deadline, deadline_start
from intents.forms.steps import Compute
from intents.stations import station_finder
from knowledge.hotlines import Station


def computes(stations: Sequence[Station]) -> Mapping[str, Compute]:
    """The functions, over the district's table of stations."""
    return {
        "credit_verdict": credit_verdict,
        "deadline": deadline,
        "deadline_start": deadline_start,
        "station": station_finder(stations),
    }


NAMES = frozenset(computes(()))
