"""The methods of the Bot API, as far as the bot uses them. Each takes the parameters as aiogram's types read them."""

import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from tests.bot.channels.telegram.fake.state import (
    BOT_ID,
    DEFAULT_UPDATES,
    ICONS,
    ME,
    REACTIONS,
    Refused,
    State,
    Topic,
)

TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}
MEDIA = ("photo", "document", "voice", "audio", "video", "sticker", "location", "contact")
LARGEST_DOWNLOAD = 20_000_000


class _Markup(HTMLParser):
    """Telegram's HTML: known tags, properly nested; what is left is the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.open, self.entities = "", [], 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise Refused(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)
        self.entities += 1

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refused(400, "Bad Request: can't parse entities: Unexpected end tag")

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(text: str, parse_mode: str | None, *, most: int, empty_is_fine: bool = False) -> str:
    """The text people see. Refuses what Telegram refuses."""
    if parse_mode is not None:
        if parse_mode != "HTML":
            raise Refused(400, "Bad Request: unsupported parse_mode")
        reader = _Markup()
        reader.feed(text)
        reader.close()
        if reader.open:
            raise Refused(400, "Bad Request: can't parse entities: Can't find end tag")
        if reader.entities > 100:
            raise Refused(400, "Bad Request: too many entities")
        text = reader.text
    length = len(text.encode("utf-16-le")) // 2
    if length > most:
        raise Refused(
            400,
            "Bad Request: message is too long"
            if most == 4096
            else "Bad Request: message caption is too long",
        )
    if not text.strip() and not empty_is_fine:
        raise Refused(400, "Bad Request: message text is empty")
    return text


def keyboard(markup: dict[str, Any] | None) -> dict[str, Any] | None:
    """An inline keyboard. Refuses data over 64 bytes."""
    if markup is None:
        return None
    for row in markup["inline_keyboard"]:
        for button in row:
            data = button.get("callback_data")
            if data is not None and not 1 <= len(data.encode()) <= 64:
                raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup


class Methods:
    """The methods by name."""

    def __init__(self, state: State) -> None:
        self.state = state

    def find(self, name: str) -> Callable[[dict[str, Any]], Any] | None:
        """The method, when it is modelled."""
        found: Callable[[dict[str, Any]], Any] | None = getattr(self, f"do_{_snake(name)}", None)
        return found

    # --- itself -------------------------------------------------------------------------------------------

    def do_get_me(self, _: dict[str, Any]) -> Any:
        return {
            **ME,
            "can_join_groups": self.state.joins,
            "can_read_all_group_messages": self.state.reads_all,
            "supports_inline_queries": False,
        }

    def do_set_my_commands(self, asked: dict[str, Any]) -> bool:
        self.state.commands[asked.get("language_code")] = [each["command"] for each in asked["commands"]]
        return True

    def do_set_webhook(self, asked: dict[str, Any]) -> bool:
        url = asked["url"]
        if url and not url.startswith("https://") and "127.0.0.1" not in url:
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.state.webhook = {**asked, "last_error_message": None} if url else {}
        self.state.allowed = frozenset(asked.get("allowed_updates") or DEFAULT_UPDATES)
        self.state.changed.notify_all()
        return True

    def do_delete_webhook(self, asked: dict[str, Any]) -> bool:
        self.state.webhook = {}
        if asked.get("drop_pending_updates"):
            self.state.updates.clear()
        return True

    def do_get_webhook_info(self, _: dict[str, Any]) -> Any:
        hook = self.state.webhook
        info = {
            "url": hook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.state.updates),
        }
        if hook.get("allowed_updates"):
            info["allowed_updates"] = hook["allowed_updates"]
        if hook.get("last_error_message"):
            info |= {
                "last_error_message": hook["last_error_message"],
                "last_error_date": int(self.state.clock()),
            }
        return info

    def do_get_updates(self, asked: dict[str, Any]) -> Any:
        state = self.state
        if state.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        if asked.get("allowed_updates") is not None:
            state.allowed = frozenset(asked["allowed_updates"]) or DEFAULT_UPDATES
        if state.polling:
            raise Refused(409, "Conflict: terminated by other getUpdates request")
        offset = asked.get("offset") or 0
        if offset < 0:
            while len(state.updates) > -offset:
                state.updates.popleft()
        while offset > 0 and state.updates and state.updates[0]["update_id"] < offset:
            state.updates.popleft()
        state.polling += 1
        try:
            deadline = time.monotonic() + min(asked.get("timeout") or 0, 2)
            while not state.updates and (left := deadline - time.monotonic()) > 0:
                state.changed.wait(left)
        finally:
            state.polling -= 1
        return list(state.updates)[: min(asked.get("limit") or 100, 100)]

    # --- sending ------------------------------------------------------------------------------------------

    def do_send_message(self, asked: dict[str, Any]) -> Any:
        text = shown(asked["text"], asked.get("parse_mode"), most=4096)
        return self._sent(asked, {"text": text})

    def do_send_document(self, asked: dict[str, Any]) -> Any:
        name, content = asked["document"]
        file_id = f"sent{len(self.state.files)}"
        self.state.files[file_id] = (name, content)
        document = {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_name": name,
            "file_size": len(content),
        }
        return self._sent(asked, {"document": document})

    def _sent(self, asked: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        state, chat_id = self.state, asked["chat_id"]
        markup = keyboard(asked.get("reply_markup"))
        extra = self._place(chat_id, asked.get("message_thread_id"))
        reply = asked.get("reply_parameters")
        if reply is not None:
            answered = state.messages.get(chat_id, {}).get(reply["message_id"])
            if answered is None and not reply.get("allow_sending_without_reply"):
                raise Refused(400, "Bad Request: message to be replied not found")
            if answered is not None:
                extra["reply_to_message"] = {
                    key: answered[key] for key in answered if key != "reply_to_message"
                }
        state.count(chat_id)
        if markup is not None:
            extra["reply_markup"] = markup
        return state.new_message(chat_id, ME, **content, **extra)

    def _place(self, chat_id: int, thread_id: int | None) -> dict[str, Any]:
        """Whether the bot may write there, and what the message says about it."""
        state = self.state
        if chat_id > 0:
            if chat_id in state.blocked:
                raise Refused(403, "Forbidden: bot was blocked by the user")
            if chat_id not in state.messages:
                raise Refused(400, "Bad Request: chat not found")
            if thread_id is not None:
                raise Refused(400, "Bad Request: message thread not found")
            return {}
        state.group(chat_id)
        if thread_id is None:
            return {}
        if state.topic(chat_id, thread_id).closed:
            raise Refused(400, "Bad Request: TOPIC_CLOSED")
        return {"message_thread_id": thread_id, "is_topic_message": True}

    def do_copy_message(self, asked: dict[str, Any]) -> Any:
        return {"message_id": self._copied(asked, asked["message_id"])["message_id"]}

    def do_copy_messages(self, asked: dict[str, Any]) -> Any:
        ids = asked["message_ids"]
        if ids != sorted(set(ids)) or not 1 <= len(ids) <= 100:
            raise Refused(400, "Bad Request: message identifiers must be in a strictly increasing order")
        there = [each for each in ids if each in self.state.messages.get(asked["from_chat_id"], {})]
        self.state.count(asked["chat_id"], len(there))
        copies = [self._copied(asked, each, counts=False) for each in there]
        return [{"message_id": each["message_id"]} for each in copies]

    def _copied(self, asked: dict[str, Any], message_id: int, *, counts: bool = True) -> dict[str, Any]:
        state = self.state
        source = state.message(asked["from_chat_id"], message_id, missing="message to copy not found")
        content = {key: source[key] for key in (*MEDIA, "text", "caption") if key in source}
        if not content:
            raise Refused(400, "Bad Request: message can't be copied")
        if asked.get("caption") is not None:
            content["caption"] = shown(asked["caption"], asked.get("parse_mode"), most=1024)
        extra = self._place(asked["chat_id"], asked.get("message_thread_id"))
        if counts:
            state.count(asked["chat_id"])
        return state.new_message(asked["chat_id"], ME, **content, **extra)

    def do_edit_message_text(self, asked: dict[str, Any]) -> Any:
        text = shown(asked["text"], asked.get("parse_mode"), most=4096)
        chat_id = asked["chat_id"]
        message = self.state.message(chat_id, asked["message_id"], missing="message to edit not found")
        if message["from"]["id"] != BOT_ID:
            raise Refused(400, "Bad Request: message can't be edited")
        markup = keyboard(asked.get("reply_markup"))
        if (message["text"], message.get("reply_markup")) == (text, markup):
            raise Refused(
                400, "Bad Request: message is not modified: specified new message content is the same"
            )
        self.state.count(chat_id)
        message["text"], message["edit_date"] = text, int(self.state.clock())
        message.pop("reply_markup", None)
        if markup is not None:
            message["reply_markup"] = markup
        return message

    def do_send_chat_action(self, asked: dict[str, Any]) -> bool:
        self._place(asked["chat_id"], None)
        self.state.actions.append((asked["chat_id"], asked["action"]))
        return True

    def do_answer_callback_query(self, asked: dict[str, Any]) -> bool:
        asked_at = self.state.callbacks.get(asked["callback_query_id"])
        if asked_at is None or self.state.clock() - asked_at > 30:
            raise Refused(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        if len(asked.get("text") or "") > 200:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        self.state.answered[asked["callback_query_id"]] = asked.get("text")
        return True

    def do_set_message_reaction(self, asked: dict[str, Any]) -> bool:
        chat_id, message_id = asked["chat_id"], asked["message_id"]
        if chat_id < 0:
            self.state.group(chat_id)
        self.state.message(chat_id, message_id, missing="message to react not found")
        emojis = [each["emoji"] for each in asked.get("reaction") or []]
        if len(emojis) > 1:
            raise Refused(400, "Bad Request: REACTIONS_TOO_MANY")
        if any(emoji not in REACTIONS for emoji in emojis):
            raise Refused(400, "Bad Request: REACTION_INVALID")
        self.state.count(chat_id)
        self.state.reactions[chat_id, message_id] = emojis
        return True

    # --- topics -------------------------------------------------------------------------------------------

    def do_get_forum_topic_icon_stickers(self, _: dict[str, Any]) -> Any:
        return [
            {
                "file_id": f"icon{place}",
                "file_unique_id": f"icon{place}",
                "type": "custom_emoji",
                "width": 512,
                "height": 512,
                "is_animated": True,
                "is_video": False,
                "emoji": emoji,
                "custom_emoji_id": f"5{place:03d}",
            }
            for place, emoji in enumerate(ICONS)
        ]

    def do_create_forum_topic(self, asked: dict[str, Any]) -> Any:
        group = self._managed(asked["chat_id"])
        name = _topic_name(asked["name"])
        self.state.count(group.id)
        head = self.state.new_message(group.id, ME, forum_topic_created={"name": name, "icon_color": 7322096})
        thread_id = head["message_id"]
        group.topics[thread_id] = Topic(
            thread_id=thread_id, name=name, icon=asked.get("icon_custom_emoji_id")
        )
        made = {"message_thread_id": thread_id, "name": name, "icon_color": 7322096}
        icon = asked.get("icon_custom_emoji_id")
        return {**made, "icon_custom_emoji_id": icon} if icon else made

    def do_edit_forum_topic(self, asked: dict[str, Any]) -> bool:
        group = self._managed(asked["chat_id"])
        topic = self.state.topic(group.id, asked["message_thread_id"])
        name, icon = asked.get("name") or topic.name, asked.get("icon_custom_emoji_id")
        icon = topic.icon if icon is None else icon or None
        if (name, icon) == (topic.name, topic.icon):
            raise Refused(400, "Bad Request: TOPIC_NOT_MODIFIED")
        self.state.count(group.id)
        topic.name, topic.icon = _topic_name(name), icon
        return True

    def do_close_forum_topic(self, asked: dict[str, Any]) -> bool:
        return self._set_closed(asked, closed=True)

    def do_reopen_forum_topic(self, asked: dict[str, Any]) -> bool:
        return self._set_closed(asked, closed=False)

    def _set_closed(self, asked: dict[str, Any], *, closed: bool) -> bool:
        group = self._managed(asked["chat_id"])
        topic = self.state.topic(group.id, asked["message_thread_id"])
        if topic.closed is closed:
            raise Refused(400, "Bad Request: TOPIC_NOT_MODIFIED")
        self.state.count(group.id)
        topic.closed = closed
        return True

    def do_delete_forum_topic(self, asked: dict[str, Any]) -> bool:
        group = self._managed(asked["chat_id"])
        topic = self.state.topic(group.id, asked["message_thread_id"])
        self.state.count(group.id)
        topic.deleted = True
        return True

    def _managed(self, chat_id: int) -> Any:
        group = self.state.group(chat_id)
        if not group.is_forum:
            raise Refused(400, "Bad Request: the chat is not a forum")
        if not group.rights:
            raise Refused(400, "Bad Request: not enough rights to manage topics")
        return group

    # --- looking ------------------------------------------------------------------------------------------

    def do_get_file(self, asked: dict[str, Any]) -> Any:
        found = self.state.files.get(asked["file_id"])
        if found is None:
            raise Refused(400, "Bad Request: invalid file_id")
        if len(found[1]) > LARGEST_DOWNLOAD:
            raise Refused(400, "Bad Request: file is too big")
        file_id = asked["file_id"]
        return {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_size": len(found[1]),
            "file_path": f"files/{file_id}",
        }

    def do_get_chat(self, asked: dict[str, Any]) -> Any:
        group = self.state.group(asked["chat_id"])
        facts = {"accent_color_id": 1, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}
        return {**self.state.chat(group.id), **facts}

    def do_get_chat_member(self, asked: dict[str, Any]) -> Any:
        group = self.state.group(asked["chat_id"])
        if asked["user_id"] != BOT_ID:
            status = "creator" if asked["user_id"] in group.admins else "member"
            person = {"id": asked["user_id"], "is_bot": False, "first_name": "P"}
            return {
                "status": status,
                "user": person,
                **({"is_anonymous": False} if status == "creator" else {}),
            }
        if not group.bot_is_admin:
            return {"status": "member", "user": ME}
        rights = dict.fromkeys(_RIGHTS, True)
        return {
            **rights,
            "status": "administrator",
            "user": ME,
            "is_anonymous": False,
            "can_be_edited": False,
            "can_manage_topics": group.rights,
            "can_delete_messages": group.bot_deletes,
        }


def _snake(name: str) -> str:
    return re.sub("([A-Z])", lambda found: "_" + found[1].lower(), name)


def _topic_name(name: str) -> str:
    if not 1 <= len(name) <= 128:
        raise Refused(400, "Bad Request: topic name is invalid")
    return name


_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)
_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_send_welcome_messages",  # since Bot API 10.3
)
