"""The pinned JavaScript tools, installed in the cache."""

import hashlib
import os
import shutil
from pathlib import Path

from . import settings
from .shell import lock, remove_folder, run, say

SOURCE = settings.ROOT / "tests" / "lint"
FILES = ("package.json", "package-lock.json")


def ensure() -> Path:
    """Return the folder that holds ``node_modules``, installing them first."""
    digest = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in FILES))
    folder = settings.CACHE / f"node-{digest.hexdigest()[:12]}"
    if (folder / ".complete").exists():
        return folder
    with lock(settings.CACHE / "node.lock"):
        if not (folder / ".complete").exists():
            remove_folder(folder)
            folder.mkdir(parents=True)
            for name in FILES:
                shutil.copy(SOURCE / name, folder)
            say("installing the JavaScript tools")
            run(
                ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                cwd=folder,
                env={**os.environ, "CI": "true"},
                explain="The JavaScript tools cannot be installed. Check the network and try "
                "again; the unfinished folder is not used.",
            )
            (folder / ".complete").touch()
    return folder
