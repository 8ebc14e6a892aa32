"""Is this message a fraud? What is pasted or forwarded is checked, and so is what follows the button 查一查. Pure."""

import re
from dataclasses import replace

from bot.conversation.buttons import CHECK, stage_buttons
from bot.conversation.model import Human, State, Turn, TurnKind
from bot.conversation.playbook import Heard, Playbook
from bot.conversation.wording import citations
from intents.fraud.assess import Assessment
from intents.fraud.types import OTHER, types
from intents.router import Wish
from intents.triage import Risk

_PASTED = re.compile(
    r"^\s*[【\[][^】\]\n]{2,20}[】\]]|https?://|www\.|^\s*(?:对方|他|她|客服|转发|原文|短信)[^\n]{0,8}[:：]",
    re.MULTILINE | re.IGNORECASE,
)
_LONG = 60  # characters; a question of a person's own is mostly shorter
MOST_FLAGS = 4  # more are a wall of text


def about_check(heard: Heard, pressed: str, state: State, playbook: Playbook) -> Turn | None:
    """The turn for a message to be checked; None where nothing is to be checked, or nothing was found unasked."""
    if pressed == CHECK or heard.intent.wish is Wish.CHECK:
        return _asked(state, playbook)
    found = heard.check
    if found is None:
        return None
    if state.awaits_check:
        return _said(found, heard, replace(state, awaits_check=False), playbook)
    if found.risk is Risk.NONE:
        is_other = _PASTED.search(heard.text) and playbook.likely(heard.whole) is None
        return _said(found, heard, state, playbook) if is_other else None
    return _said(found, heard, state, playbook) if is_pasted(heard.text) else None


def is_pasted(text: str) -> bool:
    """Whether `text` looks like something received, not like a person's own question."""
    return bool(_PASTED.search(text)) or (
        len(text) > _LONG and "我" not in text and not text.rstrip().endswith(("?", "？"))
    )


def _asked(state: State, playbook: Playbook) -> Turn:
    return Turn(
        kind=TurnKind.SMALLTALK,
        domain="fraud",
        confidence=1.0,
        replies=(playbook.wording.reply("check_ask", state.language),),
        state=replace(state, offered=(), awaits_check=True, greeted=True),
    )


def _said(found: Assessment, heard: Heard, state: State, playbook: Playbook) -> Turn:
    """Verdict, why in the person's own words, what to do, and the question how far it has gone."""
    wording = playbook.wording
    suspected = found.risk is not Risk.NONE
    entry = playbook.entries.get(types()[found.type or OTHER].entry)
    choices = (*stage_buttons(state, playbook), wording.person(state.language))
    reply = wording.reply("check_none", state.language, choices=choices)
    if suspected:
        reply = replace(reply, text=_explained(found, state.language, playbook))
    if suspected and entry is not None:
        reply = replace(reply, sources=citations(entry))
    return Turn(
        kind=TurnKind.ALERT if suspected else TurnKind.ANSWER,
        domain="fraud",
        entry=entry.id if entry is not None and suspected else None,
        confidence=found.score if suspected else 1.0 - found.score,
        risk=found.risk,
        human=Human.OFFERED,
        replies=(reply,),
        state=replace(
            state,
            offered=choices,
            misses=0,
            greeted=True,
            last_entry=entry.id if entry is not None and suspected else state.last_entry,
            last_question=heard.text if suspected else state.last_question,
            last_at=playbook.now.timestamp(),
        ),
    )


def _explained(found: Assessment, language: str, playbook: Playbook) -> str:
    say = playbook.wording.say
    type_ = types()[found.type or OTHER]
    lines = [say("check_suspected", language, type=type_.name[language])]
    for flag in found.red_flags[:MOST_FLAGS]:
        lines.append(say("check_flag", language, quote=flag.quote, why=flag.why))
    lines += [found.advice, say("stage_question", language)]
    return "\n".join(lines)
