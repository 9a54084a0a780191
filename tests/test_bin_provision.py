"""Setting up: broken downloads, no network, half-made folders, missing packages.

A fake ``apt-get`` stands for the package mirror; the packages it gives are real
Debian packages, made on the spot.
"""

import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from devkit import odoo_source, python_env, settings, shell, system

FAKE_APT = """\
#!{python}
import json, shutil, sys
from pathlib import Path

mirror = Path({mirror!r})
state = json.loads((mirror / "state.json").read_text())
arguments = sys.argv[1:]
with open(mirror / "calls.log", "a") as log:
    print(*[a for a in arguments if "::" not in a and a not in ("-o", "-q")], file=log)
if "indextargets" in arguments:
    print("http://mirror.invalid/debian|Debian|Debian")
elif "update" in arguments:
    sys.exit("E: mirror cannot be reached" if state["offline"] else 0)
elif "download" in arguments:
    names = [a for a in arguments if a.startswith(("odoo-", "libjs-", "fonts-"))]
    if not set(names) <= set(state["packages"]):
        sys.exit("E: Unable to locate package")
    for name in names:
        package = state["packages"][name]
        if "--print-uris" in arguments:
            print("'http://mirror.invalid/x'", package["file"], package["size"],
                  "SHA256:" + package["sha256"])
        elif state["offline"]:
            sys.exit("E: mirror cannot be reached")
        else:
            shutil.copy(mirror / package["file"], ".")
"""


def build_package(folder: Path, name: str, files: dict[str, str]) -> Path:
    """Make ``<name>_1.0_all.deb`` with ``files`` in ``folder``."""
    tree = folder / f"tree-{name}"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1.0\nArchitecture: all\n"
        "Maintainer: Nobody <nobody@example.com>\nDescription: for a test\n"
    )
    for path, text in files.items():
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("->"):
            target.symlink_to(text[2:])
        else:
            target.write_text(text)
    file = folder / f"{name}_1.0_all.deb"
    subprocess.run(["dpkg-deb", "--build", "-Zgzip", tree, file], check=True, capture_output=True)
    return file


