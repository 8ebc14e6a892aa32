"""The web chat: a page, its requests, its event stream, and the widget for other sites."""
