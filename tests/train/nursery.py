"""A process that is told, line by line, to train in a child, and says how the child ended.

Children are forked from here, where chainrule is already imported, so that fifty of them start in
the time of one.  A line is a JSON object: the ``folder`` of the checkpoints, where the outcome is
written to (``out``), whether to ``resume``, and the ``options`` of the run.
"""

import json
import os
import sys

from chainrule.saving import write_whole
from chainrule.train import Checkpoints
from tests.train.setup import make, outcome

EPOCHS = 10


def train(order):
    """A whole run, or what is left of it; its outcome is written down."""
    kept = Checkpoints(order["folder"], **order["every"])
    trainer, loader, validation = make(checkpoints=kept, stopping=None, **order["options"])
    trainer.fit(loader, EPOCHS, validation, resume=order["resume"])
    write_whole(order["out"], repr(outcome(trainer)).encode())


def tell(number):
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main():
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                train(json.loads(line))
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        tell(child)
        _, status = os.waitpid(child, 0)
        tell(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
