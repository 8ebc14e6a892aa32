"""Renders the pages of the console. Everything a citizen wrote passes through autoescaping, once, here."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.web.page import Assets, security_policy
from bot.config import Config
from bot.console.access import PREFIX, allowed
from bot.console.words import HERE, LANGUAGES, Words
from bot.http import NOT_STORED
from bot.masking import masked
from bot.tickets.people import Staff

LANGUAGE_COOKIE = "anwen_staff_language"


class ConsoleAssets(Assets):
    """The console's own files."""

    def __init__(self, folder: Path = HERE / "static") -> None:
        super().__init__(folder)

    def url(self, name: str) -> str:
        """Where `name` is. Raises AssertionError for a file that does not exist."""
        assert self.get(name) is not None, name
        return f"{PREFIX}/static/{self.version}/{name}"


class Pages:
    """The templates and what all of them know.

    Args:
        alerts: how many things somebody has not acknowledged; every page shows it.
    """

    def __init__(
        self, config: Config, *, clock: Callable[[], datetime], alerts: Callable[[Staff], int]
    ) -> None:
        self._config = config
        self._clock = clock
        self._alerts = alerts
        self.assets = ConsoleAssets()
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def words(self, request: Request, staff: Staff | None) -> Words:
        """The words in the language of this person: as chosen here, else as in their account, else Chinese."""
        for language in (request.cookies.get(LANGUAGE_COOKIE), staff.language if staff else None):
            if language in LANGUAGES:
                break
        else:
            language = LANGUAGES[0]
        return Words(language=str(language), zone=self._config.district.zone, now=self._clock())

    def render(
        self, request: Request, template: str, staff: Staff | None, *, status: int = 200, **data: Any
    ) -> HTMLResponse:
        """A page, never stored by the browser: the next person at this desk must not see it."""
        words = self.words(request, staff)
        district = self._config.district
        html = self._templates.get_template(template).render(
            t=words,
            me=staff,
            may=lambda route: staff is not None and allowed(route, staff),
            alerts=0 if staff is None else self._alerts(staff),
            mask=masked,
            assets=self.assets,
            service=district.service,
            district=district.name if words.language == "zh" else district.english,
            path=request.url.path,
            said=said(request, words),
            largest_mb=self._config.web.largest_file_mb,
            **data,
        )
        return HTMLResponse(
            html,
            status,
            headers={
                **NOT_STORED,
                "Content-Security-Policy": security_policy(frame_ancestors="'none'"),
                "X-Frame-Options": "DENY",
            },
        )


def said(request: Request, words: Words) -> str:
    """What the change that led here achieved; only words we know are shown."""
    key = request.query_params.get("said", "")
    return words.known(f"said_{key}", "") if key.isidentifier() else ""
