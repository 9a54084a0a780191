"""Debian packages that must be installed on the machine itself."""

import glob
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from .shell import Failure, run, say


@dataclass(frozen=True)
class SystemPackage:
    """A Debian package, and how to see whether what it brings is there."""

    name: str
    present: Callable[[], bool]


def _command(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def _file(pattern: str) -> Callable[[], bool]:
    return lambda: bool(glob.glob(pattern))


def _venv_works() -> bool:
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


POSTGRES_SERVER = SystemPackage("postgresql", _file("/usr/lib/postgresql/*/bin/initdb"))
POSTGRES_CLIENT = SystemPackage("postgresql-client", _command("psql"))
SERVE = (
    SystemPackage("python3-venv", _venv_works),
    SystemPackage("wkhtmltopdf", _command("wkhtmltopdf")),
    SystemPackage("fonts-noto-cjk", _file("/usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc")),
)
TEST = (
    SystemPackage("chromium", _command("chromium", "chromium-browser", "google-chrome")),
    SystemPackage("poppler-utils", _command("pdftotext")),
    SystemPackage("npm", _command("npm")),
    SystemPackage("shellcheck", _command("shellcheck")),
)


def ensure(packages) -> None:
    """Install those of ``packages`` that are not there yet."""
    missing = [package for package in packages if not package.present()]
    if not missing:
        return
    names = [package.name for package in missing]
    prefix = _root_prefix(names)
    say(f"installing Debian packages: {' '.join(names)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    explain = f"apt-get could not install: {' '.join(names)}. {by_hand(names)}"
    run([*prefix, "apt-get", "update", "-q"], explain=explain, env=environment)
    options = ["-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
    run(
        [*prefix, "apt-get", "install", *options, *names],
        explain=explain,
        env=environment,
    )
    if still := [package.name for package in missing if not package.present()]:
        raise Failure(f"Installed, but still not usable: {' '.join(still)}. {by_hand(still)}")


def by_hand(names) -> str:
    """Return the sentence that says what to install by hand."""
    return f"Install by hand: apt-get install {' '.join(names)}"


def _root_prefix(names) -> list[str]:
    """Return what must stand before apt-get so that it runs as root."""
    if not shutil.which("apt-get"):
        raise Failure(
            "This machine has no apt-get. Install what these Debian packages bring: "
            + " ".join(names)
        )
    if os.getuid() == 0:
        return []
    if shutil.which("sudo"):
        # Without a terminal sudo must not wait for a password for ever.
        prefix = ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
        if subprocess.run([*prefix, "-v"], check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return prefix
    raise Failure(f"Debian packages are missing and sudo cannot be used. {by_hand(names)}")
