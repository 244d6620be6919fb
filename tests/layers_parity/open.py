"""What is open."""

MISSING: set[str] = set()

DISAGREES: dict[str, str] = {}
