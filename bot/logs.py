"""Logging: one line an event, `event` plus ids; masked on the way out.

Of an error its kind and its places in the code are logged, never its message: that quotes what somebody wrote as soon
as that is what could not be read.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from bot.config import Logging
from bot.privacy import redact, redact_event

# Libraries whose info lines carry URLs with secrets in them.
_QUIET = ("httpx", "httpcore", "telegram", "uvicorn.access")


_QUOTING = "asyncio"  # logs the error itself below its first line


class _RedactingFilter(logging.Filter):
    """Masks what libraries log through the standard library."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if record.name == _QUOTING:
            message = message.partition("\n")[0]
        record.msg, record.args = redact(message), None
        return True


class _Formatter(logging.Formatter):
    """Lines of libraries, whose tracebacks tell no more than ours."""

    def formatException(  # noqa: N802 the name is the library's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return _places(ei[1]) if ei[1] is not None else ""


def _without_words(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: an error as its kind and its places."""
    given = event.pop("exc_info", None)
    if isinstance(given, tuple):
        given = given[1]
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event["exception"] = _places(error)
    return event


def _places(error: BaseException) -> str:
    """The kind of `error` and where in the code it was raised, then the same of what caused it."""
    lines: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        lines.append(type(at).__name__)
        frames = traceback.extract_tb(at.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n".join(lines)


def configure(settings: Logging) -> None:
    """Set up structlog and the standard library once, at start."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_RedactingFilter())
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _without_words,
            redact_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
