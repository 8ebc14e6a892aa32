"""Token buckets, one a key: how fast somebody may go on, and how much at once. Pure."""

from collections import OrderedDict
from dataclasses import dataclass

REMEMBERED = 50_000  # keys; the one unused for longest is forgotten


@dataclass(slots=True)
class _Bucket:
    filled: float
    at: float


class Buckets:
    """A bucket a key: holds `burst`, refills `rate` a second."""

    def __init__(self, *, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until one more fits; 0.0 when it does now."""
        return max(0.0, (1.0 - self._at(key, now).filled) / self._rate)

    def take(self, key: str, now: float) -> None:
        """Take one out; the bucket never goes below empty."""
        bucket = self._at(key, now)
        bucket.filled = max(0.0, bucket.filled - 1.0)

    def _at(self, key: str, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.filled = min(self._burst, bucket.filled + (now - bucket.at) * self._rate)
        bucket.at = now
        return bucket
