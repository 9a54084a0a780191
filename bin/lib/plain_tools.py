"""Import the ``tools`` of our addons without Odoo.

``install()`` makes ``odoo.addons.<addon>`` importable as an empty package, so that
``odoo.addons.hr_performance_dingtalk.tools`` works in a process that has no Odoo: a test in
milliseconds, or a small service. It does nothing where the real Odoo is imported.
"""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def install(*addons: str) -> None:
    """Register the packages around the tools of ``addons``."""
    if hasattr(sys.modules.get("odoo"), "release"):
        return
    paths = {"odoo": [], "odoo.addons": []}
    paths.update({f"odoo.addons.{addon}": [str(ROOT / addon)] for addon in addons})
    for name, path in paths.items():
        if name in sys.modules:
            continue
        module = ModuleType(name)
        module.__path__ = path
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
