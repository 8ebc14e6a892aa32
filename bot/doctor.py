"""`anwen doctor`: looks at everything a working installation needs and says how to fix what is missing."""

import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot import config as configuration
from bot.config import Config
from bot.errors import AnwenError, StartupError
from knowledge.errors import KnowledgeError

LEAST_DISK_BYTES = 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: whether it is all right, and one line about it."""

    name: str
    passed: bool
    says: str


def examine(path: Path) -> Iterator[Finding]:
    """The findings, most basic first; a broken configuration ends the examination."""
    yield _finding("python", lambda: sys.version.split()[0])
    loaded: list[Config] = []

    def read() -> str:
        loaded.append(configuration.load(path))
        return str(path)

    yield _finding("config", read)
    if not loaded:
        return
    config = loaded[0]
    yield _finding("data folder", lambda: writable(config))
    yield _finding("disk", lambda: _disk(config))
    yield _finding("database", lambda: _database(config))
    yield _finding("duty roster", lambda: _roster(config))
    yield _finding("encoder", lambda: _encoder(config))
    yield _finding("knowledge", lambda: _knowledge(config))
    yield _finding("port", lambda: free_port(config.server.host, config.server.port))


def _finding(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name=name, passed=True, says=look())
    except (AnwenError, KnowledgeError) as error:
        return Finding(name=name, passed=False, says=str(error))


def writable(config: Config) -> str:
    """The data folder, after a file was written there. Raises StartupError."""
    try:
        config.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=config.data):
            return str(config.data)
    except OSError as error:
        raise StartupError(
            f"storage.folder: {config.data} cannot be written ({error.strerror}); "
            "give this user the right, or name another folder in config.yaml"
        ) from error


def free_port(host: str, port: int) -> str:
    """`host:port`, after it was bound for a moment. Raises StartupError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise StartupError(
            f"server.port: {host}:{port} cannot be used ({error.strerror}); stop the program that has it, "
            f"or choose another: ANWEN_SERVER__PORT={port + 1} make run"
        ) from error
    return f"{host}:{port} is free"


def _disk(config: Config) -> str:
    free = shutil.disk_usage(config.data).free
    if free < LEAST_DISK_BYTES:
        raise StartupError(f"{config.data}: only {free // 1_000_000} MB are free; make room")
    return f"{free // 1_000_000} MB free"


def _database(config: Config) -> str:
    from bot.app import open_storage

    open_storage(config).close()
    return "opens, schema current"


def _roster(config: Config) -> str:
    """Everybody named in the roster has an account. Raises StartupError."""
    from bot.app import open_desk, open_storage
    from bot.tickets import staff

    names = open_desk(config).roster.names
    if not names:
        return "none: people switch themselves on and off duty"
    database = open_storage(config)
    with database.reading() as tx:
        known = {person.username for person in staff.listing(tx) if person.may_work}
    database.close()
    if names - known:
        missing = ", ".join(sorted(names - known))
        raise StartupError(
            f"desk.roster: nobody who works at the desk is called {missing}; "
            "correct the name in config.yaml, or: anwen admin create NAME"
        )
    return f"{len(config.desk.roster)} shifts, {len(names)} people"


def _encoder(config: Config) -> str:
    from bot.encoders import open_encoder
    from knowledge.encoder import OnnxEncoder

    encoder = open_encoder(config)
    if isinstance(encoder, OnnxEncoder):
        encoder.verify()
    return encoder.name


def _knowledge(config: Config) -> str:
    from knowledge import artefacts

    manifest = artefacts.read_manifest(artefacts.current_build(config.build))
    return f"{manifest.entries} entries, built {manifest.built_at:%Y-%m-%d %H:%M} UTC"
