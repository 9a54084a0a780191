"""Odoo itself: an existing copy named by ``ODOO_HOME``, or Debian's package.

Debian carries Odoo 19 in its suite *sid* only, so the package is fetched with
apt-get on state folders of its own (the machine's package state stays as it is)
and unpacked into the cache. Mirror, proxy, certificates and signature checks are
those of the machine's own apt configuration.
"""

import functools
import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import settings
from .shell import Failure, lock, remove_folder, replace_folder, run, say

SUITE = "sid"
ODOO_PACKAGE = "odoo-19"
# The package links into /usr/share; what those links point at comes from these.
LINKED_PACKAGES = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
    "fonts-font-awesome",
)
DIST_PACKAGES = "usr/lib/python3/dist-packages"
# Left out of Debian's copy for licence reasons, yet listed in an asset bundle:
# without the file the web client logs an error at every start.
EMPTY_FILES = ("mail/static/lib/selfie_segmentation/selfie_segmentation.js",)
ARCHIVE_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class OdooSource:
    """An importable copy of Odoo."""

    import_path: Path
    """Folder to put on PYTHONPATH."""

    @property
    def package(self) -> Path:
        """Folder of the ``odoo`` package."""
        return self.import_path / "odoo"

    @property
    def addons_paths(self) -> list[Path]:
        """Addons folders beside ``odoo/addons``, as a checkout has.

        Debian's package has all addons in ``odoo/addons``, and an incomplete copy
        beside it that nothing reads.
        """
        beside = self.import_path / "addons"
        complete = (self.package / "addons" / "web").is_dir()
        return [beside] if beside.is_dir() and not complete else []

    @functools.cached_property
    def identity(self) -> str:
        """A text that changes whenever another copy or version is used."""
        release = (self.package / "release.py").read_bytes().hex()[-64:]
        return f"{self.import_path.resolve()}:{_git_revision(self.import_path)}:{release}"


def ensure() -> OdooSource:
    """Return the copy of Odoo to use, provisioning it first where needed."""
    if home := os.environ.get("ODOO_HOME"):
        return _existing(Path(home).resolve())
    current = settings.CACHE / "odoo" / "current"
    if not (current / ".complete").exists():
        with lock(settings.CACHE / "odoo.lock"):
            if not (current / ".complete").exists():
                upgrade()
    return OdooSource(current.resolve() / DIST_PACKAGES)


def _existing(home: Path) -> OdooSource:
    """Accept a checkout, a folder that holds the package, or the package itself."""
    for candidate in (home, home.parent):
        if (candidate / "odoo" / "release.py").is_file():
            source = OdooSource(candidate)
            break
    else:
        raise Failure(f"ODOO_HOME={home} holds no Odoo: odoo/release.py is not there.")
    text = (source.package / "release.py").read_text(encoding="utf-8")
    version = re.search(r"^version_info = \(\s*'?([\w~.]+)'?,\s*(\d+)", text, re.MULTILINE)
    if not version or f"{version[1]}.{version[2]}" != settings.SERIES:
        raise Failure(f"ODOO_HOME={home} is not Odoo {settings.SERIES}.")
    return source


def upgrade() -> None:
    """Fetch the newest package of the index, or use the cached one when offline."""
    base = settings.CACHE / "odoo"
    apt = PrivateApt(settings.CACHE / "apt")
    files = apt.download([ODOO_PACKAGE, *LINKED_PACKAGES])
    version = files[ODOO_PACKAGE].stem.split("_")[1]
    final = base / re.sub(r"[^\w.+~-]", "_", version)
    if not (final / ".complete").exists():
        _unpack(files, final)
    link = base / f"current.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(final.name)
    link.replace(base / "current")


def _unpack(files: dict[str, Path], final: Path) -> None:
    say(f"unpacking Odoo {final.name}")
    half = final.with_name(f"{final.name}.half")
    remove_folder(half)
    half.mkdir(parents=True)
    for package, file in files.items():
        run(
            ["dpkg-deb", "--extract", file, half],
            explain=f"The downloaded package {package} cannot be unpacked. "
            f"Remove {file} and try again.",
        )
    dist_packages = half / DIST_PACKAGES
    if not (dist_packages / "odoo" / "release.py").is_file():
        raise Failure(f"{files[ODOO_PACKAGE].name} holds no Odoo where it was expected.")
    for name in EMPTY_FILES:
        file = dist_packages / "odoo" / "addons" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    _mend_links(half)
    (half / ".complete").touch()
    replace_folder(half, final)


def _mend_links(root: Path) -> None:
    """Give each dangling asset link a file of the same name, or remove the link.

    A link that leads nowhere makes the web server answer 500 instead of 404, and
    the packages that it leads to move their files between releases.
    """
    dangling = [path for path in root.rglob("*") if path.is_symlink() and not path.exists()]
    if not dangling:
        return
    wanted = {path.name for path in dangling}
    found = {}
    for path in root.rglob("*"):
        if path.name in wanted and path.is_file() and not path.is_symlink():
            found.setdefault(path.name, path)
    for path in dangling:
        path.unlink()
        if target := found.get(path.name):
            path.symlink_to(os.path.relpath(target, path.parent))


