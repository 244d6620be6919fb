"""What scripts ask about Apple's GPUs, ``torch.backends.mps``: there are none here."""


def is_available() -> bool:
    """Whether there is such a GPU: no."""
    return False


def is_built() -> bool:
    """Whether it could be used: no."""
    return False
