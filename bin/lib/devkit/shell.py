"""Messages, child processes and locks."""

import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path


class Failure(Exception):
    """Something the user must know or do; the text is the whole message."""


def say(message: str) -> None:
    """Print a progress line. Standard output is left to the commands' results."""
    print(f"» {message}", file=sys.stderr, flush=True)


def run(command, *, explain: str = "", **options) -> subprocess.CompletedProcess:
    """Run ``command`` and raise :class:`Failure` with its output when it fails.

    :param explain: what the failure means and what to do, put before the output
    """
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.STDOUT)
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, text=True, **options)
    except FileNotFoundError as error:
        raise Failure(f"{explain or 'A program is missing.'}\n{error}") from error
    if done.returncode:
        output = "\n".join((done.stdout or "").strip().splitlines()[-25:])
        raise Failure(
            f"{explain or 'A command failed.'}\n$ {shlex.join(command)}"
            f"   (exit status {done.returncode})\n{output}"
        )
    return done


_children: set[subprocess.Popen] = set()


@contextlib.contextmanager
def child(command, **options):
    """Run a process for the time of the block; a termination of ours ends it, too."""
    with subprocess.Popen([str(part) for part in command], **options) as process:
        _children.add(process)
        try:
            yield process
        finally:
            _children.discard(process)


def end_children_when_terminated() -> None:
    """Let SIGTERM act like Ctrl-C, which reaches child processes as well."""

    def end(_number, _frame):
        for process in list(_children):
            process.terminate()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)


@contextlib.contextmanager
def lock(path: Path):
    """Hold an exclusive lock on ``path``; wait, and say so, while another holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run to finish ({path.name})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def replace_folder(new: Path, final: Path) -> None:
    """Put the finished folder ``new`` in the place of ``final`` in one step."""
    if final.exists():
        trash = final.with_name(f"{final.name}.old-{os.getpid()}")
        final.rename(trash)
        new.rename(final)
        remove_folder(trash)
    else:
        new.rename(final)


def remove_folder(path: Path) -> None:
    """Remove ``path`` with all its contents; a missing folder is fine."""
    shutil.rmtree(path, ignore_errors=True)
