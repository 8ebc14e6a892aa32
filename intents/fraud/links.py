"""Links in a text and what their names give away. They are read, never opened: nothing here reaches the network."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from publicsuffixlist import PublicSuffixList

from intents.fraud.reading import latin_twins
from knowledge.yaml_files import shipped

NAMES = Path(__file__).parent / "domains.yaml"
# Only ASCII and letters of other alphabets, never Han: “点击abc.com领取” holds abc.com.
_LETTER = r"a-z0-9\u00c0-\u052f"
_HOST = rf"(?:[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?\.)+[a-z\u00c0-\u052f][{_LETTER}-]{{1,30}}"
_ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}"
_LINK = re.compile(
    rf"(?<![a-z0-9@.])(?:(?P<scheme>https?|hxxps?)://?(?:(?P<user>[a-z0-9._%:+@-]{{1,60}})@)?)?"
    rf"(?P<host>{_HOST}|{_ADDRESS}(?=[:/]|(?<=\d)(?![\d.])))(?P<port>:\d{{2,5}})?(?P<path>/[!-~]*)?"
)
_INSTALLER = re.compile(r"\.(?:apk|ipa|exe|mobileconfig)\b|/(?:app|down|download|apk)(?:/|$|\?)")
_FAKE_DIGITS = str.maketrans("0135", "olis")
_LONGEST_SHORT_BRAND = 4  # such a name must be a whole part: “etc” is in many words


class LinkSign(StrEnum):
    """What a link shows by its name."""

    OFFICIAL = "official"
    LOOK_ALIKE = "look_alike"
    SHORTENED = "shortened"
    RAW_ADDRESS = "raw_address"
    INSTALLER = "installer"
    DISGUISED = "disguised"
    THROWAWAY = "throwaway"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link, its place in the text, the registered part of its host, and its signs (at least one)."""

    start: int
    end: int
    host: str
    domain: str
    signs: frozenset[LinkSign]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    official: frozenset[str]
    brands: frozenset[str]
    shorteners: frozenset[str]
    throwaway: frozenset[str]
    suffixes: PublicSuffixList


def find_links(text: str) -> tuple[Link, ...]:
    """The links of a lower-case text, in order.

    >>> [(link.domain, sorted(link.signs)) for link in find_links("登录icbc-vip.example.top认证")]
    [('example.top', [<LinkSign.LOOK_ALIKE: 'look_alike'>, <LinkSign.THROWAWAY: 'throwaway'>])]
    """
    return tuple(link for match in _LINK.finditer(text) if (link := _link(match)) is not None)


def _link(match: re.Match[str]) -> Link | None:
    host = match["host"].strip(".")
    explicit = bool(match["scheme"] or match["path"])
    if re.fullmatch(_ADDRESS, host):
        if not _is_address(host) or not (explicit or match["port"]):
            return None
        signs = {LinkSign.RAW_ADDRESS}
        domain = host
    else:
        domain = _names().suffixes.privatesuffix(_ascii(host)) or ""
        if not domain or not (explicit or _is_known_ending(host)):
            return None
        signs = _signs(host, domain)
    if match["user"]:
        signs.add(LinkSign.DISGUISED)
    if _INSTALLER.search(match["path"] or ""):
        signs.add(LinkSign.INSTALLER)
    path = (match["path"] or "").rstrip(".,;:!?)\"'")
    end = match.start("path") + len(path) if match["path"] else match.end()
    return Link(
        start=match.start(),
        end=end,
        host=host,
        domain=domain,
        signs=frozenset(signs or {LinkSign.UNKNOWN}),
    )


def _signs(host: str, domain: str) -> set[LinkSign]:
    names = _names()
    if domain in names.shorteners or host in names.shorteners:
        return {LinkSign.SHORTENED}
    if any(domain == known or domain.endswith(f".{known}") for known in names.official):
        return {LinkSign.OFFICIAL}
    signs = set()
    if not host.isascii() or "xn--" in host:
        signs.add(LinkSign.DISGUISED)
    if _imitates(host):
        signs.add(LinkSign.LOOK_ALIKE)
    if domain.rpartition(".")[2] in names.throwaway:
        signs.add(LinkSign.THROWAWAY)
    return signs


def _imitates(host: str) -> bool:
    """Whether a brand stands in the name of a host that is not the brand's."""
    parts = re.split(r"[.-]", latin_twins(host))
    for brand in _names().brands:
        if len(brand) <= _LONGEST_SHORT_BRAND and not brand.isdigit():
            if brand in parts:
                return True
        elif any(brand in part or brand in part.translate(_FAKE_DIGITS).replace("rn", "m") for part in parts):
            return True
    return False


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return latin_twins(host).encode("ascii", "ignore").decode("ascii")


def _is_known_ending(host: str) -> bool:
    """Whether the last part is an ending in use; “微信.我” and “3.5万” are no links."""
    ending = host.rpartition(".")[2]
    return (
        ending in ("example", "test", "invalid")
        or _names().suffixes.publicsuffix(_ascii(host), accept_unknown=False) is not None
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _names() -> _Names:
    raw = shipped(NAMES)
    return _Names(
        official=frozenset(raw["official"]),
        brands=frozenset(raw["brands"]),
        shorteners=frozenset(raw["shorteners"]),
        throwaway=frozenset(raw["throwaway"]),
        suffixes=PublicSuffixList(),
    )
