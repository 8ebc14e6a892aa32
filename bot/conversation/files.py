"""Which files are taken, told from their content and never from their name, and what they are called. Pure.

What passes is still what a stranger sent: it is only ever handed out under its own type, sandboxed, and never to
anybody but staff and the person who sent it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PureWindowsPath

from bot.errors import FileRefused

LONGEST_NAME = 80  # characters
MARK = "［附件］"  # stands before the name where a file is shown as text
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_PDF_TAIL = 2048  # bytes in which a PDF must say that it ends
# Control characters, and those that change the order in which a name is shown: “fdp.exe” read backwards.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_RESERVED = re.compile(r'[<>:"/\\|?*]')


class FileKind(StrEnum):
    """The kinds that are taken, by their media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"

    @property
    def endings(self) -> tuple[str, ...]:
        """Usual ends of names, the one to give first."""
        return {
            FileKind.JPEG: (".jpg", ".jpeg"),
            FileKind.PNG: (".png",),
            FileKind.WEBP: (".webp",),
            FileKind.PDF: (".pdf",),
        }[self]

    @property
    def is_image(self) -> bool:
        """Whether a browser can show it without running anything."""
        return self is not FileKind.PDF


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that passed: its kind is what its bytes are, its name is safe to show and to save under."""

    name: str
    kind: FileKind
    content: bytes


def checked(name: str, content: bytes, *, largest_bytes: int) -> Upload:
    """The file, when it is one that is taken. Raises FileRefused."""
    if not content:
        raise FileRefused("empty")
    if len(content) > largest_bytes:
        raise FileRefused("too_large")
    kind = kind_of(content)
    return Upload(name=safe_name(name, kind), kind=kind, content=content)


def kind_of(content: bytes) -> FileKind:
    """What the bytes are from the first to the last: something else hung on behind a picture is no picture.

    Raises FileRefused: `unknown` for another kind, `broken` for one that does not end as it must.
    """
    kind = next((kind for kind, begins in _BEGINNINGS.items() if begins(content)), None)
    if kind is None:
        raise FileRefused("unknown")
    if not _ENDINGS[kind](content):
        raise FileRefused("broken")
    return kind


def safe_name(name: str, kind: FileKind) -> str:
    """`name` without folders and tricks, with the ending of what the file really is.

    >>> safe_name("../../合同.exe", FileKind.PDF), safe_name("", FileKind.JPEG)
    ('合同.exe.pdf', 'file.jpg')
    """
    last = PureWindowsPath(_UNPRINTABLE.sub("", name)).name  # knows both kinds of slashes
    plain = _RESERVED.sub("", last).strip(" .") or "file"
    stem, ending = plain, kind.endings[0]
    for known in kind.endings:
        if plain.lower().endswith(known) and len(plain) > len(known):
            stem, ending = plain[: -len(known)], known
    return f"{stem[: LONGEST_NAME - len(ending)].rstrip(' .')}{ending}"


def named(names: tuple[str, ...]) -> str:
    """Files as the words of a message that has no others."""
    return " ".join(f"{MARK}{name}" for name in names)


def only_names_files(text: str) -> bool:
    """Whether `text` is what `named` made: no words of anybody."""
    return text.startswith(MARK)


def _is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _webp_ends(content: bytes) -> bool:
    """The size in the head counts what follows it; an odd chunk is padded by one byte."""
    return len(content) - 8 == int.from_bytes(content[4:8], "little")


_BEGINNINGS: dict[FileKind, Callable[[bytes], bool]] = {
    FileKind.JPEG: lambda content: content[:3] == b"\xff\xd8\xff",
    FileKind.PNG: lambda content: content[:8] == b"\x89PNG\r\n\x1a\n" and content[12:16] == b"IHDR",
    FileKind.WEBP: _is_webp,
    FileKind.PDF: lambda content: re.match(rb"%PDF-[12]\.\d", content) is not None,
}
_ENDINGS: dict[FileKind, Callable[[bytes], bool]] = {
    # phones write more behind the end of a picture: a second, brighter one, or when it was taken
    FileKind.JPEG: lambda content: b"\xff\xd9" in content,
    FileKind.PNG: lambda content: content.endswith(_PNG_END),
    FileKind.WEBP: _webp_ends,
    FileKind.PDF: lambda content: b"%%EOF" in content[-_PDF_TAIL:],
}
