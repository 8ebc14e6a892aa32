"""`python -m bot` is the command `anwen`."""

from bot.cli import main

main()
