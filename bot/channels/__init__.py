"""Where people write to us."""
