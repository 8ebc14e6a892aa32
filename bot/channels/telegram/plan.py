"""What a topic needs next, told from what it shows and what it should. Pure but for building the deed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.telegram import deeds
from bot.channels.telegram.card import card_of, icon_of, name_of, piece_of, same_but_clock
from bot.channels.telegram.deeds import MOST_COPIES, Deed
from bot.channels.telegram.links import Link
from bot.channels.telegram.look import View
from bot.channels.telegram.orders import card_buttons
from bot.channels.telegram.words import Words
from bot.conversation.model import Author, Post
from bot.conversation.wording import Wording

CARD_EVERY = timedelta(seconds=30)  # where only the clock moved: who has it, and its state, are shown at once
JUST_COMES = timedelta(seconds=0.2)  # a message whose file is not known yet
ALBUM_COMES = timedelta(seconds=1)  # the messages of an album arrive one by one


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing now; look again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Seen:
    """Nothing to show: the topic has seen everything up to here."""

    seq: int
    note_id: int


@dataclass(frozen=True, slots=True)
class UpToDate:
    """The topic shows this version of its ticket."""

    version: int


@dataclass(frozen=True, slots=True)
class Moves:
    """The ticket belongs to another group: begin again there."""

    group_id: int


Step = Deed | Later | Seen | UpToDate | Moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """How tickets look in their topics.

    Args:
        icons: what Telegram offers for topics: emoji → id.
    """

    words: Words
    wording: Wording
    zone: ZoneInfo
    icons: Mapping[str, str]

    def next_step(self, view: View, *, now: datetime) -> Step:
        """The one thing to do now for a ticket whose topic is behind."""
        return (
            self._home(view, now)
            or self._said(view, now)
            or self._state(view, now)
            or UpToDate(view.ticket.version)
        )

    def _home(self, view: View, now: datetime) -> Step | None:
        """A topic in the right group, open, with its card."""
        ticket, topic = view.ticket, view.topic
        if topic.group_id != view.group_id:
            if topic.thread_id is not None and not topic.closed:
                return deeds.set_closed(topic, closed=True)
            return Moves(view.group_id)
        if topic.thread_id is None:
            return deeds.create(
                topic, view.group_id, name=name_of(ticket), icon=icon_of(ticket, self.icons), now=now
            )
        if topic.closed and ticket.is_live:
            return deeds.set_closed(topic, closed=False)
        if topic.card_id is None:
            return deeds.show_card(topic, self._card(view), card_buttons(ticket, self.words), now=now)
        return None

    def _said(self, view: View, now: datetime) -> Step | None:
        """What people said, and notes; what only the bot said is not worth a message."""
        people = [post for post in view.posts if post.author in (Author.CITIZEN, Author.STAFF)]
        if not people and not view.notes:
            if view.last_seq > view.topic.seen_seq or view.last_note > view.topic.seen_note:
                return Seen(view.last_seq, view.last_note)
            return None if view.last_seq == view.conversation.last_seq else Later(JUST_COMES.total_seconds())
        first = view.posts[0] if view.posts else None
        if first is not None and first.id in view.files:
            return self._files(view, now)
        until = next((place for place, post in enumerate(view.posts) if post.id in view.files), None)
        piece = piece_of(
            view.posts[:until],
            view.notes if until is None else [],
            names=view.names,
            words=self.words,
            seen_seq=view.topic.seen_seq,
            seen_note=view.topic.seen_note,
        )
        return deeds.relay(view.topic, piece, now=now) if piece is not None else None

    def _files(self, view: View, now: datetime) -> Step:
        """One file, or the whole album it is in."""
        first: tuple[Post, Link] = (view.posts[0], view.files[view.posts[0].id])
        together = [first]
        if first[1].album is not None:
            for post in view.posts[1:MOST_COPIES]:
                link = view.files.get(post.id)
                if link is None or link.album != first[1].album:
                    break
                together.append((post, link))
            wait = ALBUM_COMES - (now - together[-1][0].created_at)
            if wait > timedelta(0) and len(together) < MOST_COPIES:
                return Later(wait.total_seconds())
        return deeds.copy(view.topic, together, now=now)

    def _state(self, view: View, now: datetime) -> Step | None:
        """Name, icon, card, and whether the topic is closed."""
        ticket, topic = view.ticket, view.topic
        name, icon = name_of(ticket), icon_of(ticket, self.icons)
        if (name, icon) != (topic.name, topic.icon):
            return deeds.rename(topic, name=name, icon=icon)
        card = self._card(view)
        if card != topic.card and topic.card_id:
            wait = topic.card_at + CARD_EVERY.total_seconds() - now.timestamp()
            if wait > 0 and ticket.is_live and same_but_clock(card, topic.card or "", self.words):
                return Later(wait)
            return deeds.change_card(topic, card, card_buttons(ticket, self.words), now=now)
        if not ticket.is_live and not topic.closed:
            return deeds.set_closed(topic, closed=True)
        return None

    def _card(self, view: View) -> str:
        return card_of(
            view.ticket,
            channel=view.conversation.address.channel,
            assignee=view.names.get(view.ticket.assignee_id or 0),
            due_at=view.due_at,
            words=self.words,
            wording=self.wording,
            zone=self.zone,
        )
