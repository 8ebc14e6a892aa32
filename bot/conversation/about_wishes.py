"""What is asked of the bot itself: a person, the menu, another language, a greeting, a button. Pure."""

from dataclasses import replace
from datetime import datetime

from bot.conversation.answering import answer, handover, missed
from bot.conversation.buttons import ENTRY, NONE_OF_THESE, STAGE, menu_choices
from bot.conversation.model import Choice, State, Turn, TurnKind
from bot.conversation.playbook import Heard, Playbook
from bot.conversation.wording import HUMAN
from intents.router import Wish

_SMALLTALK = {
    Wish.GREETING: "greeting",
    Wish.THANKS: "thanks",
    Wish.GOODBYE: "goodbye",
    Wish.IDENTITY: "identity",
    Wish.NONE_OF_THESE: "rephrase",
}


def about_wishes(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn for what is asked of the bot itself; None where something is asked about the world."""
    wish = heard.intent.wish
    if pressed == HUMAN or wish is Wish.HUMAN:
        return handover(state, playbook, reason="asked for a person")
    if pressed == NONE_OF_THESE or (wish is Wish.NONE_OF_THESE and state.offered):
        return missed(state, playbook, phrase="rephrase")
    if wish in (Wish.CHINESE, Wish.ENGLISH):
        language = "zh" if wish is Wish.CHINESE else "en"
        state = replace(state, language=language, language_chosen=True)
        return _smalltalk("language_set", state, playbook)
    if wish in (Wish.START, Wish.MENU):
        return _menu(wish, state, playbook)
    if wish is Wish.RESTART:
        return _smalltalk("restarted", state.forgotten(), playbook)
    if wish is Wish.CANCEL:
        return _smalltalk("cancelled", state.forgotten(), playbook)
    phrase = _SMALLTALK.get(wish)
    return _smalltalk(phrase, state, playbook) if phrase else None


def about_choice(pressed: str, state: State, playbook: Playbook, now: datetime) -> Turn | None:
    """The turn for a button that names an entry or answers how far a fraud has gone; None for no such button."""
    if pressed.startswith(ENTRY):
        entry = playbook.entries.get(pressed.removeprefix(ENTRY))
        if entry is None:
            return _smalltalk("expired_choice", state, playbook)
        return answer(((entry, 1.0),), entry.question, state, playbook, now)
    if pressed == f"{STAGE}not_yet":
        return _fraud_smalltalk("stay_calm", state, playbook)
    if pressed == f"{STAGE}asking":
        return _fraud_smalltalk("just_asking", state, playbook)
    return None


def _smalltalk(phrase: str, state: State, playbook: Playbook) -> Turn:
    if phrase == "greeting" and state.greeted:
        phrase = "hello_again"
    choices = menu_choices(state, playbook) if phrase in ("greeting", "restarted") else ()
    return _greeted(phrase, choices, state, playbook)


def _menu(wish: Wish, state: State, playbook: Playbook) -> Turn:
    phrase = "greeting" if wish is Wish.START else "menu"
    return _greeted(phrase, menu_choices(state, playbook), state, playbook)


def _greeted(phrase: str, choices: tuple[Choice, ...], state: State, playbook: Playbook) -> Turn:
    return Turn(
        kind=TurnKind.SMALLTALK,
        domain="smalltalk",
        confidence=1.0,
        replies=(playbook.wording.reply(phrase, state.language, choices=choices),),
        state=replace(state, offered=choices, greeted=True),
    )


def _fraud_smalltalk(phrase: str, state: State, playbook: Playbook) -> Turn:
    return Turn(
        kind=TurnKind.SMALLTALK,
        domain="fraud",
        confidence=1.0,
        replies=(playbook.wording.reply(phrase, state.language),),
        state=replace(state, offered=()),
    )
