"""Is this a fraud: what a message shows, which official type it is, and what to do. Pure, without network."""
