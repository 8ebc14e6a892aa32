"""People in front of the fake: they write, edit, press, react, block, delete topics, as people do."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.bot.channels.telegram.fake.judge import fault_of_update
from tests.bot.channels.telegram.fake.server import Server, running
from tests.bot.channels.telegram.fake.state import (
    BOT_ID,
    BOT_NAME,
    FIRST_GROUP,
    ME,
    Group,
    Refused,
    State,
    Trouble,
    user,
)

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"0" * 64 + b"\x00\x00\x00\x00IEND\xaeB`\x82"


@dataclass
class Telegram:
    """The platform, and everybody on it."""

    state: State
    server: Server

    @property
    def url(self) -> str:
        """Where the Bot API is."""
        return self.server.url

    def forum(self, id: int = FIRST_GROUP, *, rights: bool = True, is_forum: bool = True) -> Group:
        """A supergroup of staff, with the bot in it."""
        group = Group(id=id, rights=rights, is_forum=is_forum)
        self.state.groups[id] = group
        self.state.messages.setdefault(id, {})
        return group

    # --- writing ------------------------------------------------------------------------------------------

    def say(self, who: int, text: str, *, language: str | None = None, **more: Any) -> int:
        """A private message to the bot; its id."""
        return self.send(who, chat=who, language=language, text=text, **self._entities(text), **more)

    def send(
        self,
        who: int,
        *,
        chat: int,
        thread: int | None = None,
        reply: int | None = None,
        language: str | None = None,
        sender: dict[str, Any] | None = None,
        offer: bool = True,
        **content: Any,
    ) -> int:
        """Any message anywhere; its id."""
        state = self.state
        with state.lock:
            extra: dict[str, Any] = {}
            if thread is not None:
                extra = {"message_thread_id": thread, "is_topic_message": True}
                head = state.messages[chat].get(reply if reply is not None else thread)
                if head is not None:  # without a reply Telegram names the head of the topic
                    extra["reply_to_message"] = {k: v for k, v in head.items() if k != "reply_to_message"}
            elif reply is not None:
                answered = state.messages[chat][reply]
                extra["reply_to_message"] = {k: v for k, v in answered.items() if k != "reply_to_message"}
            message = state.new_message(chat, sender or user(who, language), **content, **extra)
            if offer:
                state.offer("message", message)
            return int(message["message_id"])

    def file(self, who: int, kind: str, content: bytes = PNG, *, chat: int | None = None, **more: Any) -> int:
        """A file of some kind."""
        file_id = f"f{len(self.state.files)}"
        self.state.files[file_id] = ("file", content)
        facts: dict[str, Any] = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(content)}
        shapes: dict[str, Any] = {
            "photo": [{**facts, "width": 800, "height": 600}],
            "document": {**facts, "file_name": more.pop("name", "合同.pdf")},
            "voice": {**facts, "duration": 3},
            "audio": {**facts, "duration": 3},
            "video": {**facts, "duration": 3, "width": 100, "height": 100},
            "sticker": {
                **facts,
                "type": "regular",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
            },
        }
        return self.send(who, chat=chat or who, **{kind: shapes[kind]}, **more)

    def staff_says(
        self, who: int, group: int, thread: int, text: str, *, reply: int | None = None, **more: Any
    ) -> int:
        """A message in a topic."""
        return self.send(
            who, chat=group, thread=thread, reply=reply, text=text, **self._entities(text), **more
        )

    def say_to_bot(self, who: int, group: int, text: str) -> int:
        """A message in a group that mentions the bot."""
        said = f"@{BOT_NAME} {text}"
        return self.send(who, chat=group, text=said, **self._entities(said))

    def edit(self, chat: int, message_id: int, text: str) -> None:
        """Another wording."""
        with self.state.lock:
            message = self.state.messages[chat][message_id]
            message["text" if "text" in message else "caption"] = text
            message["edit_date"] = int(self.state.clock()) + 1
            self.state.offer("edited_message", dict(message))

    def swap(self, chat: int, message_id: int, content: bytes) -> None:
        """Another file in the place of a document."""
        with self.state.lock:
            message = self.state.messages[chat][message_id]
            file_id = f"f{len(self.state.files)}"
            self.state.files[file_id] = ("file", content)
            message["document"] = {**message["document"], "file_id": file_id, "file_unique_id": file_id}
            message["edit_date"] = int(self.state.clock()) + 1
            self.state.offer("edited_message", dict(message))

    def move(self, chat: int, message_id: int, **to: float) -> None:
        """A live location goes on."""
        with self.state.lock:
            message = self.state.messages[chat][message_id]
            message["location"] = {**message["location"], **to}
            message["edit_date"] = int(self.state.clock()) + 1
            self.state.offer("edited_message", dict(message))

    def press(self, who: int, chat: int, message_id: int, label: str) -> str:
        """A button that is there; the id of the press."""
        with self.state.lock:
            message = self.state.messages[chat][message_id]
            rows = message.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
            button = next((each for row in rows for each in row if label in each["text"]), None)
            assert button is not None, f"no button {label} in {rows}"
            return self.forge(who, chat, message_id, button["callback_data"])

    def forge(self, who: int, chat: int, message_id: int, data: str) -> str:
        """A press with any data: clients can do that."""
        with self.state.lock:
            id = f"q{len(self.state.callbacks)}"
            self.state.callbacks[id] = self.state.clock()
            query = {
                "id": id,
                "from": user(who),
                "chat_instance": "1",
                "message": self.state.messages[chat][message_id],
                "data": data,
            }
            self.state.offer("callback_query", query)
            return id

    def react(self, who: int, chat: int, message_id: int, *emojis: str) -> None:
        """Reactions; Telegram does not say in which topic."""
        self.state.offer(
            "message_reaction",
            {
                "chat": self.state.chat(chat),
                "message_id": message_id,
                "user": user(who),
                "date": int(self.state.clock()),
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": each} for each in emojis],
            },
        )

    def block(self, who: int, *, tells: bool = True) -> None:
        """The person blocks the bot."""
        with self.state.lock:
            self.state.blocked.add(who)
            if tells:
                self._standing(who, "member", "kicked")

    def unblock(self, who: int) -> None:
        """The person comes back."""
        with self.state.lock:
            self.state.blocked.discard(who)
            self._standing(who, "kicked", "member")

    def _standing(self, who: int, old: str, new: str) -> None:
        def of(status: str) -> dict[str, Any]:
            extra = {"until_date": 0} if status == "kicked" else {}
            return {"status": status, "user": ME, **extra}

        self.state.offer(
            "my_chat_member",
            {
                "chat": self.state.chat(who),
                "from": user(who),
                "date": int(self.state.clock()),
                "old_chat_member": of(old),
                "new_chat_member": of(new),
            },
        )

    def delete_topic(self, group: int, thread: int) -> None:
        """By hand, in the app: nobody tells the bot."""
        with self.state.lock:
            self.state.groups[group].topics[thread].deleted = True

    def close_topic(self, who: int, group: int, thread: int, *, closed: bool = True) -> None:
        """By hand, in the app."""
        with self.state.lock:
            self.state.groups[group].topics[thread].closed = closed
            self.send(
                who,
                chat=group,
                thread=thread,
                **{"forum_topic_closed" if closed else "forum_topic_reopened": {}},
            )

    def migrate(self, old: int, new: int) -> None:
        """The group becomes another supergroup; its topics come along."""
        with self.state.lock:
            group = self.forum(new)
            group.topics = self.state.groups[old].topics
            self.state.messages[new] = self.state.messages[old]
            self.state.next_message[new] = self.state.next_message.get(old, 1)
            self.state.groups[old].moved_to = new

    # --- failing ------------------------------------------------------------------------------------------

    def fail(
        self,
        method: str,
        code: int = 0,
        words: str = "",
        *,
        times: int = 1,
        chat: int | None = None,
        drop: str = "",
        **parameters: int,
    ) -> None:
        """The next calls of a method fail: with an error, or with the connection cut before or after the effect."""

        def act() -> None:
            raise Refused(code, words, **parameters)

        with self.state.lock:
            self.state.troubles += [
                Trouble(method=method, act=act if code else None, drop=drop, chat=chat) for _ in range(times)
            ]

    # --- looking ------------------------------------------------------------------------------------------

    def sees(self, chat: int, *, thread: int | None = None) -> list[dict[str, Any]]:
        """What the bot wrote in a chat, oldest first."""
        with self.state.lock:
            found = [
                message
                for message in self.state.messages.get(chat, {}).values()
                if message["from"]["id"] == BOT_ID and "forum_topic_created" not in message
            ]
            return [dict(m) for m in found if thread is None or m.get("message_thread_id") == thread]

    def texts(self, chat: int, *, thread: int | None = None) -> list[str]:
        """The words of what the bot wrote."""
        return [
            message.get("text") or message.get("caption") or "" for message in self.sees(chat, thread=thread)
        ]

    def topics(self, group: int = FIRST_GROUP) -> list[int]:
        """Topics that are there, oldest first."""
        with self.state.lock:
            return [each.thread_id for each in self.state.groups[group].topics.values() if not each.deleted]

    def calls(self, method: str) -> list[dict[str, Any]]:
        """What was asked of a method."""
        with self.state.lock:
            return [asked for _, name, asked in self.state.calls if name == method]

    def _entities(self, text: str) -> dict[str, Any]:
        if text.startswith("/"):
            return {"entities": [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]}
        at = text.find(f"@{BOT_NAME}")
        if at >= 0:
            return {"entities": [{"type": "mention", "offset": at, "length": len(BOT_NAME) + 1}]}
        return {}


@contextmanager
def platform(*, clock: Callable[[], float] = time.time, limits: bool = True) -> Iterator[Telegram]:
    """A Telegram of our own; what it says itself must be what Telegram could say."""
    state = State(clock=clock, limits=limits, judge=fault_of_update)
    with running(state) as server:
        yield Telegram(state=state, server=server)
    assert state.faults == [], sorted(set(state.faults))
