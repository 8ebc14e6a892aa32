"""Runs the web application so that stopping it does not wait for open pages."""

import socket

import uvicorn
from fastapi import FastAPI

GRACE_S = 5  # for requests being answered; streams are told to end at once


class Server(uvicorn.Server):
    """uvicorn, which ends the event streams first: it waits for every open response."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, end the streams, finish what is being answered."""
        state = getattr(self.config.app, "state", None)
        for hub in (getattr(state, "hub", None), getattr(state, "desk_hub", None)):
            if hub is not None:
                hub.close()
        await super().shutdown(sockets)


def run(web: FastAPI, *, host: str, port: int) -> None:
    """Serve `web` until the process is told to stop."""
    Server(settings(web, host=host, port=port)).run()


def settings(web: FastAPI, *, host: str, port: int) -> uvicorn.Config:
    """How we run uvicorn: limits read X-Forwarded-For themselves, logs are ours."""
    return uvicorn.Config(
        web,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
