"""The console's own files, under an address that changes with them."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from bot.channels.web.pages import send_file
from bot.console.console import Console


def create_router(console: Console) -> APIRouter:
    """The route /staff/static."""
    router = APIRouter()

    @router.get("/static/{version}/{name}")
    async def static_file(request: Request, version: str, name: str) -> Response:
        asset = console.pages.assets.get(name)
        if asset is None:
            raise HTTPException(404, "there is no such file")
        return send_file(request, asset, is_current=version == console.pages.assets.version)

    return router
