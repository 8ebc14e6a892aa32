"""How much one visitor may send: token buckets for each chat and each address on the network. Pure but a lock.

What is over a limit is not lost: the page keeps it and sends it again after the time it is told.
"""

import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Lock

from starlette.requests import Request

from bot.channels.buckets import Buckets
from bot.config_channels import Web

LEAST_BURST = 5
CHATS_BEHIND_ONE_ADDRESS = 10  # an office or a mobile carrier: this many may write at full speed at once
_IPV6_SITE = 64  # bits: one household has at least this much


class Limits:
    """The limits of the web chat. Thread-safe."""

    def __init__(self, web: Web, *, clock: Callable[[], float] = time.monotonic) -> None:
        a_second = web.messages_per_minute / 60
        burst = max(LEAST_BURST, web.messages_per_minute // 3)
        self._clock = clock
        self._lock = Lock()
        self._chats = Buckets(rate=a_second, burst=burst)
        self._addresses = Buckets(
            rate=a_second * CHATS_BEHIND_ONE_ADDRESS, burst=burst * CHATS_BEHIND_ONE_ADDRESS
        )
        self._beginnings = Buckets(rate=web.sessions_per_hour / 3600, burst=web.sessions_per_hour)

    def message(self, *, chat: str, address: str, begins: bool) -> float:
        """Seconds to wait before this message is taken; 0.0 when it is.

        Args:
            chat: the chat's key.
            address: the visitor's network address.
            begins: the message would start a new chat.
        """
        buckets = [(self._chats, chat), (self._addresses, address)]
        if begins:
            buckets.append((self._beginnings, address))
        with self._lock:
            now = self._clock()
            longest = max(bucket.wait(key, now) for bucket, key in buckets)
            if longest == 0.0:
                for bucket, key in buckets:
                    bucket.take(key, now)
            return longest


class Addresses:
    """Finds a visitor's network address behind the proxies that are trusted."""

    def __init__(self, trusted: tuple[str, ...]) -> None:
        self._trusted = tuple(ip_network(each, strict=False) for each in trusted)

    def of(self, request: Request) -> str:
        """The visitor's address; IPv6 as its /64, because a household owns all of it."""
        peer = request.client.host if request.client else ""
        hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        while hops and self._is_trusted(peer):
            peer = hops.pop()
        return _site(peer)

    def _is_trusted(self, peer: str) -> bool:
        address = _parsed(peer)
        return address is not None and any(address in network for network in self._trusted)


def _site(peer: str) -> str:
    address = _parsed(peer)
    if address is None:
        return peer[:64]
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _IPV6_SITE), strict=False))
    return str(address)


def _parsed(peer: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(peer)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
