"""Everything a text shows, gathered once: its reading, signs, links, numbers, accounts, and how far it has gone."""

from dataclasses import dataclass

from intents.fraud.accounts import Account, find_accounts
from intents.fraud.disguise import unmask
from intents.fraud.links import Link, find_links
from intents.fraud.phones import Phone, find_phones
from intents.fraud.reading import Reading
from intents.fraud.signals import Found, look
from intents.triage import Triage, triage


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was found; places are in `reading.text`."""

    reading: Reading
    found: tuple[Found, ...]
    calm: frozenset[str]
    links: tuple[Link, ...]
    phones: tuple[Phone, ...]
    accounts: tuple[Account, ...]
    triage: Triage


def gather(text: str) -> Evidence:
    """The evidence in `text`. Pure; a millisecond or two for a usual message."""
    reading = unmask(text)
    found, calm = look(reading.text)
    return Evidence(
        reading=reading,
        found=found,
        calm=calm,
        links=find_links(reading.text),
        phones=find_phones(reading.text),
        accounts=find_accounts(reading.text),
        triage=triage(reading.text),
    )
