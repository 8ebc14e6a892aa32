"""Who works at the desk, as values. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from knowledge.entries import Queue

AWAY_AFTER = timedelta(minutes=10)


class Role(StrEnum):
    """What a member of staff may do; checked on every route of the console."""

    AGENT = "agent"  # works on tickets
    SUPERVISOR = "supervisor"  # also sees every queue and moves other people's tickets
    ADMIN = "admin"  # also manages accounts and settings
    AUDITOR = "auditor"  # reads everything and the audit; changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One account. `queues` are those the person works on; empty means all."""

    id: int
    username: str
    name: str  # shown to colleagues; citizens see the desk
    role: Role
    language: str
    active: bool
    on_duty: bool  # takes new tickets
    max_tickets: int  # auto-assignment stops here
    queues: frozenset[Queue] = frozenset()
    duty_since: datetime | None = None  # when they were put on or off duty the last time
    must_change_password: bool = False  # somebody else chose it: nothing else is open to them until they did
    last_seen_at: datetime | None = None  # an open page of the console counts, about once a minute

    @property
    def may_work(self) -> bool:
        """Whether they may claim and answer tickets at all."""
        return self.active and self.role is not Role.AUDITOR

    @property
    def leads(self) -> bool:
        """Whether they answer for the desk: what goes wrong is told to them."""
        return self.active and self.role in (Role.SUPERVISOR, Role.ADMIN)

    def is_here(self, now: datetime) -> bool:
        """Whether they had the console open a moment ago: somebody who went home on duty gets nothing."""
        return self.last_seen_at is not None and now - self.last_seen_at < AWAY_AFTER

    def works_on(self, queue: Queue) -> bool:
        """Whether tickets of `queue` are theirs to take."""
        return self.may_work and (not self.queues or queue in self.queues)
