"""Clusters and databases: started, copied, and never half-made."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from devkit import addons, demo, postgres, settings, shell
from devkit.databases import unique_name


class TestCluster:
    """A cluster of our own."""

    @pytest.fixture
    def cache(self, monkeypatch):
        # Not below pytest's own folder, which the account postgres cannot enter.
        folder = Path(tempfile.mkdtemp(prefix="hrp-"))
        folder.chmod(0o755)
        monkeypatch.setattr(settings, "CACHE", folder)
        yield folder
        postgres.Cluster("test").stop()
        shutil.rmtree(folder)

    def test_life_of_a_cluster(self, cache):
        cluster = postgres.Cluster("test")
        assert not cluster.is_up()
        variables = cluster.ensure()
        assert self.ask(variables, "SHOW listen_addresses") == ""
        assert self.ask(variables, "SHOW fsync") == "off"
        assert self.ask(variables, "SELECT rolsuper FROM pg_roles WHERE rolname = user") == "f"
        cluster.stop()
        assert not cluster.is_up()
        assert cluster.ensure() == variables
        assert cluster.is_up()

    def test_half_made_cluster_is_made_anew(self, cache):
        folder = postgres.Cluster("test").folder
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "PG_VERSION").touch()
        variables = postgres.Cluster("test").ensure()
        assert self.ask(variables, "SELECT 1") == "1"

    def ask(self, variables, sql):
        done = shell.run(
            ["psql", "-XAtq", "-d", "postgres", "-c", sql], env={**os.environ, **variables}
        )
        return done.stdout.strip()

    def test_demo_cluster_is_durable(self):
        assert "fsync" not in postgres.COMMON_SETTINGS

    @pytest.mark.skipif(os.getuid() != 0, reason="only root runs PostgreSQL as somebody else")
    def test_folder_that_the_account_cannot_reach(self, tmp_path, monkeypatch):
        tmp_path.chmod(0o700)
        monkeypatch.setattr(settings, "CACHE", tmp_path)
        with pytest.raises(shell.Failure, match="cannot reach .* HR_PERFORMANCE_CACHE"):
            postgres.Cluster("test").ensure()


def test_configured_server_is_used(monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example.com")
    assert postgres.environment("test") == {}


def test_copy_has_its_own_filestore(databases, make_database):
    source = make_database(template="template1")
    file = databases.filestore(source) / "ab" / "abcd"
    file.parent.mkdir(parents=True)
    file.write_text("attachment")
    target = make_database(template=source)
    databases.drop(source)
    assert (databases.filestore(target) / "ab" / "abcd").read_text() == "attachment"


class TestDemo:
    """The demo database takes its name only when it is complete."""

    @pytest.fixture
    def made(self, databases, monkeypatch):
        """The demo database with its installation replaced by an empty copy."""
        calls = []
        monkeypatch.setattr(settings, "DEMO_DATABASE", unique_name())
        monkeypatch.setattr(demo, "Databases", lambda cluster: databases)

        def make(databases, draft, available):
            calls.append("make")
            databases.copy("template1", draft)

        def update(databases, draft, available):
            calls.append("update")
            databases.copy(settings.DEMO_DATABASE, draft)
            return True

        monkeypatch.setattr(demo, "_make", make)
        monkeypatch.setattr(demo, "_update", update)
        yield calls
        databases.drop(settings.DEMO_DATABASE)
        databases.drop(f"{settings.DEMO_DATABASE}_draft")

    def test_made_once(self, made):
        demo.prepare()
        demo.prepare()
        assert made == ["make"]

    def test_updated_when_the_addons_change(self, made, monkeypatch):
        demo.prepare()
        monkeypatch.setattr(demo, "_state", lambda available: "changed")
        demo.prepare()
        demo.prepare()
        assert made == ["make", "update"]

    def test_made_anew_when_the_update_fails(self, made, monkeypatch):
        demo.prepare()
        monkeypatch.setattr(demo, "_state", lambda available: "changed")
        monkeypatch.setattr(demo, "_update", lambda *_: False)
        demo.prepare()
        assert made == ["make", "make"]

    def test_killed_in_the_middle(self, made, databases, monkeypatch):
        complete = demo._make

        def killed(databases, draft, available):
            complete(databases, draft, available)
            raise KeyboardInterrupt

        monkeypatch.setattr(demo, "_make", killed)
        with pytest.raises(KeyboardInterrupt):
            demo.prepare()
        assert settings.DEMO_DATABASE not in databases.names()
        monkeypatch.setattr(demo, "_make", complete)
        demo.prepare()
        assert settings.DEMO_DATABASE in databases.names()
        assert f"{settings.DEMO_DATABASE}_draft" not in databases.names()

    def test_database_of_unknown_origin_is_made_anew(self, made, databases):
        databases.copy("template1", settings.DEMO_DATABASE)
        demo.prepare()
        assert made == ["make"]


def test_port_in_use():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(shell.Failure, match=f"Port {port} is taken.*PORT={port + 1}"):
            demo._check_port(port)


class TestAddons:
    """What follows from the manifests."""

    @pytest.fixture
    def available(self, tmp_path):
        for name, depends in {"a": ["hr"], "b": ["a", "crm"], "c": ["b", "hr"]}.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / "__manifest__.py").write_text(repr({"depends": depends}))
        return addons.ours(tmp_path)

    def test_closure_is_in_order_of_dependency(self, available):
        assert addons.closure(["c"], available) == ["a", "b", "c"]

    def test_foundation_leaves_ours_out(self, available):
        assert addons.foundation(["c"], available) == ["crm", "hr"]
        assert addons.foundation(["a"], available) == ["hr"]

    def test_unknown_name(self, available):
        with pytest.raises(shell.Failure, match="No such addon here: d"):
            addons.closure(["d"], available)

    def test_content_hash(self, available):
        addon = available["a"]
        before = addon.content_hash()
        (addon.folder / "tests").mkdir()
        (addon.folder / "tests" / "test_a.py").touch()
        assert addon.content_hash() == before
        (addon.folder / "models.py").touch()
        assert addon.content_hash() != before