def _git_revision(folder: Path) -> str:
    if not (folder / ".git").exists():
        return ""
    done = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


class PrivateApt:
    """apt-get on its own lists and cache, with the machine's own settings otherwise."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.archive = folder / "archives"

    def download(self, packages: list[str]) -> dict[str, Path]:
        """Return a verified file for each of ``packages``, fetching what is new.

        When the index cannot be refreshed, the last one and the files fetched
        for it are used.

        :raise Failure: no usable file for one of them
        """
        self._prepare()
        offline = self._refresh()
        result = {}
        for package, (name, size, digest) in self._wanted(packages, offline).items():
            file = self.archive / name
            if not _is_intact(file, size, digest):
                self._fetch(package, file, offline)
                if not _is_intact(file, size, digest):
                    file.unlink(missing_ok=True)
                    raise Failure(
                        f"The download of {name} is broken (its checksum differs from the "
                        "signed index). Nothing was changed; try again."
                    )
            result[package] = file
        return result

    def _prepare(self) -> None:
        for folder in (self.folder / "lists" / "partial", self.archive / "partial"):
            folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        if not ARCHIVE_KEYRING.is_file():
            raise Failure(
                f"{ARCHIVE_KEYRING} is missing, so Odoo's package cannot be verified. "
                "Install the package debian-archive-keyring, or point ODOO_HOME at an Odoo 19."
            )
        (self.folder / "sources.list").write_text(
            f"deb [signed-by={ARCHIVE_KEYRING}] {_debian_mirror()} {SUITE} main\n",
            encoding="utf-8",
        )

    def _apt(self, *arguments, **options):
        overrides = {
            "Dir::Etc::SourceList": self.folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::Status": self.folder / "status",
            "Dir::Cache": self.folder,
            "Dir::Cache::Archives": self.archive,
        }
        flags = [part for key, value in overrides.items() for part in ("-o", f"{key}={value}")]
        return run(["apt-get", "-q", *flags, *arguments], **options)

    def _refresh(self) -> str:
        """Update the index; return why that failed, or an empty text."""
        try:
            # A mirror that cannot be reached is only a warning to apt-get otherwise.
            self._apt("update", "-o", "APT::Update::Error-Mode=any")
        except Failure as failure:
            say("the package index cannot be refreshed; using the cached one")
            return str(failure)
        return ""

    def _wanted(self, packages, offline: str) -> dict[str, tuple[str, int, str]]:
        """Return file name, size and SHA-256 of each package's newest version.

        A package that the index does not know any more is left out, except Odoo.
        """
        found = self._uris(packages)
        if not found:
            # apt-get refuses the whole list for one unknown name.
            for package in packages:
                found |= self._uris([package])
        if ODOO_PACKAGE not in found:
            reason = "There is no usable package index." if offline else "Is the mirror complete?"
            raise Failure(
                f"Debian's suite {SUITE} offers no {ODOO_PACKAGE} here. {reason} Check the "
                f"network, or point ODOO_HOME at an Odoo {settings.SERIES}.\n{offline}"
            )
        if absent := sorted(set(packages) - set(found)):
            say(f"going on without packages that {SUITE} does not have: {' '.join(absent)}")
        return found

    def _uris(self, packages) -> dict[str, tuple[str, int, str]]:
        try:
            done = self._apt("download", "--print-uris", *packages, cwd=self.archive)
        except Failure:
            return {}
        pattern = re.compile(r"^'[^']*' (\S+) (\d+) SHA256:([0-9a-f]{64})$", re.MULTILINE)
        return {
            name.split("_")[0]: (name, int(size), digest)
            for name, size, digest in pattern.findall(done.stdout)
        }

    def _fetch(self, package: str, file: Path, offline: str) -> None:
        say(f"downloading {file.name}")
        file.unlink(missing_ok=True)
        self._apt(
            "download",
            package,
            cwd=self.archive,
            explain=f"{package} cannot be downloaded"
            + (" and is not in the cache" if offline else "")
            + ". Check the network and try again; nothing was changed.",
        )


def _is_intact(file: Path, size: int, digest: str) -> bool:
    if not file.is_file() or file.stat().st_size != size:
        return False
    with open(file, "rb") as handle:
        checksum = hashlib.sha256()
        while block := handle.read(1 << 20):
            checksum.update(block)
    return checksum.hexdigest() == digest


def _debian_mirror() -> str:
    """Return the address of the Debian mirror that this machine uses."""
    done = run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(SITE)|$(ORIGIN)|$(LABEL)",
            "Created-By: Packages",
        ],
        explain="The machine's apt configuration cannot be read.",
    )
    for line in done.stdout.splitlines():
        site, origin, label = line.split("|")
        if (origin, label) == ("Debian", "Debian"):
            return site
    raise Failure(
        "No Debian mirror is configured here (run apt-get update once), so Odoo cannot be "
        f"fetched. Point ODOO_HOME at an Odoo {settings.SERIES} instead."
    )
