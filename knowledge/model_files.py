"""The folder an encoder ships in, and the manifest that says what belongs there."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.errors import EncoderError

SHIPPED_MODEL = Path(__file__).parent / "model"
MANIFEST = "manifest.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.model"
HEAD = "head.npy"  # optional: (dim, dim) float32, applied to a vector before it is scaled to length one again

_FIX = "restore the folder from the release, or run: python -m training.build_encoder --out {folder}"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of the model, as it was when the model was made."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the encoder is. `name` changes whenever its vectors may change."""

    name: str
    dim: int
    max_tokens: int  # longer texts are cut here, prefix and end marks included
    query_prefix: str
    passage_prefix: str
    pooling: str
    files: Mapping[str, ModelFile]


def read_manifest(folder: Path) -> Manifest:
    """The manifest in `folder`. Raises EncoderError if it is missing or malformed."""
    path = folder / MANIFEST
    try:
        return _manifest(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise broken(folder, f"{MANIFEST} is missing") from error
    except OSError as error:
        raise broken(folder, f"{MANIFEST} cannot be read ({error.strerror})") from error
    except KeyError as error:
        raise broken(folder, f"{MANIFEST} has no key {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise broken(folder, f"{MANIFEST} is malformed ({error})") from error


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Raises EncoderError unless every file is there in its full size: cheap, catches most damage."""
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise broken(folder, f"{name} is missing")
        if (size := path.stat().st_size) != expected.size_bytes:
            raise broken(folder, f"{name} has {size} bytes instead of {expected.size_bytes}")


def check_hashes(folder: Path, manifest: Manifest) -> None:
    """Raises EncoderError unless every file is byte for byte the one that was shipped."""
    check_sizes(folder, manifest)
    for name, expected in manifest.files.items():
        if sha256_of(folder / name) != expected.sha256:
            raise broken(folder, f"{name} has a wrong SHA-256")


def sha256_of(path: Path) -> str:
    """Hex digest of the file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def broken(folder: Path, problem: str) -> EncoderError:
    """The error for a model folder that cannot be used: one line, with the fix."""
    return EncoderError(f"encoder {folder}: {problem}; {_FIX.format(folder=folder)}")


def _manifest(values: dict[str, Any]) -> Manifest:
    files = {
        name: ModelFile(size_bytes=int(file["size_bytes"]), sha256=str(file["sha256"]))
        for name, file in values["files"].items()
    }
    return Manifest(
        name=str(values["name"]),
        dim=int(values["dim"]),
        max_tokens=int(values["max_tokens"]),
        query_prefix=str(values["query_prefix"]),
        passage_prefix=str(values["passage_prefix"]),
        pooling=str(values["pooling"]),
        files=files,
    )
