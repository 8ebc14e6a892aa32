"""What the fake knows: chats, topics, messages, updates, limits. All times come from its clock."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

BOT_ID, BOT_NAME, TOKEN = 4242, "anwen_test_bot", "4242:TEST-token_0123456789"
FIRST_GROUP = -1001000000001
ICONS = ("❗️", "🔥", "📝", "❓", "✅", "📁", "🏁")
REACTIONS = ("👍", "👎", "❤", "🙏", "👌", "😱", "👀", "🔥")
DEFAULT_UPDATES = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})
GROUP_A_MINUTE, BOT_A_SECOND, PERSON_BURST = 20, 30, 5


class Refused(Exception):
    """An error in Telegram's words."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass
class Topic:
    """A forum topic."""

    thread_id: int
    name: str
    icon: str | None
    closed: bool = False
    deleted: bool = False


@dataclass
class Group:
    """A supergroup with topics."""

    id: int
    is_forum: bool = True
    rights: bool = True  # the bot may manage topics
    bot_is_admin: bool = True
    bot_deletes: bool = True
    admins: set[int] = field(default_factory=set)
    topics: dict[int, Topic] = field(default_factory=dict)
    moved_to: int | None = None
    kicked: bool = False


@dataclass
class Trouble:
    """A failure waiting for its call."""

    method: str
    act: Callable[[], None] | None
    drop: str = ""  # "before" or "after" the effect, or "hang": after it, and nobody hears of it
    chat: int | None = None


@dataclass
class State:
    """Everything. Take `lock` for more than one look."""

    clock: Callable[[], float] = time.time
    judge: Callable[[dict[str, Any]], str | None] = lambda _: None  # what is wrong with an update
    lock: threading.RLock = field(default_factory=threading.RLock)
    groups: dict[int, Group] = field(default_factory=dict)
    messages: dict[int, dict[int, dict[str, Any]]] = field(default_factory=dict)  # chat → id → message
    next_message: dict[int, int] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    updates: deque[dict[str, Any]] = field(default_factory=deque)
    next_update: int = 900_000
    allowed: frozenset[str] = DEFAULT_UPDATES
    webhook: dict[str, Any] = field(default_factory=dict)
    callbacks: dict[str, float] = field(default_factory=dict)
    answered: dict[str, str | None] = field(default_factory=dict)
    reactions: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    commands: dict[str | None, list[str]] = field(default_factory=dict)
    actions: list[tuple[int, str]] = field(default_factory=list)
    calls: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)
    refusals: list[tuple[str, int, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # the fake's own: what no Bot API would answer
    troubles: list[Trouble] = field(default_factory=list)
    changed: threading.Condition = field(init=False)
    hook_timeout_s: float = 5.0
    asleep: bool = False  # posts nothing
    newest_first: int = 0  # so many of the next posts are of the newest update instead of the oldest
    polling: int = 0
    reads_all: bool = False  # privacy mode is off
    joins: bool = True
    limits: bool = True
    group_calls: dict[int, deque[float]] = field(default_factory=dict)
    person_level: dict[int, tuple[float, float]] = field(default_factory=dict)
    bot_calls: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.changed = threading.Condition(self.lock)

    @property
    def mistakes(self) -> list[tuple[str, int, str]]:
        """Refusals that are our fault: limits passed, what Telegram does not know, what it cannot read."""
        signs = ("fake", "parse", "too long", "BUTTON", "increasing", "Conflict", "empty", "not modified")
        return [
            each for each in self.refusals if each[1] in (409, 429, 501) or any(s in each[2] for s in signs)
        ]

    # --- messages -----------------------------------------------------------------------------------------

    def chat(self, chat_id: int) -> dict[str, Any]:
        """As it stands in a message."""
        if chat_id > 0:
            return {"id": chat_id, "type": "private", "first_name": f"P{chat_id}"}
        group = self.groups[chat_id]
        return {
            "id": chat_id,
            "type": "supergroup",
            "title": "工作群",
            **({"is_forum": True} if group.is_forum else {}),
        }

    def new_message(self, chat_id: int, sender: dict[str, Any], **content: Any) -> dict[str, Any]:
        """A stored message; in a group ids start above the one of the General topic."""
        number = self.next_message.get(chat_id, 1) + 1
        self.next_message[chat_id] = number
        message = {
            "message_id": number,
            "date": int(self.clock()),
            "chat": self.chat(chat_id),
            "from": sender,
            **content,
        }
        self.messages.setdefault(chat_id, {})[number] = message
        return message

    def message(self, chat_id: int, message_id: int, *, missing: str) -> dict[str, Any]:
        """A message, or Telegram's words for its absence."""
        found = self.messages.get(chat_id, {}).get(message_id)
        if found is None:
            raise Refused(400, f"Bad Request: {missing}")
        return found

    def topic(self, chat_id: int, thread_id: int) -> Topic:
        """A topic that is there."""
        topic = self.groups[chat_id].topics.get(thread_id)
        if topic is None or topic.deleted:
            raise Refused(400, "Bad Request: message thread not found")
        return topic

    def group(self, chat_id: int) -> Group:
        """A group the bot may write to."""
        group = self.groups.get(chat_id)
        if group is None:
            raise Refused(400, "Bad Request: chat not found")
        if group.moved_to is not None:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=group.moved_to,
            )
        if group.kicked:
            raise Refused(403, "Forbidden: bot was kicked from the supergroup chat")
        return group

    # --- updates ------------------------------------------------------------------------------------------

    def offer(self, kind: str, content: dict[str, Any], *, broken: bool = False) -> int:
        """Put an update in line; -1 when nobody asked for its kind.

        Args:
            broken: nothing Telegram would say: it is not judged.
        """
        with self.lock:
            if kind not in self.allowed:
                return -1
            number = self.next_update
            self.next_update += 1
            self.updates.append({"update_id": number, kind: content})
            fault = None if broken else self.judge(self.updates[-1])
            if fault is not None:
                self.faults.append(f"update {kind}: {fault}")
            self.changed.notify_all()
            return number

    # --- limits -------------------------------------------------------------------------------------------

    def count(self, chat_id: int, calls: int = 1) -> None:
        """One more thing sent to a chat; raises Telegram's 429."""
        if not self.limits:
            return
        now = self.clock()
        while self.bot_calls and self.bot_calls[0] <= now - 1:
            self.bot_calls.popleft()
        if len(self.bot_calls) + calls > BOT_A_SECOND:
            raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
        if chat_id < 0:
            self._count_group(chat_id, calls, now)
        else:
            self._count_person(chat_id, now)
        self.bot_calls.extend([now] * calls)

    def _count_group(self, chat_id: int, calls: int, now: float) -> None:
        window = self.group_calls.setdefault(chat_id, deque())
        while window and window[0] <= now - 60:
            window.popleft()
        if len(window) + calls > GROUP_A_MINUTE:
            wait = max(1, int(window[0] + 60 - now) + 1)
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        window.extend([now] * calls)

    def _count_person(self, chat_id: int, now: float) -> None:
        level, at = self.person_level.get(chat_id, (0.0, now))
        level = max(0.0, level - (now - at))
        if level + 1 > PERSON_BURST:
            raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
        self.person_level[chat_id] = (level + 1, now)


def user(user_id: int, language: str | None = None) -> dict[str, Any]:
    """A person, as Telegram names them."""
    named = {"id": user_id, "is_bot": False, "first_name": f"P{user_id}"}
    return {**named, "language_code": language} if language else named


ME = {"id": BOT_ID, "is_bot": True, "first_name": "安问", "username": BOT_NAME}
