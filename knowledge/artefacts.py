"""Compiled knowledge on disk: one folder a build, and a small file that names the current one.

    <out>/current              the name of the build in use, replaced in one step
    <out>/builds/<id>/         never changed once it has this name
        manifest.json entries.json rows.json row_keys.npy vectors.npy asked.faiss lexical/ likelihood/

A text file, not a link, says which build is current: it survives every filesystem and archive.
"""

import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from knowledge.errors import BuildError

FORMAT = 4  # raise when a program can no longer read the files of an older one

CURRENT = "current"
BUILDS = "builds"
MANIFEST = "manifest.json"
ENTRIES = "entries.json"
ROWS = "rows.json"
ROW_KEYS = "row_keys.npy"
VECTORS = "vectors.npy"
ASKED = "asked.faiss"
LEXICAL = "lexical"
LIKELIHOOD = "likelihood"
ELSEWHERE = "elsewhere.npy"
DOCUMENT_ENTRIES = "entries.npy"  # inside LEXICAL: the entry of each document

ABANDONED_S = 24 * 3600.0  # an unfinished build older than this was left by a crash


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a build is made of."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    format: int
    id: str  # digest of format, encoder and content
    encoder: str  # its name, which identifies model and weights
    dim: int
    content: str  # SHA-256 of the compiled entries
    entries: int
    rows: int
    built_at: datetime  # UTC


def read_manifest(build: Path, *, any_format: bool = False) -> Manifest:
    """The manifest in a build folder. Raises BuildError, also for files of another format unless any will do."""
    try:
        manifest = _MANIFEST.validate_json((build / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise BuildError(f"{build}: no readable {MANIFEST}; build the knowledge again") from error
    if manifest.format != FORMAT and not any_format:
        raise BuildError(f"{build}: format {manifest.format}, not {FORMAT}; build the knowledge again")
    return manifest


def write_manifest(build: Path, manifest: Manifest) -> None:
    """Writes the manifest into a build folder."""
    raw = asdict(manifest) | {"built_at": manifest.built_at.isoformat()}
    (build / MANIFEST).write_text(json.dumps(raw, indent=2) + "\n", "utf-8")


def current_build(out: Path) -> Path:
    """The folder of the build in use. Raises BuildError when nothing was built."""
    try:
        name = (out / CURRENT).read_text("utf-8").strip()
    except OSError as error:
        raise BuildError(f"{out}: no knowledge was built yet; run: anwen knowledge build") from error
    return out / BUILDS / name


def builds(out: Path) -> list[Path]:
    """Every finished build, the newest first."""
    found = [path.parent for path in (out / BUILDS).glob(f"*/{MANIFEST}") if ".tmp" not in path.parent.name]
    return sorted(found, key=lambda path: (path / MANIFEST).stat().st_mtime_ns, reverse=True)


def is_complete(build: Path) -> bool:
    """Whether every file of a build is there."""
    files = (MANIFEST, ENTRIES, ROWS, ROW_KEYS, VECTORS, ASKED, ELSEWHERE)
    folders = (LEXICAL, LIKELIHOOD)
    return all((build / name).is_file() for name in files) and all(
        (build / name).is_dir() for name in folders
    )


def finish(folder: Path, *, name: str, out: Path) -> Path:
    """The finished `folder`, on disk for good under `name`, or `name-2` and so on where that is taken."""
    for path in folder.rglob("*"):
        if path.is_file():
            _sync(path)
    for number in range(1, 1000):
        target = out / BUILDS / (name if number == 1 else f"{name}-{number}")
        # Renaming onto a folder with files fails, so a finished build is never touched again.
        with suppress(OSError):
            folder.rename(target)
            _sync(target.parent)
            return target
    raise BuildError(f"{out / BUILDS}: cannot be written; check the disk and its rights")


def switch(out: Path, build: Path) -> None:
    """Makes `build` the current one; a reader sees the old name or the new one, nothing between."""
    fresh = out / f"{CURRENT}.{os.getpid()}.tmp"
    fresh.write_text(build.name + "\n", "utf-8")
    _sync(fresh)
    fresh.replace(out / CURRENT)
    _sync(out)


def prune(out: Path, *, keep: int) -> None:
    """Removes all but the current build and the newest others, `keep` in all, and what crashes left.

    A process that still has an old build mapped keeps its pages: the system frees them when it lets go.
    """
    current = current_build(out)
    others = [build for build in builds(out) if build != current]
    newest = (current / MANIFEST).stat().st_mtime
    for build in others[keep - 1 :]:
        shutil.rmtree(build, ignore_errors=True)
    for left in (out / BUILDS).glob("*.tmp-*"):
        # Younger ones may belong to a build that is running elsewhere on the same disk.
        if newest - left.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)


def scratch(out: Path, name: str) -> Path:
    """A new empty folder to build in, of which no other process knows."""
    (out / BUILDS).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}.tmp-", dir=out / BUILDS))
    folder.chmod(0o755)  # temporary folders are private; the finished build is for every process
    for name in (LEXICAL, LIKELIHOOD):
        (folder / name).mkdir()
    return folder


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        # Some network filesystems refuse to sync a folder; its files are safe all the same.
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


_MANIFEST = TypeAdapter(Manifest)
