"""Writing a file so that a kill, at any moment, leaves the old content or the new, never a part."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat

from chainrule.core.errors import CheckpointError

TEMPORARY = re.compile(r"\..*\.(\d+)-[0-9a-f]{8}\.tmp")
"""What temporary files are called: ``.NAME.PROCESS-TOKEN.tmp``."""

_writing: set[str] = set()
"""The temporary files that this process is writing now."""


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Replace the content of a file by ``data``, all or nothing, and wait until the disk has it.

    The data go to a temporary file beside it, which is synced and then renamed; a link is followed.
    What writers that were killed left behind is removed.  Raises CheckpointError for what is no
    file, OSError where the disk refuses; the old content is there then, whole.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a")
    ...     write_whole(path, b"new")
    ...     path.read_bytes(), len(list(path.parent.iterdir()))
    (b'new', 1)
    """
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    mode = _mode(target)
    _clean(folder, name)
    short = f".{name[:48]}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
    temporary = os.path.join(folder, short)
    _writing.add(temporary)
    try:
        _write(temporary, data, mode)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        _writing.discard(temporary)
    _sync_folder(folder)


def _mode(target: str) -> int | None:
    """The permissions of the file that is there, None where there is none."""
    try:
        found = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found):
        what = "a directory" if stat.S_ISDIR(found) else "no ordinary file"
        raise CheckpointError(f"{target} is {what}", hint="name the file to write")
    return stat.S_IMODE(found)


def _write(path: str, data: bytes, mode: int | None) -> None:
    """A new file with these data, synced."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags, 0o666)  # less what the umask takes away
    try:
        if mode is not None and os.name == "posix":
            os.fchmod(file, mode)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)


def _sync_folder(folder: str) -> None:
    """Wait until the disk knows the new name; some systems cannot sync a folder, or need not."""
    if os.name != "posix":
        return
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(entry)


def _clean(folder: str, name: str) -> None:
    """Remove the temporary files for this name whose writers are gone."""
    with contextlib.suppress(OSError):
        for entry in os.listdir(folder):
            found = TEMPORARY.fullmatch(entry)
            if found is None or not entry.startswith(f".{name[:48]}."):
                continue
            path = os.path.join(folder, entry)
            if path not in _writing and not _runs(int(found[1])):
                with contextlib.suppress(OSError):
                    os.unlink(path)


def _runs(process: int) -> bool:
    """Whether another process of this number is running (where that is unknown, it is)."""
    if os.name != "posix":
        return True  # there, asking would end it
    if process == os.getpid():
        return False  # a process before this one had the number
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
