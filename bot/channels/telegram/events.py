"""What comes from Telegram, as values: the rest of the channel never sees a payload. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Place(StrEnum):
    """What kind of chat it is."""

    PRIVATE = "private"
    GROUP = "group"  # supergroups too
    CHANNEL = "channel"


class Kind(StrEnum):
    """What a message carries."""

    TEXT = "text"
    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    OTHER = "other"  # polls, dice, games: nothing we can use


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who did it. `language` is that of their Telegram, where we speak it."""

    id: int
    language: str | None = None
    is_bot: bool = False
    anonymous: bool = False  # an administrator who hides behind the group


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file on Telegram's server."""

    id: str
    name: str
    size_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message. `text` is also the caption of a file; never None."""

    place: Place
    chat_id: int
    message_id: int
    sender: Person
    at: datetime
    kind: Kind
    text: str
    thread_id: int | None = None  # the topic, in a forum
    reply_to: int | None = None  # the message it answers; the head of a topic does not count
    file: File | None = None
    forwarded: bool = False
    album: str | None = None
    point: tuple[float, float] | None = None  # latitude, longitude
    edited_at: datetime | None = None  # a new wording of a message sent before
    mentions: tuple[str, ...] = ()  # @names in the text, lower case, without @


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button under a message of ours. Clients can forge `data`."""

    place: Place
    chat_id: int
    message_id: int
    sender: Person
    callback_id: str
    data: str
    thread_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted:
    """The reactions somebody now has on a message; Telegram does not say in which topic."""

    place: Place
    chat_id: int
    message_id: int
    sender: Person
    emojis: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Our own standing in a chat changed. In a private chat not being a member means: blocked."""

    place: Place
    chat_id: int
    sender: Person
    is_member: bool


class Service(StrEnum):
    """What Telegram itself writes into a group, as far as it concerns us."""

    TOPIC_CLOSED = "topic_closed"
    TOPIC_REOPENED = "topic_reopened"
    MIGRATED = "migrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A service message."""

    place: Place
    chat_id: int
    sender: Person
    what: Service
    thread_id: int | None = None
    moved_to: int | None = None  # the supergroup the group became


Event = Said | Pressed | Reacted | Membership | Happened
