"""Switches that scripts set, ``torch.backends.cudnn``: accepted, for there is no GPU to follow
them, and what is computed here is the same each time."""

enabled = False
deterministic = True
benchmark = False


def is_available() -> bool:
    """Whether the library is there: no."""
    return False
