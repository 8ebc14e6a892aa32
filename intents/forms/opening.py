"""Which form a message asks for, by its wordings. A question about a service is answered, not made a form."""

import re
from collections.abc import Iterable
from functools import cache

from intents.forms.commands import clauses
from intents.forms.model import Form


def wanted(forms: Iterable[Form], text: str) -> Form | None:
    """The form one clause of `text` asks for in full; None when there is none."""
    said = clauses(text)
    for form in forms:
        for wording in form.wordings:
            pattern = _compiled(wording)
            if any(pattern.fullmatch(clause) for clause in said):
                return form
    return None


@cache
def _compiled(wording: str) -> re.Pattern[str]:
    return re.compile(wording)
