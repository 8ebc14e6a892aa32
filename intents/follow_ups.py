"""Whether words speak to the desk that has just helped somebody: to its people, about their ticket, or as one who is
still in the middle of it. Pure; the wordings are `intents.yaml`.
"""

import re
from functools import cache

from intents.normalize import bare
from intents.router import WORDINGS
from knowledge.yaml_files import shipped

LONGEST = 60  # characters; a longer text brings a matter of its own


def speaks_to_desk(text: str) -> bool:
    """Whether `text` names the people of the desk, or the person's own ticket: “刚才那位同志说的……”."""
    plain = bare(text)
    return len(plain) <= LONGEST and any(pattern.search(plain) for pattern in _patterns("to_the_desk"))


def goes_on(text: str) -> bool:
    """Whether `text` says nothing by itself and goes on with what was said last: “还是不行”."""
    plain = bare(text)
    return len(plain) <= LONGEST and any(pattern.fullmatch(plain) for pattern in _patterns("goes_on"))


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in shipped(WORDINGS)[name])
