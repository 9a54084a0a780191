"""The virtual environment with the pinned Python packages."""

import hashlib
import os
import sys
from pathlib import Path

from . import settings
from .shell import lock, remove_folder, run, say

RUNTIME = settings.ROOT / "requirements.txt"
DEVELOPMENT = settings.ROOT / "requirements-dev.txt"


def ensure(*, development: bool = False) -> Path:
    """Return the environment's interpreter, building or completing it first.

    The folder's name follows from interpreter and runtime pins, so another
    version of either gets an environment of its own. A folder without its stamp
    was never finished and is built anew.
    """
    key = _digest(sys.version, sys.base_prefix, RUNTIME.read_text(encoding="utf-8"))
    folder = settings.CACHE / f"venv-{key}"
    python = folder / "bin" / "python"
    wanted = [(folder / ".runtime", RUNTIME)]
    if development:
        stamp = f".development-{_digest(DEVELOPMENT.read_text(encoding='utf-8'))}"
        wanted.append((folder / stamp, DEVELOPMENT))
    if all(stamp.exists() for stamp, _ in wanted):
        return python
    with lock(settings.CACHE / "venv.lock"):
        if not wanted[0][0].exists():
            remove_folder(folder)
            say(f"making a virtual environment for Python {sys.version.split()[0]}")
            run([sys.executable, "-m", "venv", folder], explain=f"{folder} cannot be made.")
        for stamp, requirements in wanted:
            if not stamp.exists():
                _install(python, requirements)
                stamp.touch()
    return python


def _install(python: Path, requirements: Path) -> None:
    say(f"installing Python packages of {requirements.name}")
    run(
        [python, "-m", "pip", "install", "-q", "--prefer-binary", "-r", requirements],
        explain=f"The Python packages of {requirements.name} cannot be installed. "
        "Check the network and try again; the unfinished environment is not used.",
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONNOUSERSITE": "1"},
    )


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
