"""The types of fraud of the public contract, as `types.yaml` describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.yaml_files import shipped

TYPES = Path(__file__).parent / "types.yaml"
OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class FraudType:
    """A type: its code in the contract, its name and advice by language, and the entry that explains it."""

    code: str
    name: Mapping[str, str]
    entry: str
    advice: Mapping[str, str]


@cache
def types() -> Mapping[str, FraudType]:
    """Every type by its code, in the order of the file."""
    raw = shipped(TYPES)
    return {code: FraudType(code=code, **fields) for code, fields in raw.items()}
