"""The project's addons, read from their manifests."""

import ast
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from . import settings
from .shell import Failure

# Not part of what an installation reads, so no reason to rebuild a database.
_NO_CONTENT = {"__pycache__", "readme", "tests"}
_NO_CONTENT_SUFFIX = ".pot"


@dataclass(frozen=True)
class Addon:
    """One addon folder."""

    folder: Path

    @property
    def name(self) -> str:
        """Technical name."""
        return self.folder.name

    @functools.cached_property
    def manifest(self) -> dict:
        """The manifest's keys and values."""
        text = (self.folder / "__manifest__.py").read_text(encoding="utf-8")
        try:
            return ast.literal_eval(text)
        except (SyntaxError, ValueError) as error:
            raise Failure(f"{self.folder}/__manifest__.py cannot be read: {error}") from error

    @property
    def depends(self) -> list[str]:
        """Names of the modules that the manifest asks for."""
        return self.manifest.get("depends", [])

    def content_hash(self) -> str:
        """Return a digest of all files that take part in an installation."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            relative = path.relative_to(self.folder)
            if _NO_CONTENT.intersection(relative.parts) or path.suffix == _NO_CONTENT_SUFFIX:
                continue
            if path.is_file():
                digest.update(f"{relative}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def ours(root: Path = settings.ROOT) -> dict[str, Addon]:
    """Return the installable addons of the checkout by name."""
    found = (Addon(path.parent) for path in sorted(root.glob("*/__manifest__.py")))
    return {addon.name: addon for addon in found if addon.manifest.get("installable", True)}


def split(names: str) -> list[str]:
    """Return the names in a list that is separated by commas or spaces."""
    return names.replace(",", " ").split()


def closure(names, available: dict[str, Addon]) -> list[str]:
    """Return ``names`` and those of ours that they need, each after what it needs."""
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in ordered:
            return
        for needed in available[name].depends:
            if needed in available:
                visit(needed)
        ordered[name] = None

    if unknown := sorted(set(names) - set(available)):
        raise Failure(f"No such addon here: {', '.join(unknown)}")
    for name in sorted(names):
        visit(name)
    return list(ordered)


def foundation(names, available: dict[str, Addon]) -> list[str]:
    """Return the modules of Odoo that ``names`` need, sorted."""
    return sorted(
        {
            needed
            for name in closure(names, available)
            for needed in available[name].depends
            if needed not in available
        }
    )
