"""Suggestions for the ticket on the page."""

from datetime import datetime

from bot.console.dossier import Dossier
from bot.conversation.suggestions import Suggestion, suggest
from bot.conversation.understanding import Search
from bot.conversation.wording import Wording


def for_question(
    search: Search, wording: Wording, dossier: Dossier, *, now: datetime
) -> tuple[Suggestion, ...]:
    """The best entries for the citizen's last message, best first; none once the ticket is closed."""
    if not dossier.ticket.is_live:
        return ()
    language = dossier.conversation.state.language
    return suggest(search, wording, dossier.last_question, language=language, now=now)
