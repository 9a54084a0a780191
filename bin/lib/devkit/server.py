"""An Odoo process: the provisioned parts put together."""

import os
from pathlib import Path

from . import odoo_source, postgres, python_env, settings, system


def ensure(*, development: bool = False) -> None:
    """Provision everything an Odoo process needs; quick when all is there."""
    database = system.POSTGRES_CLIENT if postgres.is_external() else system.POSTGRES_SERVER
    system.ensure((*system.SERVE, database, *(system.TEST if development else ())))
    settings.CACHE.mkdir(parents=True, exist_ok=True)
    odoo_source.ensure()
    python_env.ensure(development=development)


def command(*arguments) -> list[str]:
    """Return the command line of Odoo with ``arguments``."""
    return [str(python_env.ensure()), "-m", "odoo", *map(str, arguments)]


def environment(cluster: str = "", addons: Path = settings.ROOT) -> dict[str, str]:
    """Return the environment of an Odoo process on ``cluster``.

    Odoo reads all its settings from the environment too, below the command line
    and above a configuration file, so every argument of the user has its way.
    """
    cluster = cluster or os.environ.get("HR_PERFORMANCE_CLUSTER") or "demo"
    source = odoo_source.ensure()
    defaults = {
        # A configuration file of the user's other projects must not leak in.
        "ODOO_RC": str(settings.CACHE / "odoo.conf"),
        "ODOO_ADDONS_PATH": ",".join(map(str, [*source.addons_paths, addons])),
        "ODOO_DATA_DIR": str(settings.CACHE / f"data-{cluster}"),
        "ODOO_HTTP_INTERFACE": "127.0.0.1",
    }
    return {
        **defaults,
        **os.environ,
        **postgres.environment(cluster),
        "PYTHONPATH": str(source.import_path),
        "PYTHONNOUSERSITE": "1",
    }
