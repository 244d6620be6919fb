"""The commands, and how they end."""

from __future__ import annotations

import errno
import json as json_format
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from chainrule.cli.demo import show_demo
from chainrule.cli.failure import USAGE, Failure
from chainrule.cli.find import show_find
from chainrule.cli.papers import show_check
from chainrule.cli.show import show
from chainrule.cli.solve import (
    check_place,
    conventions_of,
    refuse_failures,
    show_solutions,
    solve_papers,
)
from chainrule.cli.summary import show_table, summary_of, working_of
from chainrule.cli.user import tensor_of
from chainrule.core.errors import ChainruleError
from chainrule.readings.explain import explain as explanation_of

Flag = Annotated[bool, Parameter(negative="", show_default=False)]


def _version() -> str:
    try:
        return version("chainrule")
    except PackageNotFoundError:
        return "not installed"


app = App(
    name="chainrule",
    help="A deep-learning framework that shows its work.",
    version=_version,
    print_error=False,
    exit_on_error=False,
    result_action="return_none",
)


@app.command
def demo() -> None:
    """Solve a whole exam paper, then train a classifier of handwritten digits."""
    show_demo()


@app.command
def explain(
    target: str,
    *,
    decimals: int = 4,
    zoom: Literal["lines", "ops", "primitives"] = "lines",
    json: Flag = False,
    debug: Flag = False,
) -> None:
    """Show how a number was computed, and its derivatives, with the working.

    The file is Python code and is run: explain only files that you trust.

    Parameters
    ----------
    target
        FILE.py:NAME, where NAME is a tensor, or a function without arguments that returns one.
    decimals
        How many decimals are written; computed is in full.
    zoom
        A row for each line of the file, for each op, or for each primitive that ops are made of.
    json
        Print JSON, with all digits, instead of text.
    debug
        Show Python's traceback where the file raises an error.
    """
    if decimals < 0:
        raise Failure(f"decimals are counted from 0, not {decimals}", code=USAGE)
    try:
        found = explanation_of(tensor_of(target), decimals=decimals, zoom=zoom)
    except (Failure, ChainruleError) as error:
        if debug:
            raise
        if isinstance(error, Failure):
            raise
        raise Failure(f"{target}: {error.fact}", hint=error.hint or "") from None
    if json:
        print(json_format.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        show(found)


@app.command
def summary(
    target: str,
    *,
    input: Annotated[list[str], Parameter(negative="")],
    convention: str = "mac=1",
    backward: Flag = False,
    optimizer: str | None = None,
    depth: int | None = None,
    layer: str | None = None,
    compare: Flag = False,
    json: Flag = False,
    markdown: Flag = False,
    debug: Flag = False,
) -> None:
    """Show what a network makes, holds and computes: shapes, parameters, operations, bytes.

    The file is Python code and is run: summarise only files that you trust.

    Parameters
    ----------
    target
        FILE.py:NAME, where NAME is a module, its class, or a function that returns one.
    input
        Sizes, numbers or letters, and an element type: 1,3,224,224 or B,T:int64.  Once for each.
    convention
        What counts: mac=1, mac=2, inner=2n-1, bias, elementwise, normalisation, pooling,
        reductions, backward, optimizer, with commas between; or torchinfo, fvcore, flop_counter.
    backward
        Count the backward pass too.
    optimizer
        Count a step of it: SGD, Adam, …
    depth
        Add up modules that are deeper.
    layer
        Show the working of one module: formula = substitution = number.
    compare
        Show the figure under several conventions, side by side.
    json
        Print JSON instead of a table.
    markdown
        Print Markdown.
    debug
        Show Python's traceback where the file raises an error.
    """
    found = summary_of(target, input, convention, backward, optimizer)
    if json:
        print(found.to_json())
    elif markdown:
        print(found.to_markdown(depth))
    elif compare:
        print(found.compare(row=layer))
    elif layer is not None:
        print(working_of(found, layer))
    else:
        show_table(found, depth)


@app.command
def find(
    target: str,
    *unknowns: str,
    input: str | None = None,
    output: str | None = None,
    parameters: int | None = None,
    operations: int | None = None,
    convention: str = "mac=1",
    json: Flag = False,
    debug: Flag = False,
) -> None:
    """Find the hyperparameters for which a network is what is known of it, with the working.

    The file is Python code and is run: search only in files that you trust.

    Parameters
    ----------
    target
        FILE.py:NAME, where NAME is a function of the unknowns that returns a network.
    unknowns
        Where each is searched for: k=1..7, h=2..64..2, k=1,3,5.
    input
        The shape of the input: 1,3,32,32; letters are sizes that may be anything.
    output
        The shape that comes out.
    parameters
        How many parameters there are.
    operations
        How many operations it takes.
    convention
        What counts as one, as in `chainrule summary`.
    json
        Print JSON instead of text.
    debug
        Show Python's traceback where the file raises an error.
    """
    show_find(target, unknowns, input, output, parameters, operations, convention, json)


@app.command
def solve(
    *files: str,
    part: Annotated[list[str] | None, Parameter(negative="")] = None,
    convention: Annotated[list[str] | None, Parameter(negative="")] = None,
    arithmetic: str | None = None,
    seconds: float | None = None,
    no_code: Flag = False,
    json: Flag = False,
    markdown: Flag = False,
    html: str | None = None,
    debug: Flag = False,
) -> None:
    """Solve exam papers: every part with its answer and its working.

    The Python of a paper is run, each part in a process with limits of time and memory: solve only
    papers of people whom you trust.  The exit code is 1 if a part failed.

    Parameters
    ----------
    files
        The papers.
    part
        Only this part, or all of this question: 5b, 5.  Once for each.
    convention
        Another convention than the paper's: variance=unbiased.  Once for each.
    arithmetic
        exact, float64, float32 or 'decimal(places=2)', for all parts.
    seconds
        How long a part may take; 20, unless it says more.
    no_code
        Print each paper as text, and run nothing: for papers of strangers.
    json
        Print JSON instead of text.
    markdown
        Print Markdown.
    html
        Write a page that opens offline: a file, or a folder for several papers and their index.
    debug
        Show Python's traceback where a paper cannot be read.
    """
    if no_code:
        show_check(files, no_code)
        return
    if html is not None:
        check_place(html, files)
    solutions = solve_papers(
        files,
        parts=part,
        conventions=conventions_of(convention or ()),
        arithmetic=arithmetic,
        seconds=seconds,
    )
    show_solutions(solutions, json, markdown, html)
    refuse_failures(solutions)


papers = App(name="papers", help="Exam papers, which are Markdown files.")
app.command(papers)


@papers.command
def check(*files: str, no_code: Flag = False) -> None:
    """Check that papers can be read, and list their parts; their Python is not run.

    Parameters
    ----------
    files
        The papers.
    no_code
        Print each paper as text: what is given, what is asked, what was published.
    """
    show_check(files, no_code)


def run(arguments: Sequence[str]) -> int:
    """Run a command, tell what went wrong on one line, and return the exit code."""
    try:
        with _stopped_by_signals():
            app(arguments)
        sys.stdout.flush()
    except CycloptsError as error:
        return _told(Failure(_one_line(error), hint="chainrule --help", code=USAGE))
    except Failure as failure:
        if "--debug" in arguments and failure.__cause__ is not None:
            raise
        return _told(failure)
    except SystemExit as end:  # --help and --version
        return int(end.code or 0)
    except KeyboardInterrupt:
        return _told(Failure("stopped", code=130))
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # it is not tried again
        if error.errno == errno.EPIPE:  # `| head` has enough
            return 128 + 13
        return _told(Failure(f"the output cannot be written: {error.strerror}"))
    return 0


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Where the process is told to end, end as after Ctrl-C, with all that was started."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        names = []
    before = {}
    for number in (getattr(signal, name) for name in names):
        if signal.getsignal(number) is signal.SIG_DFL:
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _one_line(error: CycloptsError) -> str:
    return " ".join(str(error).split())


def _told(failure: Failure) -> int:
    print(f"chainrule: {failure}", file=sys.stderr)
    if failure.hint:
        print(f"  hint      {failure.hint}", file=sys.stderr)
    return failure.code
