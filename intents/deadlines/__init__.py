"""Legal periods: the last day, counted by the article that sets it. Pure."""
