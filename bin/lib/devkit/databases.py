"""Databases with their filestores: made, copied, renamed and dropped together."""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from . import addons, odoo_process, odoo_source, postgres, server, settings
from .shell import Failure, lock, remove_folder, run, say


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
        """Remove a database, ending the sessions that use it.

        ``dropdb --force`` fails where autovacuum is at work, whose process we may not end;
        without it the server itself sends autovacuum away.
        """
        sessions = f"FROM pg_stat_activity WHERE datname = '{name}' AND usename = current_user"
        self.query(f"SELECT pg_terminate_backend(pid) {sessions}")
        run(["dropdb", "--if-exists", name], env=self.environment)
        remove_folder(self.filestore(name))

    def install(self, name: str, modules, *options) -> None:
        """Install ``modules`` in database ``name``, which is made where missing.

        :raise Failure: when Odoo fails, or leaves demo data out, which it only logs
        """
        arguments = ["-i", ",".join(modules), *options]
        result = odoo_process.run(f"install {name}", name, arguments, self.environment)
        broken = [text for text in result.log.complaints if "demo data failed" in text]
        if result.status or broken:
            details = "\n".join(broken or result.log.complaints[-3:])
            raise Failure(
                f"{', '.join(modules)} cannot be installed; the log is {result.file}.\n{details}"
            )
        result.file.unlink()

    def template(self, modules, *, demo: bool = False, languages: str = "") -> str:
        """Return the name of a database with Odoo's ``modules`` installed.

        It is made once for a version of Odoo and a list of modules. The ``languages``, as in
        ``--load-language``, are there before them: Odoo does not translate the records of a module
        when a language comes later. The first one is that of new people; Odoo leaves English out
        where it is not named.
        """
        wanted = [languages] if languages else []
        digest = _digest(odoo_source.ensure().identity, str(demo), *modules, *wanted)
        name = f"hrp_template_{digest}"

        def make(draft: str) -> None:
            say(f"preparing a template database {'with demo data ' * demo}of {', '.join(modules)}")
            options = ["--with-demo"] if demo else []
            options += [f"--load-language={codes}" for codes in wanted]
            self.install(draft, modules, *options)

        return self._made_once(name, make)

    def installed(self, names, *, demo: bool = False) -> str:
        """Return the name of a database with our addons ``names`` as they are now."""
        available = addons.ours()
        modules = addons.closure(names, available)
        template = self.template(addons.foundation(names, available), demo=demo)
        family = f"hrp_installed_{_digest(template, *modules)[:6]}"
        contents = _digest(template, *(available[name].content_hash() for name in modules))

        def make(draft: str) -> None:
            say(f"installing {', '.join(modules)}")
            self.copy(template, draft)
            options = ["--with-demo"] if demo else []
            self.install(draft, modules, *options)
            self._forget_old(family)

        return self._made_once(f"{family}_{contents}", make)

    def _made_once(self, name: str, make: Callable[[str], None]) -> str:
        """Let ``make`` fill a database, called ``name`` only when it is finished."""
        if name not in self.names():
            with lock(settings.CACHE / f"{name}.lock"):
                if name not in self.names():
                    draft = name.replace("hrp_", "hrp_draft_", 1)
                    self.drop(draft)
                    make(draft)
                    self.rename(draft, name)
        return name

    def _forget_old(self, family: str, keep: int = 3) -> None:
        """Drop all but the newest databases of former states of the same addons."""
        pattern = family.replace("_", r"\_") + r"\_%"
        old = self.query(
            f"SELECT datname FROM pg_database WHERE datname LIKE '{pattern}' "
            f"ORDER BY oid DESC OFFSET {keep}"
        )
        for name in old.split():
            self.drop(name)

    def sweep(self) -> None:
        """Drop what killed runs left behind.

        On a shared server the process numbers of others mean nothing here.
        """
        if postgres.is_external():
            return
        for name in self.names():
            run_of = re.fullmatch(r"hrp_run_(\d+)_\w+", name)
            if run_of and not Path(f"/proc/{run_of[1]}").exists():
                self.drop(name)


def unique_name() -> str:
    """Return a database name that no other run uses."""
    return f"hrp_run_{os.getpid()}_{secrets.token_hex(3)}"


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:10]
