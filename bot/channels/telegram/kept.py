"""Files of citizens: kept with their message where the desk takes the kind; of others the place at Telegram is noted.

Telegram says what a file is, its bytes decide. Staff get every file copied into the topic; the console hands out the
kept ones and says of the others that they lie in Telegram.
"""

from sqlalchemy import Connection

from bot.channels.telegram.events import Said
from bot.conversation import attachments, transcript
from bot.conversation.files import Upload, checked
from bot.errors import FileRefused

LARGEST_BYTES = 10_000_000
ELSEWHERE = "telegram_file"  # key of a payload: id and name of a file that only Telegram has


def uploads(said: Said, content: bytes | None) -> tuple[Upload, ...]:
    """The file of a message as the desk keeps it; empty when there is none, or none of a kind it takes."""
    if said.file is None or content is None:
        return ()
    try:
        return (checked(said.file.name, content, largest_bytes=LARGEST_BYTES),)
    except FileRefused:
        return ()


def note_elsewhere(tx: Connection, said: Said, message_id: int) -> None:
    """Note with the message where its file lies, unless the desk has it."""
    found = transcript.by_id(tx, message_id)
    if said.file is None or found is None:
        return
    conversation_id, post = found
    if any(file.message_id == message_id for file in attachments.listing(tx, conversation_id)):
        return
    place = {"id": said.file.id, "name": said.file.name}
    transcript.remember(tx, message_id, {**post.payload, ELSEWHERE: place})
