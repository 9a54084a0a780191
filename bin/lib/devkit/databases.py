"""Databases with their filestores: made, copied, renamed and dropped together."""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from . import odoo_source, server, settings
from .shell import lock, remove_folder, run, say


class Databases:
    """The databases of one cluster."""

    def __init__(self, cluster: str):
        self.environment = server.environment(cluster)

    def names(self) -> set[str]:
        """Return the names of all databases."""
        return set(self.query("SELECT datname FROM pg_database").split())

    def query(self, sql: str, database: str = "postgres") -> str:
        """Return what ``sql`` gives, one row a line."""
        done = run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql],
            env=self.environment,
            explain="The database server does not answer as it should.",
        )
        return done.stdout.strip()

    def filestore(self, name: str) -> Path:
        """Return the folder of the attachments of database ``name``."""
        return Path(self.environment["ODOO_DATA_DIR"]) / "filestore" / name

    def copy(self, source: str, target: str) -> None:
        """Copy a database that nobody is connected to.

        Attachments are never rewritten in place, so their copies are hard links.
        """
        run(["createdb", "-T", source, target], env=self.environment)
        if self.filestore(source).is_dir():
            shutil.copytree(self.filestore(source), self.filestore(target), copy_function=os.link)

    def rename(self, source: str, target: str) -> None:
        """Rename a database that nobody is connected to."""
        remove_folder(self.filestore(target))
        if self.filestore(source).is_dir():
            self.filestore(source).rename(self.filestore(target))
        self.query(f'ALTER DATABASE "{source}" RENAME TO "{target}"')

    def drop(self, name: str) -> None:
        """Remove a database, ending the sessions that use it."""
        run(["dropdb", "--if-exists", "--force", name], env=self.environment)
        remove_folder(self.filestore(name))

    def install(self, name: str, modules, *options, explain: str) -> None:
        """Install ``modules`` in database ``name``, which is made where missing."""
        run(
            server.command(
                "-d", name, "-i", ",".join(modules), "--stop-after-init", "--no-http", *options
            ),
            env=self.environment,
            explain=explain,
        )

    def template(self, modules) -> str:
        """Return the name of a database with Odoo's ``modules`` installed, no demo data.

        It is made once for a version of Odoo and a list of modules, under another
        name first, so that a half-made one is never taken for a template.
        """
        key = "\0".join([odoo_source.ensure().identity, *modules])
        digest = hashlib.sha256(key.encode()).hexdigest()[:10]
        name = f"hrp_template_{digest}"
        if name in self.names():
            return name
        with lock(settings.CACHE / f"{name}.lock"):
            if name not in self.names():
                say(f"preparing a template database with {', '.join(modules)}")
                draft = f"hrp_draft_{digest}"
                self.drop(draft)
                self.install(draft, modules, explain="The template database cannot be made.")
                self.rename(draft, name)
        return name


def unique_name(purpose: str) -> str:
    """Return a database name that no other run uses."""
    return f"hrp_{purpose}_{os.getpid()}_{secrets.token_hex(3)}"
