"""PostgreSQL: a configured server, or clusters of our own.

When ``PGHOST`` or ``PGSERVICE`` is set, that server is used with the other usual
variables (``PGPORT``, ``PGUSER``, ``PGPASSWORD`` …). Otherwise two clusters live in
the cache: ``demo`` keeps what it is told, ``test`` trades durability for speed.
They listen on a private socket only, so no port is taken and nobody else connects.
"""

import glob
import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import settings
from .shell import Failure, lock, remove_folder, run, say

COMMON_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "512MB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
    "logging_collector": "off",
}
# Tests lose nothing when the machine dies in the middle of them.
VOLATILE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ROLE = "odoo"
NAMES = ("demo", "test")


def is_external() -> bool:
    """Tell whether the environment names a server to use."""
    return bool(os.environ.get("PGHOST") or os.environ.get("PGSERVICE"))


def environment(cluster: str) -> dict[str, str]:
    """Return the libpq variables of ``cluster``, starting it when it is down."""
    if is_external():
        return {}
    return Cluster(cluster).ensure()


@dataclass(frozen=True)
class Cluster:
    """One of our own database clusters, ``demo`` or ``test``."""

    name: str

    def ensure(self) -> dict[str, str]:
        """Make and start the cluster where needed; return its libpq variables."""
        if not self.is_up():
            with lock(settings.CACHE / "postgres.lock"):
                if not self.is_up():
                    self._initialise()
                    self._start()
        return {"PGHOST": str(self.socket_folder), "PGPORT": "5432", "PGUSER": ROLE}

    @property
    def folder(self) -> Path:
        """The cluster's folder; the major version is part of it, as of its data."""
        return settings.CACHE / f"postgresql-{_binaries().parent.name}-{self.name}"

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket; closed to everybody but root and the owner."""
        folder = self.folder / "socket"
        # The kernel accepts 107 characters, the socket's own name included.
        if len(str(folder)) < 85:
            return folder
        name = re.sub(r"\W", "", str(self.folder))[-40:]
        return Path(tempfile.gettempdir()) / f"hr_performance-{os.getuid()}-{name}"

    def is_up(self) -> bool:
        """Tell whether a server answers on the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket_folder / ".s.PGSQL.5432"))
            except OSError:
                return False
        return True

    def stop(self) -> None:
        """Stop the server if it runs."""
        if self.is_up():
            self._pg("pg_ctl", "stop", "-D", self.folder / "data", "-m", "fast", "-w")

    def _initialise(self) -> None:
        if (self.folder / ".complete").exists():
            return
        say(f"making the PostgreSQL cluster “{self.name}”")
        remove_folder(self.folder)
        self.folder.mkdir(parents=True, mode=0o755)
        account = _account()
        if account:
            shutil.chown(self.folder, *account)
            self._check_reachable(account[0])
        self._pg(
            "initdb",
            "--pgdata", self.folder / "data",
            "--username", "postgres",
            "--auth", "trust",
            "--encoding", "UTF8",
            "--locale", "C.UTF-8",
            "--no-sync",
        )  # fmt: skip
        self._start()
        self._pg("createuser", "-h", self.socket_folder, "-U", "postgres", "--createdb", ROLE)
        (self.folder / ".complete").touch()

    def _check_reachable(self, user: str) -> None:
        done = subprocess.run(["test", "-x", str(self.folder)], user=user, check=False)
        if done.returncode:
            raise Failure(
                f"The account {user}, which runs PostgreSQL, cannot reach {self.folder}. "
                "Name another folder by HR_PERFORMANCE_CACHE."
            )

    def _start(self) -> None:
        if self.is_up():
            return
        account = _account()
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        if account:
            shutil.chown(self.socket_folder, *account)
        chosen = COMMON_SETTINGS | {"unix_socket_directories": str(self.socket_folder)}
        if self.name == "test":
            chosen |= VOLATILE_SETTINGS
        lines = [f"{key} = '{value}'\n" for key, value in chosen.items()]
        configuration = self.folder / "data" / "postgresql.auto.conf"
        configuration.write_text("".join(lines), encoding="utf-8")
        say(f"starting the PostgreSQL cluster “{self.name}”")
        self._pg(
            "pg_ctl", "start", "-w", "-t", "60",
            "-D", self.folder / "data",
            "-l", self.folder / "server.log",
        )  # fmt: skip

    def _pg(self, program: str, *arguments) -> None:
        options = {}
        if account := _account():
            options = {"user": account[0], "group": account[1], "extra_groups": []}
        # pg_ctl's server keeps the streams that it inherits, so it gets no pipe.
        with tempfile.TemporaryFile("w+") as output:
            try:
                run(
                    [_binaries() / program, *arguments],
                    stdout=output,
                    cwd="/",
                    env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
                    explain=f"PostgreSQL's {program} failed; its log is {self.folder}/server.log.",
                    **options,
                )
            except Failure as failure:
                output.seek(0)
                raise Failure(f"{failure}{output.read()[-2000:]}") from failure


def _binaries() -> Path:
    """Return the folder of the newest installed server's programs."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if not found:
        raise Failure(
            "PostgreSQL is not installed. Install by hand: apt-get install postgresql, "
            "or set PGHOST to use a configured server."
        )
    newest = max(found, key=lambda path: int(Path(path).parts[-3]))
    return Path(newest).parent


def _account() -> tuple[str, str] | None:
    """Return user and group to run the server as, or None for the caller's own.

    PostgreSQL refuses to run as root.
    """
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return name, grp.getgrgid(entry.pw_gid).gr_name
    raise Failure("There is no account postgres to run the database as.")
