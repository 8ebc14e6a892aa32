"""Who has which ticket open, and who is typing. In memory: true for the people of this process, gone with it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

TYPING_S = 6.0  # after the last key


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A colleague at a ticket."""

    staff_id: int
    name: str
    typing: bool


class Presence:
    """Who is where. Lives in the event loop; read from any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._viewing: dict[str, Counter[tuple[int, str]]] = {}
        self._typed: dict[tuple[str, int], float] = {}

    def enter(self, number: str, staff_id: int, name: str) -> None:
        """A page of this ticket was opened."""
        self._viewing.setdefault(number, Counter())[(staff_id, name)] += 1

    def leave(self, number: str, staff_id: int, name: str) -> None:
        """A page of this ticket was closed."""
        viewing = self._viewing.get(number, Counter())
        viewing[(staff_id, name)] -= 1
        if viewing[(staff_id, name)] <= 0:
            del viewing[(staff_id, name)]
            self._typed.pop((number, staff_id), None)
        if not viewing:
            self._viewing.pop(number, None)

    def typed(self, number: str, staff_id: int) -> None:
        """A key was pressed in the answer box."""
        self._typed[(number, staff_id)] = self._clock()

    def stopped(self, number: str, staff_id: int) -> None:
        """The answer was sent or given up."""
        self._typed.pop((number, staff_id), None)

    def at(self, number: str, *, but: int | None = None) -> tuple[Present, ...]:
        """The colleagues at a ticket, without the one who asks."""
        now = self._clock()
        return tuple(
            Present(
                staff_id=staff_id,
                name=name,
                typing=now - self._typed.get((number, staff_id), -TYPING_S) < TYPING_S,
            )
            for staff_id, name in list(self._viewing.get(number, ()))
            if staff_id != but
        )
