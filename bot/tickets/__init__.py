"""The ticket queue: what happens when a person takes over."""
