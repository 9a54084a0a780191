"""Static checks of the addons, the tests and this kit; ``make format`` mends the layout."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from . import addons, node_env, odoo_source, python_env, settings
from .odoo_tests import Outcome, run_on_copy
from .shell import run, say

PRETTIER_SUFFIXES = (".xml", ".js", ".scss")
SHELL_SCRIPTS = ("bin/dev", "bin/odoo", ".ci/run")

CORE_LINT = (
    # Core's own checks that hold for any addon; the rest of test_lint looks at
    # core's files only, or repeats ruff and eslint.
    "TestIndex",
    "ManifestLinter",
    "RoutesLinter",
    "TestNaming",
    "TestOnchangeDomains",
    "TestDocstring",
    "TestDunderinit",
    "TestTestHoles",
    "TestLintOverrideSignatures",
    "TestJsTranslations",
    "TestI18n",
    "PotLinter",
)


class Linter:
    """The checks, each a method that returns the command lines to run."""

    def __init__(self):
        self.python = python_env.ensure(development=True)
        self.tools = self.python.parent
        self.addons = [addon.folder for addon in addons.ours().values()]

    def checks(self) -> dict[str, Callable[[], list[list]]]:
        """Return the checks by name, in the order in which they run."""
        return {
            "ruff": lambda: [[self.tools / "ruff", "check", settings.ROOT]],
            "ruff format": lambda: [[self.tools / "ruff", "format", "--check", settings.ROOT]],
            "pylint-odoo": self._pylint,
            "OCA module checks": self._oca_module,
            "OCA translation checks": self._oca_translations,
            "licences": self._licences,
            "prettier": lambda: self._prettier("--check"),
            "eslint": self._eslint,
            "shellcheck": lambda: [["shellcheck", *_existing(SHELL_SCRIPTS)]],
        }

    def format(self) -> None:
        """Rewrite the files as the formatters want them."""
        run([self.tools / "ruff", "check", "--fix-only", settings.ROOT], cwd=settings.ROOT)
        run([self.tools / "ruff", "format", settings.ROOT], cwd=settings.ROOT)
        for line in self._prettier("--write"):
            run(line, cwd=settings.ROOT)

    def _pylint(self):
        # The addons describe themselves in readme/ fragments, not in a README.rst, a
        # large model may be spread over files by subject, and `_` may be `env._` where a
        # method says so first.
        disabled = "missing-readme,consider-merging-classes-inherited,prefer-env-translation"
        options = ["--rcfile", settings.ROOT / ".pylintrc", "--disable", disabled]
        return [[self.python, "-m", "pylint", *options, *self.addons]]

    def _oca_module(self):
        return [[self.tools / "oca-checks-odoo-module", *self.addons]]

    def _oca_translations(self):
        files = [file for folder in self.addons for file in sorted(folder.glob("i18n/*.po*"))]
        return [[self.tools / "oca-checks-po", *files]] if files else []

    def _licences(self):
        paths = [settings.ROOT, odoo_source.ensure().package / "addons"]
        paths += odoo_source.ensure().addons_paths
        return [
            [
                self.tools / "manifestoo",
                "--odoo-series", settings.SERIES,
                "--addons-path", ",".join(map(str, paths)),
                "--select-addons-dir", settings.ROOT,
                "check-licenses",
            ]
        ]  # fmt: skip

    def _prettier(self, mode: str):
        modules = node_env.ensure() / "node_modules"
        files = [file for file in self._own_files() if file.suffix in PRETTIER_SUFFIXES]
        plugin = modules / "@prettier" / "plugin-xml" / "src" / "plugin.js"
        command = [modules / ".bin" / "prettier", "--log-level", "warn", "--plugin", plugin, mode]
        return [[*command, *files]] if files else []

    def _eslint(self):
        modules = node_env.ensure() / "node_modules"
        files = [file for file in self._own_files() if file.suffix == ".js"]
        rules = odoo_source.ensure().package / "addons" / "test_lint" / "tests" / "eslintrc"
        command = [modules / ".bin" / "eslint", "--no-ignore", "--no-eslintrc", "-c", rules]
        return [[*command, *files]] if files else []

    def _own_files(self) -> list[Path]:
        """Return the addons' own files, without third-party libraries."""
        return [
            file
            for folder in self.addons
            for file in sorted(folder.rglob("*"))
            if file.is_file() and "/static/lib/" not in str(file)
        ]


def run_checks() -> list[Outcome]:
    """Run every static check and return one outcome for each."""
    linter = Linter()
    outcomes = []
    for name, lines in linter.checks().items():
        started = time.monotonic()
        broken = [text for line in lines() if (text := _complaint(line)) is not None]
        for text in broken:
            print(f"--- {name}\n{text}", flush=True)
        seconds = time.monotonic() - started
        print(f"lint, {name}: {'FAILED' if broken else 'ok'}, {seconds:.0f} s", flush=True)
        outcomes.append(Outcome(f"lint, {name}", int(not broken), int(bool(broken)), seconds))
    return outcomes


def run_core_lint(*, keep: bool = False) -> Outcome:
    """Run core's ``test_lint`` with our addons installed."""
    names = sorted(addons.ours())
    tags = ",".join(f"/test_lint:{name}" for name in CORE_LINT)
    return run_on_copy(
        "lint, core's test_lint", names, ["-i", "test_lint", "--test-tags", tags], keep=keep
    )


def _complaint(line) -> str | None:
    """Run one command; return its output when it complains, else None."""
    environment = {
        **os.environ,
        "ESLINT_USE_FLAT_CONFIG": "false",  # the form in which core keeps its rules
        "PYLINTHOME": str(settings.CACHE / "pylint"),
        "RUFF_NO_CACHE": "true",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        [str(part) for part in line],
        cwd=settings.ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip()


def _existing(names) -> list[Path]:
    return [path for name in names if (path := settings.ROOT / name).exists()]


def mend() -> int:
    """Format everything."""
    Linter().format()
    say("formatted")
    return 0


def main(*, core: bool = True) -> list[Outcome]:
    """Run all checks, core's included."""
    outcomes = run_checks()
    if core:
        outcomes.append(run_core_lint())
    if any(outcome.failed for outcome in outcomes):
        print("make format mends what is only a matter of layout", file=sys.stderr)
    return outcomes
