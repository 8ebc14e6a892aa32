"""YAML as we accept it: plain data, UTF-8, no key twice; and pydantic's complaints in our words."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from knowledge.errors import ContentError

# The C parser is ten times faster, and every wheel of PyYAML has it; source builds may not.
_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Model = TypeVar("Model", bound=BaseModel)


class Shape(BaseModel):
    """A mapping as it is written in a file: unknown keys are refused, strings are trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class _Loader(_Base):  # type: ignore[misc, valid-type]
    """Refuses a key written twice: plain YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} is written twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]


def read_yaml(path: Path, *, name: str) -> object:
    """The plain data of one file, called `name` in errors. Raises ContentError with the line."""
    try:
        return yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError as error:
        raise ContentError(name, "file", "does not exist", f"restore {path}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "file"
        problem = f"not readable YAML: {getattr(error, 'problem', None) or str(error).splitlines()[0]}"
        raise ContentError(name, line, problem, "quote the value or indent it") from error


def shipped(path: Path) -> Any:
    """The plain data of a file that comes with the program. Raises ContentError when the installation is broken."""
    return read_yaml(path, name=path.name)


def parse(shape: type[Model], raw: object, *, file: str, key: str) -> Model:
    """`raw` as `shape`. Raises ContentError for the first thing that does not fit."""
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        raise complaints(error, file=file, key=key)[0] from error


def complaints(error: ValidationError, *, file: str, key: str) -> list[ContentError]:
    """Each of pydantic's findings as an error that names the key and the fix."""
    found = []
    for item in error.errors(include_url=False):
        path = ".".join(str(part) for part in item["loc"])
        found.append(ContentError(file, f"{key}: {path}" if path else key, _problem(item), _fix(item)))
    return found


def _problem(item: ErrorDetails) -> str:
    if item["type"] == "missing":
        return "missing"
    if item["type"] == "extra_forbidden":
        return "unknown key"
    return f"{str(item['input'])[:60]!r}: {item['msg']}"


def _fix(item: ErrorDetails) -> str:
    kind = item["type"]
    if kind == "missing":
        return "add it"
    if kind == "extra_forbidden":
        return "remove it or correct its spelling"
    if kind in ("enum", "literal_error"):
        return f"use one of {item['ctx']['expected']}"
    if kind == "string_type":
        return "quote it, so that it is text"
    return "correct it"
