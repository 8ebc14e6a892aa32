"""A payload of Telegram becomes an event, or nothing: unknown kinds of updates are no error. Pure."""

from collections.abc import Mapping
from typing import Any

from telegram import Chat, ChatMember, Message, ReactionTypeEmoji, Update, User

from bot.channels.base import cleaned
from bot.channels.telegram.events import (
    Event,
    File,
    Happened,
    Kind,
    Membership,
    Person,
    Place,
    Pressed,
    Reacted,
    Said,
    Service,
)

ALLOWED = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")
_ANONYMOUS_ADMIN = 1087968824  # the bot account that stands for an administrator who hides
_PLACES = {Chat.PRIVATE: Place.PRIVATE, Chat.GROUP: Place.GROUP, Chat.SUPERGROUP: Place.GROUP}
_LANGUAGES = {"zh": "zh", "en": "en"}
_LONGEST_NAME = 100


class Unreadable(Exception):
    """The payload is no update as Telegram describes it."""


def parse(payload: Mapping[str, Any]) -> Event | None:
    """The event in `payload`; None for what does not concern us.

    Raises Unreadable for a payload that is broken.
    """
    try:
        update = Update.de_json(dict(payload), None)
        return _event(update)
    except Exception as error:  # the library raises whatever a missing or wrong field leads to
        raise Unreadable(type(error).__name__) from error


def _event(update: Update) -> Event | None:
    if update.message is not None:
        return _happened(update.message) or _said(update.message)
    if update.edited_message is not None:
        return _said(update.edited_message)
    if update.callback_query is not None:
        return _pressed(update)
    if update.message_reaction is not None:
        return _reacted(update)
    if update.my_chat_member is not None:
        return _membership(update)
    return None


def _said(message: Message) -> Said | None:
    if _is_service(message):
        return None
    kind, file = _content(message)
    return Said(
        place=_place(message.chat),
        chat_id=message.chat.id,
        message_id=message.message_id,
        sender=_sender(message),
        at=message.date,
        kind=kind,
        text=cleaned(message.text or message.caption or ""),
        thread_id=_thread(message),
        reply_to=_reply_to(message),
        file=file,
        forwarded=message.forward_origin is not None,
        album=message.media_group_id,
        point=(message.location.latitude, message.location.longitude) if message.location else None,
        edited_at=message.edit_date,
        mentions=_mentions(message),
    )


def _pressed(update: Update) -> Pressed | None:
    query = update.callback_query
    assert query is not None
    if query.message is None or query.data is None:  # an inline message, or a game: none of ours
        return None
    thread = _thread(query.message) if isinstance(query.message, Message) else None
    return Pressed(
        place=_place(query.message.chat),
        chat_id=query.message.chat.id,
        message_id=query.message.message_id,
        sender=_person(query.from_user),
        callback_id=query.id,
        data=query.data,
        thread_id=thread,
    )


def _reacted(update: Update) -> Reacted | None:
    reaction = update.message_reaction
    assert reaction is not None
    if reaction.user is None:  # in the name of a chat
        return None
    return Reacted(
        place=_place(reaction.chat),
        chat_id=reaction.chat.id,
        message_id=reaction.message_id,
        sender=_person(reaction.user),
        emojis=tuple(each.emoji for each in reaction.new_reaction if isinstance(each, ReactionTypeEmoji)),
    )


def _membership(update: Update) -> Membership:
    change = update.my_chat_member
    assert change is not None
    gone = change.new_chat_member.status in (ChatMember.LEFT, ChatMember.BANNED)
    return Membership(
        place=_place(change.chat),
        chat_id=change.chat.id,
        sender=_person(change.from_user),
        is_member=not gone,
    )


def _happened(message: Message) -> Happened | None:
    what: Service | None = None
    if message.migrate_to_chat_id is not None:
        what = Service.MIGRATED
    elif message.forum_topic_closed is not None:
        what = Service.TOPIC_CLOSED
    elif message.forum_topic_reopened is not None:
        what = Service.TOPIC_REOPENED
    if what is None:
        return None
    return Happened(
        place=_place(message.chat),
        chat_id=message.chat.id,
        sender=_sender(message),
        what=what,
        thread_id=_thread(message),
        moved_to=message.migrate_to_chat_id,
    )


def _is_service(message: Message) -> bool:
    """Joins, pins, topic edits and the like: Telegram wrote it, nobody said it."""
    return bool(
        message.forum_topic_created
        or message.forum_topic_edited
        or message.pinned_message
        or message.new_chat_members
        or message.left_chat_member
        or message.new_chat_title
        or message.new_chat_photo
        or message.delete_chat_photo
        or message.group_chat_created
        or message.supergroup_chat_created
        or message.migrate_from_chat_id
        or message.message_auto_delete_timer_changed
        or message.general_forum_topic_hidden
        or message.general_forum_topic_unhidden
        or message.video_chat_started
        or message.video_chat_ended
        or message.write_access_allowed
    )


def _content(message: Message) -> tuple[Kind, File | None]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Kind.PHOTO, File(id=largest.file_id, name="photo", size_bytes=largest.file_size)
    named = (
        (Kind.DOCUMENT, message.document, "document"),  # an animation also is a document
        (Kind.VOICE, message.voice, "voice.ogg"),
        (Kind.AUDIO, message.audio, "audio"),
        (Kind.VIDEO, message.video or message.video_note, "video.mp4"),
    )
    for kind, content, name in named:
        if content is not None:
            given = cleaned(getattr(content, "file_name", None) or name)[:_LONGEST_NAME]
            return kind, File(id=content.file_id, name=given, size_bytes=content.file_size)
    return _without_file(message), None


def _without_file(message: Message) -> Kind:
    if message.text is not None:
        return Kind.TEXT
    if message.sticker is not None:
        return Kind.STICKER
    if message.location is not None:
        return Kind.LOCATION
    if message.contact is not None:
        return Kind.CONTACT
    return Kind.OTHER


def _reply_to(message: Message) -> int | None:
    """A plain message in a topic replies to the topic's head: that is no reply."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created is not None:
        return None
    return answered.message_id


def _thread(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None


def _mentions(message: Message) -> tuple[str, ...]:
    found = {**message.parse_entities(["mention"]), **message.parse_caption_entities(["mention"])}
    return tuple(name.removeprefix("@").lower() for name in found.values())


def _place(chat: Chat) -> Place:
    return _PLACES.get(chat.type, Place.CHANNEL)


def _sender(message: Message) -> Person:
    if message.sender_chat is not None or message.from_user is None:
        return Person(id=_ANONYMOUS_ADMIN, anonymous=True)
    return _person(message.from_user)


def _person(user: User) -> Person:
    return Person(
        id=user.id,
        language=_LANGUAGES.get((user.language_code or "").partition("-")[0].lower()),
        is_bot=user.is_bot,
        anonymous=user.id == _ANONYMOUS_ADMIN,
    )
