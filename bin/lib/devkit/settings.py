"""Where things live, and which environment variables change that."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The checkout that this file belongs to; the addons are folders in it."""

SERIES = "19.0"
DEMO_DATABASE = "hr_performance_demo"
DEFAULT_PORT = 8069


def cache_folder() -> Path:
    """Return the folder of everything that is downloaded, built or served.

    Root's home is closed to the account that runs PostgreSQL, so root's copy is
    kept in ``/var/cache``. ``HR_PERFORMANCE_CACHE`` names another folder.
    """
    if chosen := os.environ.get("HR_PERFORMANCE_CACHE"):
        return Path(chosen).resolve()
    if os.getuid() == 0:
        return Path("/var/cache/hr_performance")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "hr_performance"


CACHE = cache_folder()
