"""What can be done in a group: one call each, and what is stored when Telegram took it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.constants import ParseMode

from bot.channels.telegram import links, topics
from bot.channels.telegram.buttons import Data, keyboard
from bot.channels.telegram.card import Piece
from bot.channels.telegram.links import Link, Role
from bot.channels.telegram.topics import Job, Topic
from bot.conversation.model import Post

DELIVERED, NOT_DELIVERED = "👌", "😱"
MOST_COPIES = 10  # messages of an album


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One call.

    Args:
        settle: stores what came of it; its second argument is what `send` gave, None when it was given up.
        calls: how many messages Telegram counts for it.
        essential: the topic cannot go on without it: it is tried until it works.
    """

    name: str
    send: Callable[[Bot], Awaitable[Any]]
    settle: Callable[[Connection, Any], None]
    ticket_id: int | None = None
    thread: tuple[int, int] | None = None  # of words that belong to no step of a ticket
    important: bool = False
    calls: int = 1
    essential: bool = False


def create(topic: Topic, group_id: int, *, name: str, icon: str | None, now: datetime) -> Deed:
    """Make the topic of a ticket."""

    async def send(bot: Bot) -> int:
        made = await bot.create_forum_topic(group_id, name, icon_custom_emoji_id=icon)
        return int(made.message_thread_id)

    def settle(tx: Connection, thread_id: int) -> None:
        values = {"thread_id": thread_id, "name": name, "icon": icon, "served_at": now.timestamp()}
        if topics.of_ticket(tx, topic.ticket_id) is None:
            topics.begin(tx, topic.ticket_id, group_id, seen_seq=topic.seen_seq)
        topics.change(tx, topic.ticket_id, group_id=group_id, closed=False, **values)

    return Deed(name="create", send=send, settle=settle, ticket_id=topic.ticket_id, essential=True)


def show_card(topic: Topic, text: str, buttons: list[tuple[str, Data]], *, now: datetime) -> Deed:
    """Put the card at the head of a new topic."""

    async def send(bot: Bot) -> int:
        sent = await bot.send_message(
            topic.group_id,
            text,
            message_thread_id=topic.thread_id,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(buttons) if buttons else None,
        )
        return int(sent.message_id)

    def settle(tx: Connection, message_id: int | None) -> None:
        topics.change(tx, topic.ticket_id, card_id=message_id or 0, card=text, card_at=now.timestamp())
        if message_id is not None:
            links.add(tx, _internal(topic, message_id, seq=0))

    return Deed(name="card", send=send, settle=settle, ticket_id=topic.ticket_id)


def change_card(topic: Topic, text: str, buttons: list[tuple[str, Data]], *, now: datetime) -> Deed:
    """Bring the card up to date."""

    async def send(bot: Bot) -> None:
        await bot.edit_message_text(
            text,
            chat_id=topic.group_id,
            message_id=topic.card_id,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(buttons) if buttons else None,
        )

    def settle(tx: Connection, _: object) -> None:
        topics.change(tx, topic.ticket_id, card=text, card_at=now.timestamp())

    return Deed(name="change_card", send=send, settle=settle, ticket_id=topic.ticket_id)


def rename(topic: Topic, *, name: str, icon: str | None) -> Deed:
    """Bring the topic's name and icon up to date."""

    async def send(bot: Bot) -> None:
        assert topic.thread_id is not None
        await bot.edit_forum_topic(
            topic.group_id, topic.thread_id, name=name, icon_custom_emoji_id=icon if icon else ""
        )

    def settle(tx: Connection, _: object) -> None:
        topics.change(tx, topic.ticket_id, name=name, icon=icon)

    return Deed(name="rename", send=send, settle=settle, ticket_id=topic.ticket_id)


def set_closed(topic: Topic, *, closed: bool) -> Deed:
    """Close the topic, or open it again."""

    async def send(bot: Bot) -> None:
        assert topic.thread_id is not None
        call = bot.close_forum_topic if closed else bot.reopen_forum_topic
        await call(topic.group_id, topic.thread_id)

    def settle(tx: Connection, _: object) -> None:
        # what was opened only to say something is behind again, so that it will be closed
        again = {} if closed else {"seen_version": -1}
        topics.change(tx, topic.ticket_id, closed=closed, **again)

    return Deed(name="close" if closed else "reopen", send=send, settle=settle, ticket_id=topic.ticket_id)


