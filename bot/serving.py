"""`anwen serve`: prepares the machine, compiles the knowledge if needed, and serves until stopped."""

import sys

import uvicorn

from bot import logs
from bot.app import build
from bot.channels.web.app import create_web
from bot.compiling import compile_content
from bot.config import Config
from bot.doctor import free_port, writable
from knowledge import artefacts
from knowledge.errors import BuildError

GRACE_S = 5  # streams are told to end; what is left after this is cut


def serve(config: Config, *, host: str | None = None, port: int | None = None) -> None:
    """Serve the web chat and the API. Raises AnwenError or KnowledgeError with one line and the fix."""
    logs.configure(config.logging)
    host, port = host or config.server.host, config.server.port if port is None else port
    writable(config)
    free_port(host, port)
    prepare_knowledge(config)
    with build(config) as built:
        web = create_web(config, engine=built.engine, database=built.database, ready=built.library.ready)
        _say(f"{config.district.service} is ready: http://{host}:{port}  (Ctrl+C stops it)")
        uvicorn.run(
            web,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_S,
            proxy_headers=False,  # limits read X-Forwarded-For themselves, from trusted proxies only
            server_header=False,
        )


def prepare_knowledge(config: Config) -> None:
    """Compile the content unless the current build already is this content with this encoder.

    Content with problems stops the first start; later the last good build goes on serving.
    """
    from bot.cli import progress_bar

    try:
        _say(compile_content(config, progress=progress_bar()))
    except BuildError as error:
        if not _has_build(config):
            raise
        _say(f"the content has problems, the last good build goes on serving: {error}")


def _has_build(config: Config) -> bool:
    try:
        return artefacts.is_complete(artefacts.current_build(config.build))
    except BuildError:
        return False


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
