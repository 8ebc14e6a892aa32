"""What stands between Telegram and the webhook, and fails as it does in life."""

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response


class Front:
    """A proxy between Telegram and the webhook that fails as proxies do."""

    def __init__(self) -> None:
        self.troubles: deque[str] = deque()
        self.posts = 0

    async def __call__(self, request: Request, handle: Callable[[Request], Awaitable[Response]]) -> Response:
        """As a middleware: `refuse` before anwen, `lose` its answer, `hang` until Telegram gives up."""
        self.posts += 1
        trouble = self.troubles.popleft() if self.troubles else ""
        if trouble == "refuse":
            return Response(status_code=502)
        answer = await handle(request)
        if trouble == "lose":
            return Response(status_code=504)
        if trouble == "hang":
            await asyncio.sleep(1)
        return answer


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