def relay(topic: Topic, piece: Piece, *, now: datetime) -> Deed:
    """Show lines of the chat."""

    async def send(bot: Bot) -> int:
        sent = await bot.send_message(
            topic.group_id,
            piece.html,
            message_thread_id=topic.thread_id,
            parse_mode=ParseMode.HTML,
            disable_web_page_preview=True,
        )
        return int(sent.message_id)

    def settle(tx: Connection, message_id: int | None) -> None:
        topics.change(
            tx, topic.ticket_id, seen_seq=piece.seq, seen_note=piece.note_id, served_at=now.timestamp()
        )
        if message_id is not None:
            links.add(
                tx,
                Link(
                    chat_id=topic.group_id,
                    message_id=message_id,
                    thread_id=topic.thread_id,
                    role=piece.role,
                    post_id=piece.post.id if piece.post else None,
                    seq=piece.seq,
                    shown=piece.post.status.value if piece.post and piece.role is Role.SHOWN else None,
                ),
            )

    return Deed(name="relay", send=send, settle=settle, ticket_id=topic.ticket_id)


def copy(topic: Topic, files: Sequence[tuple[Post, Link]], *, now: datetime) -> Deed:
    """Show files the citizen sent: copied, so that nothing leads to their account."""
    ids = [link.message_id for _, link in files]

    async def send(bot: Bot) -> list[int]:
        if len(ids) == 1:
            one = await bot.copy_message(
                topic.group_id, files[0][1].chat_id, ids[0], message_thread_id=topic.thread_id
            )
            return [int(one.message_id)]
        many = await bot.copy_messages(
            topic.group_id, files[0][1].chat_id, ids, message_thread_id=topic.thread_id
        )
        return [int(each.message_id) for each in many]

    def settle(tx: Connection, copies: list[int] | None) -> None:
        last = files[-1][0].seq
        topics.change(tx, topic.ticket_id, seen_seq=last, served_at=now.timestamp())
        if copies is None or len(copies) != len(files):  # some are gone: which, nobody says
            files_of: Sequence[tuple[Post, Link]] = [files[-1]] * len(copies or ())
        else:
            files_of = files
        for (post, link), message_id in zip(files_of, copies or (), strict=True):
            links.add(
                tx,
                Link(
                    chat_id=topic.group_id,
                    message_id=message_id,
                    thread_id=topic.thread_id,
                    role=Role.CITIZEN,
                    post_id=post.id,
                    seq=post.seq,
                    kind=link.kind,
                ),
            )

    return Deed(name="copy", send=send, settle=settle, ticket_id=topic.ticket_id, calls=len(ids))


def say(job: Job) -> Deed:
    """Answer a member of staff."""
    detail = job.detail
    rows = [
        [
            InlineKeyboardButton(label, callback_data=data)
            for label, data in detail["buttons"][place : place + 2]
        ]
        for place in range(0, len(detail["buttons"]), 2)
    ]

    async def send(bot: Bot) -> int:
        reply = ReplyParameters(detail["reply_to"], allow_sending_without_reply=True)
        sent = await bot.send_message(
            job.group_id,
            detail["text"],
            message_thread_id=job.thread_id,
            parse_mode=ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup(rows) if rows else None,
            reply_parameters=reply if detail["reply_to"] else None,
        )
        return int(sent.message_id)

    def settle(tx: Connection, message_id: int | None) -> None:
        topics.paid(tx, job.id)
        if message_id is not None:
            links.add(
                tx,
                Link(
                    chat_id=job.group_id,
                    message_id=message_id,
                    thread_id=job.thread_id,
                    role=Role.INTERNAL,
                    seq=detail["seq"],
                ),
            )

    thread = (job.group_id, job.thread_id) if job.thread_id else None
    return Deed(name="say", send=send, settle=settle, thread=thread, important=True)


def react(job: Job) -> Deed:
    """Show the citizen's reaction."""

    async def send(bot: Bot) -> None:
        await bot.set_message_reaction(job.group_id, job.detail["message"], job.detail["emojis"])

    def settle(tx: Connection, _: object) -> None:
        topics.paid(tx, job.id)

    return Deed(name="react", send=send, settle=settle)


def mark(link: Link, *, status: str, delivered: bool) -> Deed:
    """Show on an answer what became of it."""

    async def send(bot: Bot) -> None:
        emoji = DELIVERED if delivered else NOT_DELIVERED
        await bot.set_message_reaction(link.chat_id, link.message_id, emoji)

    def settle(tx: Connection, _: object) -> None:
        links.show(tx, link, status)

    return Deed(name="mark", send=send, settle=settle)


def delete(topic: Topic) -> Deed:
    """Delete a topic whose ticket or citizen is forgotten."""

    async def send(bot: Bot) -> None:
        assert topic.thread_id is not None
        await bot.delete_forum_topic(topic.group_id, topic.thread_id)

    def settle(tx: Connection, _: object) -> None:
        topics.forget(tx, topic.ticket_id)
        if topic.thread_id is not None:
            links.forget_topic(tx, topic.group_id, topic.thread_id)

    return Deed(name="delete", send=send, settle=settle, ticket_id=topic.ticket_id)


def _internal(topic: Topic, message_id: int, *, seq: int) -> Link:
    return Link(
        chat_id=topic.group_id,
        message_id=message_id,
        thread_id=topic.thread_id,
        role=Role.INTERNAL,
        seq=seq,
    )
