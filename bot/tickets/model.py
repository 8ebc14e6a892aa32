"""A ticket and its legal moves. Pure: a move is a new value, an illegal one a TicketError.

登记 open ──claim──▶ 受理 claimed ──wait──▶ waiting (for the citizen) ──citizen writes──▶ claimed
  ▲  ▲                  │  │                                                     │
  │  └──release/transfer┘  └──resolve──▶ 反馈 resolved ──close──▶ closed ◀──cancel┘
  └────────────── reopen (within the window) ◀────────┴────────────┘
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import TicketError
from knowledge.entries import Queue


class Priority(StrEnum):
    """URGENT jumps every line: money is moving or somebody is in danger."""

    URGENT = "urgent"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A person must take over: which desk, how soon, and why, in words for staff."""

    queue: Queue
    priority: Priority
    reason: str


class Staffed(StrEnum):
    """Whether people stand behind the bot."""

    AUTO = "auto"  # as soon as there is an active staff account
    YES = "yes"
    NO = "no"


class TicketStatus(StrEnum):
    """Where a ticket is. Everything but CLOSED is live: staff have the conversation."""

    OPEN = "open"  # waiting for staff to claim it
    CLAIMED = "claimed"  # staff are on it
    WAITING = "waiting"  # staff asked the citizen something: the clocks pause
    RESOLVED = "resolved"  # answered; closes by itself unless the citizen writes again
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a ticket was closed."""

    SOLVED = "solved"
    REFERRED = "referred"  # another body is responsible; the citizen was told which
    HANDED_BACK = "handed_back"  # nothing for a person: the bot goes on
    NO_REPLY = "no_reply"  # the citizen did not answer in time
    CANCELLED = "cancelled"  # by the citizen
    DUPLICATE = "duplicate"
    SPAM = "spam"


class Satisfaction(IntEnum):
    """The five official 好差评 levels."""

    VERY_SATISFIED = 5  # 非常满意
    SATISFIED = 4  # 满意
    FAIR = 3  # 基本满意
    DISSATISFIED = 2  # 不满意
    VERY_DISSATISFIED = 1  # 非常不满意

    @property
    def is_complaint(self) -> bool:
        """Whether a rectification must follow."""
        return self <= Satisfaction.DISSATISFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One request that people handle. Times are aware UTC; None means it did not happen."""

    id: int
    number: str  # shown to people: 20261124-0007
    conversation_id: int
    queue: Queue
    priority: Priority
    status: TicketStatus
    subject: str  # the citizen's question in one line
    reason: str  # why it escalated, in words for staff
    version: int  # +1 a change: a writer with an older one is refused
    created_at: datetime
    assignee_id: int | None = None
    claimed_at: datetime | None = None  # the first time since it was (re)opened
    first_answer_at: datetime | None = None
    last_citizen_at: datetime | None = None
    last_staff_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: CloseReason | None = None
    reopened: int = 0  # how often
    satisfaction: Satisfaction | None = None
    comment: str | None = None  # the citizen's, beside the rating; stored by `queue.comment`, never by a move
    open_since: datetime | None = None  # when it came into its queue, the last time
    asked_at: datetime | None = None  # the oldest thing the citizen said that nobody has answered
    rectify_since: datetime | None = None  # a complaint that is not dealt with yet
    paused_at: datetime | None = None  # the clocks stand still since then
    pauses: tuple[tuple[datetime, datetime], ...] = ()  # earlier standstills, since it was (re)opened
    watcher_id: int | None = None  # who held it when a danger took it to another queue: they keep it in sight

    @property
    def is_live(self) -> bool:
        """Whether staff have the conversation."""
        return self.status is not TicketStatus.CLOSED

    @property
    def is_rated_well(self) -> bool:
        """Whether there is nothing left to ask: after a complaint one may rate again."""
        return self.satisfaction is not None and not self.satisfaction.is_complaint

    @property
    def awaits_call_back(self) -> bool:
        """Whether a complaint is not dealt with, and the citizen has not rated it well since."""
        return self.rectify_since is not None and not self.is_rated_well

    def claimed_by(self, staff_id: int, *, now: datetime) -> "Ticket":
        """Taken by `staff_id`. Raises TicketError unless it is open."""
        self._must_be(TicketStatus.OPEN, move="claim")
        return self._moved(
            status=TicketStatus.CLAIMED, assignee_id=staff_id, claimed_at=self.claimed_at or now
        )

    def released(self, *, now: datetime) -> "Ticket":
        """Back in its queue, for anybody to claim."""
        self._must_be(TicketStatus.CLAIMED, TicketStatus.WAITING, move="release")
        return self._running(now, status=TicketStatus.OPEN, assignee_id=None, open_since=now)

    def transferred(self, queue: Queue, *, now: datetime) -> "Ticket":
        """In another queue, unassigned. Raises TicketError for the same queue or a closed ticket."""
        self._must_be_live(move="transfer")
        if queue is self.queue:
            raise TicketError(f"ticket {self.number} already is in queue {queue}")
        return self._running(
            now,
            status=TicketStatus.OPEN,
            assignee_id=None,
            queue=queue,
            resolved_at=None,
            open_since=now,
        )

    def reassigned(self, staff_id: int) -> "Ticket":
        """With another member of staff."""
        self._must_be(TicketStatus.CLAIMED, TicketStatus.WAITING, move="reassign")
        return self._moved(assignee_id=staff_id)

    def answered(self, *, now: datetime) -> "Ticket":
        """Staff wrote to the citizen. Raises TicketError unless somebody has claimed it."""
        self._must_be(TicketStatus.CLAIMED, TicketStatus.WAITING, TicketStatus.RESOLVED, move="answer")
        return self._moved(first_answer_at=self.first_answer_at or now, last_staff_at=now, asked_at=None)

    def unanswered(
        self, *, answers: Sequence[datetime], asked: Sequence[datetime], opened: datetime
    ) -> "Ticket":
        """As if the last answer had not been written: what was asked before it is open again.

        Args:
            answers, asked: when staff and the citizen wrote what stands, oldest first.
            opened: since when somebody waits if nothing was written since.
        """
        self._must_be_live(move="take an answer back from")
        last = answers[-1] if answers else None
        open_questions = [at for at in asked if last is None or at > last]
        waiting_since = open_questions[0] if open_questions else None
        return self._moved(
            first_answer_at=self.first_answer_at if answers else None,
            last_staff_at=last,
            asked_at=waiting_since or (None if last else opened),
        )

    def waiting_for_citizen(self, *, now: datetime) -> "Ticket":
        """Staff asked something back; the clocks pause."""
        self._must_be(TicketStatus.CLAIMED, TicketStatus.RESOLVED, move="wait")
        return self._moved(status=TicketStatus.WAITING, resolved_at=None, paused_at=self.paused_at or now)

    def citizen_wrote(self, *, now: datetime) -> "Ticket":
        """The citizen wrote: a waiting or resolved ticket is worked on again."""
        self._must_be_live(move="add to")
        asked_at = self.asked_at or now
        if self.status is TicketStatus.OPEN:
            return self._moved(last_citizen_at=now, asked_at=asked_at)
        return self._running(
            now, status=TicketStatus.CLAIMED, last_citizen_at=now, asked_at=asked_at, resolved_at=None
        )

    def raised(self) -> "Ticket":
        """Urgent from now on."""
        self._must_be_live(move="raise")
        return self if self.priority is Priority.URGENT else self._moved(priority=Priority.URGENT)

    def endangered(self, queue: Queue, *, holder_stays: bool, now: datetime) -> "Ticket":
        """Urgent, and in the queue for a danger. If `holder_stays`, who has it keeps it; else it is open there."""
        raised = self.raised()
        if queue is self.queue:
            return raised
        if holder_stays and self.assignee_id is not None:
            return replace(raised, queue=queue, version=self.version + 1)
        moved = self.transferred(queue, now=now)
        return replace(moved, priority=Priority.URGENT, watcher_id=self.assignee_id or self.watcher_id)

    def resolved(self, *, now: datetime) -> "Ticket":
        """Answered for good, as far as staff can tell; the clocks pause."""
        self._must_be(TicketStatus.CLAIMED, TicketStatus.WAITING, move="resolve")
        return self._moved(
            status=TicketStatus.RESOLVED, resolved_at=now, asked_at=None, paused_at=self.paused_at or now
        )

    def closed(self, reason: CloseReason, *, now: datetime) -> "Ticket":
        """Done; the conversation goes back to the bot."""
        self._must_be_live(move="close")
        return self._moved(
            status=TicketStatus.CLOSED,
            closed_at=now,
            close_reason=reason,
            asked_at=None,
            rectify_since=None,
            paused_at=None,
            pauses=(),
            watcher_id=None,
        )

    def reopened_again(self, *, now: datetime, window: timedelta) -> "Ticket":
        """Open again. Raises TicketError when it is live, or closed for longer than `window`."""
        if self.closed_at is None:
            raise TicketError(f"ticket {self.number} is {self.status}, not closed")
        if now - self.closed_at > window:
            raise TicketError(f"ticket {self.number} was closed more than {window} ago; open a new one")
        return self._moved(
            status=TicketStatus.OPEN,
            assignee_id=None,
            claimed_at=None,
            closed_at=None,
            close_reason=None,
            resolved_at=None,
            reopened=self.reopened + 1,
            last_citizen_at=now,
            open_since=now,
            asked_at=now,
        )

    def rated(self, satisfaction: Satisfaction) -> "Ticket":
        """With the citizen's rating. Raises TicketError before anybody answered."""
        if self.first_answer_at is None and self.is_live:
            raise TicketError(f"ticket {self.number} has no answer to rate yet")
        return self._moved(satisfaction=satisfaction)

    def to_rectify(self, *, now: datetime) -> "Ticket":
        """Worked on again because of a complaint, under the clock for that; a closed one is open again."""
        since = self.rectify_since or now
        if not self.is_live:
            again = self.reopened_again(now=now, window=timedelta.max)
            return replace(again, asked_at=None, rectify_since=since)
        if self.status in (TicketStatus.WAITING, TicketStatus.RESOLVED):
            return self._running(now, status=TicketStatus.CLAIMED, resolved_at=None, rectify_since=since)
        return self._moved(rectify_since=since)

    def _must_be(self, *allowed: TicketStatus, move: str) -> None:
        if self.status not in allowed:
            raise TicketError(f"cannot {move} ticket {self.number}: it is {self.status}")

    def _must_be_live(self, *, move: str) -> None:
        if not self.is_live:
            raise TicketError(f"cannot {move} ticket {self.number}: it is closed")

    def _running(self, now: datetime, **changes: object) -> "Ticket":
        """Moved, with the clocks running again if they stood still."""
        if self.paused_at is not None:
            changes |= {"paused_at": None, "pauses": (*self.pauses, (self.paused_at, now))}
        return self._moved(**changes)

    def _moved(self, **changes: object) -> "Ticket":
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a citizen is told about their ticket. Times are aware."""

    ticket: Ticket
    position: int  # place in line from 1; 0 once claimed
    expected_by: datetime  # when to expect the first answer
    is_open: bool  # somebody is at the desk now
    next_opening: datetime

    def to_json(self, zone: ZoneInfo) -> dict[str, Any]:
        """The `ticket` object of the public contract."""
        return {
            "number": self.ticket.number,
            "queue": self.ticket.queue.value,
            "priority": self.ticket.priority.value,
            "position": self.position,
            "expected_by": self.expected_by.astimezone(zone).isoformat(timespec="minutes"),
        }
