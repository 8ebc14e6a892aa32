"""What the commands share."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the object of the public contract.")]
Lines = Annotated[str, typer.Option("--jsonl", help='A file, or - for standard input: lines {"id","text"}.')]
DEFAULT_CONFIG = Path("config.yaml")
