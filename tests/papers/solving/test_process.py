"""Limits and failures: what a part's definitions may do, and what comes of it."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace

import pytest

from chainrule.papers.paper import Paper
from chainrule.papers.solution import PaperSolution, PartSolution
from chainrule.papers.solving import process
from tests.papers.solving.made import paper

HOSTILE = {
    "an endless loop": "x = 1\nwhile True: x += 1",
    "a loop that swallows everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    ),
    "a long sleep": "import time\n\ntime.sleep(100)",
    "a terabyte": "import numpy\nx = numpy.ones(10**12 // 8)",
    "a terabyte in a tensor": "x = cr.zeros(10**12)",
    "a list that grows": "a = [0] * 10**7\nwhile True:\n    a = a + a",
    "exit": "import os\nos._exit(3)",
    "sys.exit": "import sys\nsys.exit('bye')",
    "interrupt": "raise KeyboardInterrupt",
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "broken memory": "import ctypes\nctypes.string_at(0)",
    "a huge message": "raise ValueError('x' * 10**7)",
    "a broken message": (
        "class Broken(Exception):\n    def __str__(self): raise RuntimeError\nraise Broken"
    ),
    "endless recursion": "def f(n):\n    return f(n + 1)\nf(0)",
    "no Python": "x = 1\ny = = 2",
    "wrong shapes": "a = tensor([1, 2])\nb = a @ tensor([1, 2, 3])",
    "a time limit that is taken away": (
        "import faulthandler\nfaulthandler.cancel_dump_traceback_later()\nwhile True: pass"
    ),
    "closed files and a loop": "import os\nos.closerange(3, 100)\nwhile True: pass",
    "no folder any more": (
        "import glob, os, shutil\nfor name in glob.glob('/proc/self/fd/*'):\n"
        "    if os.path.basename(file := os.path.realpath(name)) == 'trace.txt':\n"
        "        shutil.rmtree(os.path.dirname(file))"
    ),
    "an end that cannot be told": "import builtins\nbuiltins.isinstance = None",
    "a message that steers a terminal": "raise ValueError('\\x1b]8;;http://x\\x07 \\u202e')",
    "an exception group": "raise ExceptionGroup('two', [ValueError(1), KeyError(2)])",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
}
HARMLESS = {
    "noise": "import os\nprint('x' * 10**6)\nos.write(1, b'y')\nos.write(2, b'z')",
    "reading": "import sys\nassert sys.stdin.read() == ''",
    "threads": "import threading, time\nthreading.Thread(target=time.sleep, args=(100,)).start()",
    "closed files": "import os\nos.closerange(3, 100)",
    "two processes of one": "import os\nos.fork()",
    "json that is changed": "import json\njson.dumps = json.dump = None",
    "what runs at the end": "import atexit\natexit.register(lambda: iter(int, 1))",
    "another folder": "import os\nos.chdir('/')\nos.environ.clear()",
}
SAYS = {
    "an endless loop": ["not done within 1 seconds", "exam.md:103   while True: x", "--seconds"],
    "a loop that swallows everything": ["not done within 1 seconds", "while True: pass"],
    "a long sleep": ["not done within 1 seconds", "exam.md:304   time.sleep(100)"],
    "a terabyte": ["not enough memory", "931. GiB", "exam.md:403", "memory=…"],
    "a terabyte in a tensor": ["not enough memory", "exam.md:502   x = cr.zeros(10**12)"],
    "a list that grows": ["not enough memory", "a = a + a"],
    "exit": ["ended by itself, with code 3"],
    "sys.exit": ["the definitions end the process: bye", "sys.exit('bye')"],
    "interrupt": ["KeyboardInterrupt", "exam.md:902"],
    "killed": ["ended by SIGKILL"],
    "broken memory": ["ended by SIGSEGV", "ctypes.string_at(0)"],
    "a huge message": ["ValueError: xxx", "xxx…", "raise ValueError"],
    "a broken message": ["Broken: its message cannot be read"],
    "endless recursion": ["RecursionError", "return f(n + 1)"],
    "no Python": ["this is not Python: invalid syntax", "y = = 2", ":1503"],
    "wrong shapes": ["matmul: axis 'k' is 2 in one place and 3 in another", "expected", ":1603"],
    "closed files and a loop": ["not done within 1 seconds"],
    "no folder any more": ["could not leave its answer"],
    "an end that cannot be told": ["could not leave its answer"],
    "a message that steers a terminal": [r"ValueError: \x1b]8;;http://x\x07 \u202e"],
    "an exception group": ["ExceptionGroup: two (2 sub-exceptions)"],
    "stopped": ["not done within 1 seconds"],
    "a time limit that is taken away": ["not done within 1 seconds"],
}  # fmt: skip
MEMORY = 3 << 27

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of a process are POSIX's")


def hostile() -> Paper:
    texts = [*HOSTILE.values(), *HARMLESS.values()]
    return paper(*({"value": "6 * 7", "python": text} for text in texts), {"value": "6 * 7"})


@pytest.fixture(scope="module")
def solved() -> PaperSolution:
    return hostile().solve(seconds=1.0, memory=MEMORY)


def part_of(solved: PaperSolution, name: str) -> PartSolution:
    return solved.parts[[*HOSTILE, *HARMLESS].index(name)]


@posix
@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_part_fails_with_file_and_line(solved: PaperSolution, name: str) -> None:
    part = part_of(solved, name)
    assert part.status == "failed"
    assert all(text in part.error for text in ["papers/exam.md:", *SAYS[name]]), part.error
    assert len(part.error) < 1200
    assert part.seconds < 30


@posix
@pytest.mark.parametrize("name", list(HARMLESS))
def test_what_harms_nobody_is_answered(solved: PaperSolution, name: str) -> None:
    assert part_of(solved, name).answer == 42


@posix
def test_the_other_parts_are_answered(solved: PaperSolution) -> None:
    assert solved.parts[-1].answer == 42


STARTS = {
    "as usual": "import subprocess\nsubprocess.Popen(['sleep', {mark!r}])",
    "in another session": (
        "import subprocess\nsubprocess.Popen(['sleep', {mark!r}], start_new_session=True)"
    ),
    "and ends at once": (
        "import os, subprocess\n"
        "subprocess.Popen(['sleep', {mark!r}], start_new_session=True)\nos._exit(3)"
    ),
    "and loops": (
        "import subprocess\n"
        "subprocess.Popen(['sleep', {mark!r}], start_new_session=True)\nwhile True: pass"
    ),
    "as an orphan": (
        "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.execvp('sleep', ['sleep', {mark!r}])\n    os._exit(0)\nos.wait()"
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are kept on Linux")
def test_what_a_part_has_started_is_ended_with_it() -> None:
    mark = f"{os.getpid()}.125"
    texts = [text.format(mark=mark) for text in STARTS.values()]
    solved = paper(*({"value": "1", "python": text} for text in texts)).solve(seconds=1.0)
    assert [part.answer for part in solved.parts] == [1, 1, None, None, 1]
    assert "with code 3" in solved.parts[2].error
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert f"sleep {mark}" not in listed.stdout


FAKES = {
    "a status": '{"status": "answered"}',
    "markup": '{"status": "answered", "agreement": "<script>"}',
    "depth": "[" * 100_000,
    "no text": "\xff",
}


@posix
def test_a_fake_answer_is_none() -> None:
    """Definitions may find the place of the answer, and write there; others are answered."""
    text = (
        "import glob, os\nfor name in glob.glob('/proc/self/fd/*'):\n"
        "    if os.path.basename(file := os.path.realpath(name)) == 'trace.txt':\n"
        "        with open(os.path.dirname(file) + '/answer.json', 'wb') as new:\n"
        "            new.write({fake!r}.encode('latin-1'))\nos._exit(0)"
    )
    parts = [{"value": "1", "python": text.format(fake=fake)} for fake in FAKES.values()]
    *faked, last = paper(*parts, {"value": "6 * 7"}).solve().parts
    assert last.answer == 42
    for part in faked:
        assert part.status == "failed"
        assert "left no answer that can be read" in part.error


@posix
def test_memory_that_is_used_to_the_last_byte_leaves_some_to_say_so() -> None:
    full = {"value": "1", "python": "a = []\nwhile True: a.append(object())"}
    part = paper(full).solve(memory=(1 << 28) + (1 << 25)).parts[0]
    assert "not enough memory" in part.error
    assert "papers/exam.md:103   while True: a.append(object())" in part.error


@posix
def test_too_little_memory_to_begin_with_says_so() -> None:
    part = paper({"value": "1"}).solve(memory=1).parts[0]
    assert "before it came to the definitions" in part.error
    assert "memory=…" in part.error
    assert "papers/exam.md:150" in part.error


@posix
def test_a_process_that_did_not_begin_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    start = process._start

    def first_without_memory(
        run: str, job: str, folder: str, seconds: float, memory: int
    ) -> object:
        started.append(memory)
        return start(run, job, folder, seconds, 1 if len(started) == 1 else memory)

    monkeypatch.setattr(process, "_start", first_without_memory)
    assert paper({"value": "6 * 7"}).solve().parts[0].answer == 42
    assert len(started) == 2


def test_a_process_that_cannot_be_started_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> object:
        raise OSError("no more processes")

    monkeypatch.setattr(process, "_start", fails)
    part = paper({"value": "1"}).solve().parts[0]
    assert "the part's process cannot be started: OSError: no more processes" in part.error
    assert "papers/exam.md:150" in part.error


@posix
def test_any_name_of_a_paper_will_do() -> None:
    named = replace(
        paper({"value": "1", "python": "while True: pass"}), file="pâpiers (1)/[é]\u2013.md"
    )
    (part,) = named.solve(seconds=2.0).parts
    assert "pâpiers (1)/[é]\u2013.md:102   while True: pass" in part.error


@posix
def test_a_part_has_as_many_seconds_as_it_says() -> None:
    slow = {"value": "1", "python": "import time\ntime.sleep(0.6)"}
    solved = paper({**slow, "seconds": 0.2}, {**slow, "seconds": 5.0}).solve()
    assert [part.status for part in solved.parts] == ["failed", "answered"]
    assert "not done within 0.2 seconds" in solved.parts[0].error


def test_an_answer_stays_when_its_working_takes_too_long() -> None:
    endless = {"value": "1", "working": "max(iter(int, 1))", "seconds": 0.5}
    part = paper(endless).solve().parts[0]
    assert (part.status, part.answer) == ("answered", 1)
    assert part.working[0].title == "The working cannot be shown"
    assert "not done within 0.5 seconds" in part.working[0].lines[0].text


def _of_a_worker(answer: str) -> object:
    return paper({"value": answer}).solve().parts[0].answer


@posix
def test_a_worker_that_was_forked_later_solves_too() -> None:
    """It inherits what this process knows of its server of forks, which is not the worker's."""
    script = """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        from tests.papers.solving.test_process import _of_a_worker
        print(_of_a_worker("6 * 7"))
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as workers:
            print(*workers.map(_of_a_worker, ["1 + 1", "2 + 2"]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "42\n2 4\n"


def test_the_users_script_is_not_run_again() -> None:
    """A script without `if __name__ == "__main__"` may solve a paper."""
    script = """
        from tests.papers.solving.made import paper
        print(paper({"value": "6 * 7"}).solve().parts[0].answer)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "42\n"


@posix
def test_interrupting_stops_all_parts_at_once(tmp_path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        from tests.papers.solving.made import paper
        loop = "open({str(tmp_path / "there")!r}, 'w').close()\\nwhile True: pass"
        parts = [{{"value": "1", "python": loop}}] * 4
        print(paper(*parts).solve(seconds=100.0))
    """)
    )
    running = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONPATH": os.getcwd()})  # fmt: skip
    while not (tmp_path / "there").exists():
        assert running.poll() is None
        time.sleep(0.02)
    started = time.perf_counter()
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=30)
    assert time.perf_counter() - started < 10
    assert "KeyboardInterrupt" in told


def test_a_stopped_run_starts_no_more() -> None:
    process.stop("a run")
    try:
        told = process.answer_of("a run", "{}", 1.0, MEMORY)
    finally:
        process.forget("a run")
    assert (told["status"], told["error"]) == ("failed", "stopped")
    assert threading.active_count() < 50
