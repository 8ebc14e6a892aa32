"""`python -m bot` is the command `anwen`."""

import gc


def run() -> None:
    """The command; importing it makes no garbage, so none is looked for meanwhile."""
    gc.disable()
    from bot.cli import main

    gc.enable()
    main()


if __name__ == "__main__":
    run()
