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
        pattern = _any_of(form.wordings)
        if any(pattern.fullmatch(clause) for clause in said):
            return form
    return None


def beside_the_wish(form: Form, text: str) -> str:
    """The clauses of `text` that are no wish for the form: what somebody tells while asking for it."""
    pattern = _any_of(form.wordings)
    told = clauses(text)[1:]  # the first is the whole text
    return "".join(clause for clause in told if not pattern.fullmatch(clause))


@cache
def _any_of(wordings: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{wording})" for wording in wordings) or r"(?!)")
