"""The larger commands of `anwen`, a group a file; `bot.cli` joins them."""
