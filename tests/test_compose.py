"""docker-compose.yml: valid by the compose specification, and true to the checkout."""

import subprocess
import sys

import pytest
import yaml
from devkit import addons, demo, settings


@pytest.fixture(scope="module")
def compose(root):
    return yaml.safe_load((root / "docker-compose.yml").read_text(encoding="utf-8"))


def check_against_schema(file):
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", file],
        capture_output=True,
        text=True,
        check=False,
    )


def test_valid_by_the_compose_schema(root):
    done = check_against_schema(root / "docker-compose.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_schema_finds_mistakes(root, tmp_path):
    text = (root / "docker-compose.yml").read_text(encoding="utf-8")
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(text.replace("depends_on:", "depend_on:"), encoding="utf-8")
    assert check_against_schema(wrong).returncode == 1


def test_images(compose):
    images = {name: service["image"] for name, service in compose["services"].items()}
    assert images == {"db": "postgres:16", "odoo": "odoo:19"}


def test_every_addon_is_installed_with_demo_data(compose):
    options = dict(
        argument.partition("=")[::2] for argument in compose["services"]["odoo"]["command"]
    )
    assert set(options["--init"].split(",")) == set(addons.ours())
    assert "--with-demo" in options
    assert options["--database"] == settings.DEMO_DATABASE
    # Odoo leaves English out where it is not named.
    assert options["--load-language"] == demo.LANGUAGES == "en_US,zh_CN"


def test_mounted_folders(compose, root):
    """What is mounted from the checkout exists and holds the addons, read-only."""
    mounts = [volume.split(":") for volume in compose["services"]["odoo"]["volumes"]]
    bound = [parts for parts in mounts if parts[0].startswith((".", "/"))]
    assert [parts[1:] for parts in bound] == [["/mnt/extra-addons", "ro"]]
    for source, *_rest in bound:
        assert set(addons.ours((root / source).resolve())) == set(addons.ours())


def test_named_volumes_are_declared(compose):
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service["volumes"]
        if not volume.startswith((".", "/"))
    }
    assert used == set(compose["volumes"])


def test_database_account(compose):
    """Odoo logs in with the account that the database server creates."""
    odoo = compose["services"]["odoo"]
    database = compose["services"]["db"]
    assert odoo["environment"]["USER"] == database["environment"]["POSTGRES_USER"]
    assert odoo["environment"]["PASSWORD"] == database["environment"]["POSTGRES_PASSWORD"]
    assert odoo["environment"]["HOST"] in compose["services"]
    assert odoo["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert "healthcheck" in database
