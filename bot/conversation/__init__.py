"""One person's chat: what is heard, decided and recorded."""
