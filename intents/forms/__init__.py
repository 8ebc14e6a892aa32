"""Forms: a service done step by step in the chat. Declared in the YAML files beside this one, filled by `flow`.

Everything here is pure: a form and its state go in, a new state and what happened come out. What is said about it is
laid out by the conversation, from the phrases.
"""