class Mirror:
    """The fake mirror and what it has been asked for."""

    def __init__(self, folder: Path):
        self.folder = folder
        static = f"{odoo_source.DIST_PACKAGES}/odoo/addons/web/static"
        contents = {
            odoo_source.ODOO_PACKAGE: {
                f"{odoo_source.DIST_PACKAGES}/odoo/release.py": "version_info = (19, 0)\n",
                f"{static}/moved.woff2": "->../../nowhere/moved.woff2",
                f"{static}/lost.otf": "->../../nowhere/lost.otf",
            },
            "libjs-jquery": {"usr/share/fonts/moved.woff2": "font"},
        }
        names = (odoo_source.ODOO_PACKAGE, *odoo_source.LINKED_PACKAGES)
        self.packages = {}
        for name in names:
            file = build_package(folder, name, contents.get(name, {"usr/share/x": name}))
            self.packages[name] = {
                "file": file.name,
                "size": file.stat().st_size,
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            }
        self.set(offline=False)

    def set(self, *, offline: bool) -> None:
        state = {"offline": offline, "packages": self.packages}
        (self.folder / "state.json").write_text(json.dumps(state))

    def downloads(self) -> list[str]:
        lines = (self.folder / "calls.log").read_text().splitlines()
        return [line for line in lines if line.startswith("download") and "--print" not in line]


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    programs = tmp_path / "programs"
    programs.mkdir()
    folder = tmp_path / "mirror"
    folder.mkdir()
    apt = programs / "apt-get"
    apt.write_text(FAKE_APT.format(python=sys.executable, mirror=str(folder)))
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr(settings, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(odoo_source, "ARCHIVE_KEYRING", apt)
    monkeypatch.delenv("ODOO_HOME", raising=False)
    return Mirror(folder)


def cached(mirror, package=odoo_source.ODOO_PACKAGE) -> Path:
    return settings.CACHE / "apt" / "archives" / mirror.packages[package]["file"]


def test_unpacks_and_mends_what_is_missing(mirror):
    source = odoo_source.ensure()
    assert (source.package / "release.py").is_file()
    static = source.package / "addons" / "web" / "static"
    assert (static / "moved.woff2").read_text() == "font"
    assert not (static / "lost.otf").is_symlink()
    for name in odoo_source.EMPTY_FILES:
        assert (source.package / "addons" / name).read_bytes() == b""


def test_second_call_asks_nobody(mirror):
    odoo_source.ensure()
    calls = (mirror.folder / "calls.log").read_text()
    odoo_source.ensure()
    assert (mirror.folder / "calls.log").read_text() == calls


def test_no_address_is_kept_in_the_checkout(root):
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "bin", "tests/lint", "Makefile", ".ci", "requirements*.txt"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    assert "bin/odoo" in tracked
    for name in filter(None, tracked):
        assert "//deb." not in (root / name).read_text(), name
        assert '"resolved"' not in (root / name).read_text(), name


def test_no_network_and_nothing_cached(mirror):
    mirror.packages.clear()
    mirror.set(offline=True)
    with pytest.raises(
        shell.Failure, match=r"no usable package index[\s\S]*network[\s\S]*ODOO_HOME"
    ):
        odoo_source.ensure()
    assert not (settings.CACHE / "odoo").exists()


def test_package_that_the_mirror_lost(mirror, capsys):
    del mirror.packages["fonts-ocr-b"]
    mirror.set(offline=False)
    assert (odoo_source.ensure().package / "release.py").is_file()
    assert (
        "going on without packages that sid does not have: fonts-ocr-b" in capsys.readouterr().err
    )


def test_no_network_uses_what_is_cached(mirror):
    odoo_source.ensure()
    shell.remove_folder(settings.CACHE / "odoo")
    mirror.set(offline=True)
    assert (odoo_source.ensure().package / "release.py").is_file()


def test_no_network_and_one_file_missing(mirror):
    odoo_source.ensure()
    shell.remove_folder(settings.CACHE / "odoo")
    cached(mirror).unlink()
    mirror.set(offline=True)
    with pytest.raises(shell.Failure, match="odoo-19 cannot be downloaded and is not in the cache"):
        odoo_source.ensure()
    assert not (settings.CACHE / "odoo").exists()


def test_broken_file_in_the_cache_is_fetched_again(mirror):
    odoo_source.ensure()
    shell.remove_folder(settings.CACHE / "odoo")
    content = cached(mirror).read_bytes()
    cached(mirror).write_bytes(b"\0" * len(content))
    before = len(mirror.downloads())
    odoo_source.ensure()
    assert mirror.downloads()[before:] == ["download odoo-19"]
    assert cached(mirror).read_bytes() == content


def test_broken_download(mirror):
    file = mirror.folder / mirror.packages["odoo-19"]["file"]
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(shell.Failure, match=r"odoo-19_1.0_all.deb is broken .* try again"):
        odoo_source.ensure()
    assert not (settings.CACHE / "odoo").exists()
    assert not cached(mirror).exists()


def test_interrupted_unpacking_is_started_anew(mirror):
    half = settings.CACHE / "odoo" / "1.0.half"
    (half / odoo_source.DIST_PACKAGES).mkdir(parents=True)
    (half / "rubbish").touch()
    unfinished = settings.CACHE / "odoo" / "1.0"
    unfinished.mkdir()
    (unfinished / "rubbish").touch()
    (settings.CACHE / "odoo" / "current").symlink_to("1.0")
    source = odoo_source.ensure()
    assert (source.package / "release.py").is_file()
    assert not half.exists()
    assert not (unfinished / "rubbish").exists()


def test_failed_unpacking_leaves_nothing_to_use(mirror, monkeypatch):
    monkeypatch.setattr(odoo_source, "_mend_links", lambda root: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        odoo_source.ensure()
    assert not (settings.CACHE / "odoo" / "current").exists()
    assert not (settings.CACHE / "odoo" / "1.0").exists()


def test_two_at_once_unpack_once(mirror, root):
    """The second waits for the first and uses its result."""
    script = (
        "import sys; from pathlib import Path; from devkit import odoo_source, settings\n"
        f"odoo_source.ARCHIVE_KEYRING = Path({str(mirror.folder)!r}) / 'calls.log'\n"
        "odoo_source.ensure()"
    )
    (mirror.folder / "calls.log").touch()
    environment = {
        **os.environ,
        "PYTHONPATH": str(root / "bin" / "lib"),
        "HR_PERFORMANCE_CACHE": str(settings.CACHE),
    }
    line = [sys.executable, "-c", script]
    first, second = (
        subprocess.Popen(line, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)
    )
    messages = first.communicate()[1] + second.communicate()[1]
    assert (first.returncode, second.returncode) == (0, 0), messages
    assert messages.count("unpacking Odoo") == 1
    assert len(mirror.downloads()) == len(mirror.packages)


class TestOdooHome:
    """An existing copy of Odoo in the place of our own."""

    @pytest.fixture
    def checkout(self, tmp_path, monkeypatch):
        for folder in ("odoo", "addons"):
            (tmp_path / "checkout" / folder).mkdir(parents=True)
        self.write_version(tmp_path / "checkout", "(19, 0, 0, FINAL, 0, '')")
        monkeypatch.setenv("ODOO_HOME", str(tmp_path / "checkout"))
        return tmp_path / "checkout"

    def write_version(self, checkout, version):
        (checkout / "odoo" / "release.py").write_text(f"version_info = {version}\n")

    def test_checkout(self, checkout):
        source = odoo_source.ensure()
        assert source.package == checkout / "odoo"
        assert source.addons_paths == [checkout / "addons"]

    def test_package_folder(self, checkout, monkeypatch):
        monkeypatch.setenv("ODOO_HOME", str(checkout / "odoo"))
        assert odoo_source.ensure().package == checkout / "odoo"

    def test_package_with_all_addons_inside(self, checkout):
        (checkout / "odoo" / "addons" / "web").mkdir(parents=True)
        assert odoo_source.ensure().addons_paths == []

    def test_another_version(self, checkout):
        self.write_version(checkout, "('saas~18', 2, 0, FINAL, 0, '')")
        with pytest.raises(shell.Failure, match=r"is not Odoo 19\.0"):
            odoo_source.ensure()

    def test_no_odoo_there(self, monkeypatch, tmp_path):
        monkeypatch.setenv("ODOO_HOME", str(tmp_path))
        with pytest.raises(shell.Failure, match="holds no Odoo"):
            odoo_source.ensure()


class TestPythonEnvironment:
    """The virtual environment is used only when it is finished."""

    @pytest.fixture(autouse=True)
    def pins(self, tmp_path, monkeypatch):
        monkeypatch.setattr(settings, "CACHE", tmp_path / "cache")
        for name in ("RUNTIME", "DEVELOPMENT"):
            file = tmp_path / f"{name.lower()}.txt"
            file.touch()
            monkeypatch.setattr(python_env, name, file)

    def test_failed_installation_is_repeated(self):
        python_env.RUNTIME.write_text("/nowhere/no_such_package.whl\n")
        with pytest.raises(shell.Failure, match="cannot be installed. Check the network"):
            python_env.ensure()
        with pytest.raises(shell.Failure, match="cannot be installed"):
            python_env.ensure()

    def test_unfinished_folder_is_made_anew(self):
        folder = python_env.ensure().parents[1]
        (folder / ".runtime").unlink()
        (folder / "rubbish").touch()
        python = python_env.ensure()
        assert python.parents[1] == folder
        assert not (folder / "rubbish").exists()
        subprocess.run([python, "-c", "import pip"], check=True)

    def test_other_pins_get_another_folder(self):
        first = python_env.ensure()
        python_env.RUNTIME.write_text("# changed\n")
        assert python_env.ensure() != first


class TestSystemPackages:
    """Debian packages that the machine lacks."""

    package = system.SystemPackage("some-package", lambda: False)

    @pytest.fixture
    def programs(self, tmp_path, monkeypatch):
        """An empty PATH; returns a function that adds a program to it."""
        monkeypatch.setenv("PATH", str(tmp_path))

        def add(name: str, script: str) -> None:
            file = tmp_path / name
            file.write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/calls\n{script}\n')
            file.chmod(file.stat().st_mode | stat.S_IXUSR)

        return add

    def test_nothing_missing_runs_nothing(self, programs):
        system.ensure([system.SystemPackage("some-package", lambda: True)])

    def test_without_apt(self, programs):
        with pytest.raises(shell.Failure, match="no apt-get[^.]*. Install what .* some-package"):
            system.ensure([self.package])

    def test_ordinary_user_without_sudo(self, programs, monkeypatch):
        monkeypatch.setattr(os, "getuid", lambda: 1000)
        programs("apt-get", "")
        with pytest.raises(shell.Failure, match="apt-get install some-package"):
            system.ensure([self.package])

    def test_ordinary_user_refused_by_sudo(self, programs, monkeypatch):
        monkeypatch.setattr(os, "getuid", lambda: 1000)
        programs("apt-get", "")
        programs("sudo", "exit 1")
        with pytest.raises(shell.Failure, match="apt-get install some-package"):
            system.ensure([self.package])

    def test_ordinary_user_with_sudo(self, programs, monkeypatch, tmp_path):
        monkeypatch.setattr(os, "getuid", lambda: 1000)
        programs("apt-get", "")
        programs("sudo", "")
        installed = tmp_path / "calls"
        package = system.SystemPackage(
            "some-package",
            lambda: installed.exists() and "some-package" in installed.read_text(),
        )
        system.ensure([package])
        calls = installed.read_text().splitlines()
        assert all(call.startswith("sudo -n ") for call in calls)
        assert any(call.endswith("some-package") for call in calls)

    def test_failed_installation(self, programs, monkeypatch):
        monkeypatch.setattr(os, "getuid", lambda: 0)
        programs("apt-get", "echo cannot reach the mirror; exit 100")
        with pytest.raises(shell.Failure, match=r"Install by hand[\s\S]*cannot reach the mirror"):
            system.ensure([self.package])


def test_ready_environment_is_found_quickly(root):
    """What bin/odoo adds to every call is little work: under half a second of CPU."""
    subprocess.run([root / "bin" / "odoo", "--where"], check=True, capture_output=True)
    before = os.times()
    done = subprocess.run(
        [root / "bin" / "odoo", "--where"], check=True, capture_output=True, text=True
    )
    after = os.times()
    assert (Path(done.stdout.strip()) / "release.py").is_file()
    spent = after.children_user + after.children_system
    assert spent - before.children_user - before.children_system < 0.5
