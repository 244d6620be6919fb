"""Settings that all tests share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Test processes run side by side, so each keeps to one thread.  Read when NumPy is first imported.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

settings.register_profile("quick", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def only_our_ops() -> Iterator[None]:
    """An op that a test has defined is forgotten after it: others look at every op there is."""
    yield
    from chainrule.core.op import registry

    for name in list(registry)[::-1]:  # new ones come last
        if type(registry[name]).__module__.startswith("chainrule."):
            break
        del registry[name]
