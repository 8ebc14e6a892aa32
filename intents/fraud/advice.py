"""What to do, by how far it has gone and of which type it is."""

from intents.fraud.flags import words_for
from intents.fraud.types import types
from intents.triage import Stage


def advise(stage: Stage | None, type_: str | None, language: str) -> str:
    """The one thing to do now, then what to do about this type; for no finding, how to make sure."""
    words = words_for(language)
    if stage is None or type_ is None:
        return words["nothing_found"]
    return f"{words[f'advice_{stage.value}']}{words['space']}{types()[type_].advice[language]}"
