"""A Bot API server of our own: strict where Telegram is strict, and never successful by accident."""
