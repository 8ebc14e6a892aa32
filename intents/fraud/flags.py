"""The red flags shown to people: what gave the message away, in their own words, and why it is a sign."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from intents.fraud.evidence import Evidence
from intents.fraud.links import LinkSign
from intents.fraud.phones import PhoneKind
from knowledge.yaml_files import shipped

WORDS = Path(__file__).parent / "words.yaml"
MOST = 5  # more are not read
LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlag:
    """A sign: its code, the person's own words that show it, why it is one, and what that rests on."""

    code: str
    quote: str
    why: str
    ground: str


def red_flags(evidence: Evidence, type_: str, language: str) -> tuple[RedFlag, ...]:
    """The flags worth showing, weightiest first: official rules, those of the type, the rest."""
    signs = sorted(
        evidence.found,
        key=lambda sign: (not sign.signal.decides, type_ not in sign.signal.types, not sign.signal.types),
    )
    flags = [
        RedFlag(
            code=sign.signal.code,
            quote=_shortened(evidence.reading.quote(sign.start, sign.end)),
            why=sign.signal.why[language],
            ground=sign.signal.ground,
        )
        for sign in signs
    ]
    hard = list(_structural(evidence, language))
    return tuple([*flags[: MOST - len(hard[:2])], *hard][:MOST])


def _structural(evidence: Evidence, language: str) -> Iterator[RedFlag]:
    """Disguise, links, numbers and accounts."""
    quote = evidence.reading.quote
    if evidence.reading.tricks:
        trick = max(evidence.reading.tricks, key=lambda trick: trick.end - trick.start)
        start, end = max(0, trick.start - 2), trick.end + 2
        yield _worded("disguise", evidence.reading.original[start:end], language)
    for link in evidence.links:
        shown = next((sign for sign in _LINKS if sign in link.signs), None)
        if shown is not None:
            yield _worded(f"link_{shown.value}", quote(link.start, link.end), language)
            break
    for phone in evidence.phones:
        if phone.kind in (PhoneKind.FORGED, PhoneKind.OVERSEAS):
            yield _worded(f"phone_{phone.kind.value}", quote(phone.start, phone.end), language)
            break
    for account in evidence.accounts:
        yield _worded(f"account_{account.kind.value}", quote(account.start, account.end), language)
        break


_LINKS = (
    LinkSign.LOOK_ALIKE,
    LinkSign.DISGUISED,
    LinkSign.RAW_ADDRESS,
    LinkSign.INSTALLER,
    LinkSign.SHORTENED,
    LinkSign.THROWAWAY,
    LinkSign.UNKNOWN,
)


def _worded(code: str, quote: str, language: str) -> RedFlag:
    words = words_for(language)
    return RedFlag(code=code, quote=_shortened(quote), why=words[code], ground=words["own_ground"])


def _shortened(quote: str) -> str:
    quote = " ".join(quote.split())
    return quote if len(quote) <= LONGEST_QUOTE else f"{quote[:LONGEST_QUOTE]}…"


@cache
def words_for(language: str) -> dict[str, str]:
    """The words of `words.yaml` in one language."""
    words: dict[str, str] = shipped(WORDS)[language]
    return words
