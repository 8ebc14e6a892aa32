"""Telegram: citizens in private chats, staff in the topics of a supergroup."""
