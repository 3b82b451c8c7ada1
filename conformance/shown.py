"""A foreign value in words that fit into a line."""


def shown(value: object, limit: int = 300) -> str:
    """A value as a report prints it: a string as it is, anything else as Python spells it, cut to size."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
