"""What one message led to, as channels and the public contract see it. Pure."""

from dataclasses import dataclass
from typing import Any

from bot.conversation.model import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one message led to: the contract's `turn`, and the rows that answer it."""

    conversation: str
    message: Post | None
    turn: dict[str, Any]
    replies: tuple[Post, ...]
    ticket: dict[str, Any] | None = None
    failed: bool = False  # handling raised; the person got the words for that

    def to_json(self, id: str) -> dict[str, Any]:
        """The object of the public contract."""
        return {
            "id": id,
            "conversation": self.conversation,
            "turn": self.turn,
            "replies": [
                {
                    "text": reply.text,
                    "choices": reply.payload.get("choices", []),
                    "sources": reply.payload.get("sources", []),
                }
                for reply in self.replies
            ],
            "ticket": self.ticket,
        }
