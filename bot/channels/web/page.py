"""The page: its template, its words in both languages, and its files under an address that changes with them."""

import gzip
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.config import Config
from bot.conversation.engine import Engine
from bot.conversation.files import FileKind
from bot.conversation.wording import LANGUAGES

HERE = Path(__file__).parent
LEGAL_ADVICE = "12348"  # 全国公共法律服务热线, free, 24 hours; the same number in every province
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_PARTS = ("steps", "where", "bring", "time", "cost", "note", "human")  # phrases that head a part of an answer

Mode = Literal["full", "embed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file of the page, ready to be sent."""

    content: bytes
    compressed: bytes
    media_type: str


class Assets:
    """The files of `static/`, read once. One version names all of them, so modules may import each other."""

    def __init__(self, folder: Path = HERE / "static") -> None:
        self._files = {path.name: _asset(path) for path in sorted(folder.iterdir()) if path.suffix in _TYPES}
        digest = hashlib.sha256()
        for name, asset in self._files.items():
            digest.update(name.encode() + b"\0" + asset.content)
        self.version = digest.hexdigest()[:12]

    def get(self, name: str) -> Asset | None:
        """The file called `name`."""
        return self._files.get(name)

    def url(self, name: str) -> str:
        """Where `name` is. Raises KeyError for a file that does not exist."""
        assert name in self._files, name
        return f"/chat/static/{self.version}/{name}"

    @property
    def modules(self) -> tuple[str, ...]:
        """The addresses of all scripts of the page, so that the browser fetches them at once."""
        return tuple(self.url(name) for name in self._files if name.endswith(".js") and name != "widget.js")


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(
        content=content,
        compressed=gzip.compress(content, mtime=0),
        media_type=f"{_TYPES[path.suffix]}; charset=utf-8",
    )


class Page:
    """Renders the chat page."""

    def __init__(self, config: Config, *, engine: Engine, assets: Assets) -> None:
        self._config = config
        self._engine = engine
        self._assets = assets
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, *, language: str, mode: Mode) -> str:
        """The page as HTML, shown in `language`."""
        data = self._data(language=language, mode=mode)
        return self._templates.get_template("chat.html").render(
            data=data, words=data["words"][language], assets=self._assets, language=language, mode=mode
        )

    @cached_property
    def _words(self) -> dict[str, dict[str, str]]:
        values = {language: self._values(language) for language in LANGUAGES}
        return {
            language: {key: text.format_map(values[language]) for key, text in _strings(language).items()}
            for language in LANGUAGES
        }

    def _values(self, language: str) -> dict[str, str]:
        district = self._config.district
        return {
            "service": district.service,
            "district": district.english if language == "en" else district.name,
            "place": district.english if language == "en" else f"{district.city}{district.name}",
        }

    def _data(self, *, language: str, mode: Mode) -> dict[str, Any]:
        """What the scripts know from the start."""
        desk = self._config.desk
        return {
            "mode": mode,
            "language": language,
            "words": self._words,
            "greeting": {each: self._say("greeting", each) for each in LANGUAGES},
            "menu": {each: self._menu(each) for each in LANGUAGES},
            "person": {each: asdict(self._engine.wording.person(each)) for each in LANGUAGES},
            "parts": {each: [self._say(part, each) for part in _PARTS] for each in LANGUAGES},
            "phones": {"police": desk.emergency_police, "fraud": desk.fraud_advice, "legal": LEGAL_ADVICE},
            "longest": self._config.conversation.longest_message,
            "timezone": self._config.district.timezone,
            "largestFile": self._config.web.largest_file_mb,
            "accept": ",".join(FileKind),
            "parents": list(self._config.web.embed_origins) if mode == "embed" else [],
        }

    def _say(self, key: str, language: str) -> str:
        return self._engine.wording.say(key, language)

    def _menu(self, language: str) -> list[dict[str, str]]:
        """The quick topics; the way to a person has its own place on the page."""
        person = self._engine.wording.person(language)
        return [asdict(choice) for choice in self._engine.menu(language) if choice != person]


def _strings(language: str) -> dict[str, str]:
    strings: dict[str, str] = json.loads((HERE / "strings" / f"{language}.json").read_text("utf-8"))
    return strings


def security_policy(*, frame_ancestors: str) -> str:
    """The Content-Security-Policy of the page: its own files only, nothing inline, no HTML from strings."""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {frame_ancestors}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
