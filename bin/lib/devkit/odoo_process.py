"""Odoo processes that do one piece of work and end, and the reading of their logs."""

import os
import re
import secrets
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import server, settings
from .log import LogReader
from .shell import child

LOGS = settings.ROOT / "build" / "logs"


@dataclass(frozen=True)
class Result:
    """How a process ended."""

    status: int
    log: LogReader
    file: Path
    """Where the whole log is."""


def run(
    title: str, database: str, arguments: Sequence, environment: dict, *, watch: bool = False
) -> Result:
    """Run Odoo on ``database`` until it has done what ``arguments`` ask.

    :param title: what the log's file is called after
    :param watch: show tests and complaints while they happen
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    path = LOGS / f"{name}-{os.getpid()}-{secrets.token_hex(2)}.log"
    options = ["--stop-after-init", "--http-port", free_port()]
    reader = LogReader()
    with (
        open(path, "w", encoding="utf-8") as file,
        child(
            server.command("-d", database, *options, *arguments),
            env=environment,
            cwd=settings.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        for text in process.stdout:
            file.write(text)
            if reader.feed(text.rstrip("\n")) and watch:
                print(text, end="", flush=True)
    return Result(process.returncode, reader, path)


def free_port() -> int:
    """Return a TCP port that is free on the loopback address now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
