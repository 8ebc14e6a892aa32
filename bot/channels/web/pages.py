"""What a browser opens: the chat page, the same page for other sites, its files, and the launcher script."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.web.page import Asset, Assets, Page, security_policy
from bot.channels.web.session import is_secure, new_visitor, remember, visitor_of
from bot.config import Config
from bot.conversation.wording import LANGUAGES
from bot.http import NOT_STORED

_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
_CHECKED = {"Cache-Control": "no-cache"}
LANGUAGE_COOKIE = "anwen_language"


def create_router(config: Config, *, page: Page, assets: Assets) -> APIRouter:
    """The routes /, /chat, /embed, /widget.js and the page's files."""
    parents = config.web.embed_origins
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def home() -> Response:
        return RedirectResponse("/chat", 307)

    @router.get("/chat")
    def full_page(request: Request, lang: str | None = None) -> Response:
        visitor = visitor_of(request) or new_visitor()
        response = HTMLResponse(
            page.render(language=_language(request, lang), mode="full"),
            headers={
                **NOT_STORED,
                "Content-Security-Policy": security_policy(frame_ancestors="'none'"),
                "X-Frame-Options": "DENY",
            },
        )
        remember(response, visitor, secure=is_secure(config))
        return response

    @router.get("/embed")
    def embedded_page(request: Request, lang: str | None = None) -> Response:
        if not parents:
            raise HTTPException(404, "web.embed_origins names no site that may embed the chat")
        policy = security_policy(frame_ancestors=" ".join(parents))
        return HTMLResponse(
            page.render(language=_language(request, lang), mode="embed"),
            headers={**NOT_STORED, "Content-Security-Policy": policy},
        )

    @router.get("/widget.js")
    async def launcher(request: Request) -> Response:
        widget = assets.get("widget.js")
        if not parents or widget is None:
            raise HTTPException(404, "web.embed_origins names no site that may embed the chat")
        return _file(request, widget, {**_AN_HOUR, "Cross-Origin-Resource-Policy": "cross-origin"})

    @router.get("/chat/static/{version}/{name}")
    async def file(request: Request, version: str, name: str) -> Response:
        asset = assets.get(name)
        if asset is None:
            raise HTTPException(404, "there is no such file")
        return send_file(request, asset, is_current=version == assets.version)

    return router


def send_file(request: Request, asset: Asset, *, is_current: bool) -> Response:
    """A file of a page, kept for ever by whoever asked for the version there is.

    A page opened before an update asks for the old version: it gets what there is, uncached.
    """
    return _file(request, asset, _FOREVER if is_current else _CHECKED)


def _language(request: Request, asked: str | None) -> str:
    """As asked for in the address, else as chosen before, else Chinese."""
    for language in (asked, request.cookies.get(LANGUAGE_COOKIE)):
        if language in LANGUAGES:
            return str(language)
    return LANGUAGES[0]


def _file(request: Request, asset: Asset, headers: dict[str, str]) -> Response:
    headers = {**headers, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, media_type=asset.media_type, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)
