"""Stored messages as the page gets them."""

from collections.abc import Sequence
from typing import Any

from bot.channels.web.live import Page
from bot.conversation import attachments, delivery, sessions, transcript
from bot.conversation.attachments import Attachment
from bot.conversation.model import Address, Author, Delivery, Post
from bot.storage.database import Database

PAGE_SIZE = 100


def read_page(database: Database, address: Address, after: int) -> Page:
    """What `address` may see of its chat behind place `after`; what staff wrote counts as delivered with that."""
    with database.reading() as tx:
        conversation = sessions.find(tx, address)
        if conversation is None:
            return Page(conversation=None, posts=())
        posts = transcript.after(tx, conversation.id, after, limit=PAGE_SIZE)
        files = attachments.listing(tx, conversation.id) if posts else ()
    if any(post.status is Delivery.QUEUED for post in posts):
        with database.transaction() as tx:
            delivery.handed_over(tx, conversation.id, up_to=posts[-1].seq)
    return Page(
        conversation=conversation.public_id,
        posts=tuple(shown(post, files) for post in posts),
        more=len(posts) == PAGE_SIZE,
    )


def shown(post: Post, files: Sequence[Attachment] = ()) -> dict[str, Any]:
    """One post, with those of `files` that belong to it. A citizen's has `client_id`, a bot's has `choices`, `sources`
    and `turn`.
    """
    common = {
        "seq": post.seq,
        "author": post.author.value,
        "text": post.text,
        "at": post.created_at.isoformat(timespec="seconds"),
        "files": [
            {"id": file.public_id, "name": file.name, "size_bytes": file.size_bytes}
            for file in files
            if file.message_id == post.id
        ],
    }
    if post.author is Author.CITIZEN:
        return {**common, "client_id": post.external_id}
    return {
        **common,
        "choices": post.payload.get("choices", []),
        "sources": post.payload.get("sources", []),
        "turn": post.payload.get("turn"),
        "download": post.payload.get("download", False),
        "papers": [
            {"title": paper["title"], "path": f"/chat/documents/{paper['card']}/{paper['name']}"}
            for paper in post.payload.get("papers", ())
        ],
    }
