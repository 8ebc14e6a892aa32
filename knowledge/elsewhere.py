"""Questions that belong elsewhere: `elsewhere.yaml`. Near to one of them is far from anything we answer."""

from pathlib import Path

import yaml

from knowledge.errors import ContentError
from knowledge.textnorm import normalized

FILE = "elsewhere.yaml"
_FIX = "write groups with a name and a list `asked`, as in the shipped file"


def load_elsewhere(content: Path) -> tuple[str, ...]:
    """The wordings as they are matched, none twice; empty without the file. Raises ContentError."""
    path = content / FILE
    if not path.is_file():
        return ()
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
        wordings = [str(text) for group in raw["elsewhere"] for text in group["asked"]]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ContentError(FILE, "elsewhere", f"cannot be read ({error})", _FIX) from error
    return tuple(dict.fromkeys(text for text in map(normalized, wordings) if text))
