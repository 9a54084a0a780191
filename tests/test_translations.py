"""The committed terms are those of the code, and each has a Chinese translation."""

import doctest

import chinese_text
import polib
import pytest
from chinese_text import full_width
from devkit import addons, server, shell
from devkit.databases import unique_name

AVAILABLE = addons.ours()


@pytest.fixture(scope="module")
def database(databases):
    """A database with all addons."""
    name = unique_name()
    databases.copy(databases.installed(AVAILABLE), name)
    yield name
    databases.drop(name)


def terms(path):
    return {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(path)) if not entry.obsolete}


@pytest.mark.parametrize("name", AVAILABLE)
def test_template_is_up_to_date(name, database, databases, tmp_path):
    exported = tmp_path / f"{name}.pot"
    shell.run(
        server.command("i18n", "export", "-d", database, "-o", exported, name),
        env=databases.environment,
    )
    committed = AVAILABLE[name].folder / "i18n" / f"{name}.pot"
    assert terms(exported) == terms(committed), "make pot brings the files up to date"


@pytest.mark.parametrize("name", AVAILABLE)
def test_chinese_is_complete(name):
    folder = AVAILABLE[name].folder / "i18n"
    translation = polib.pofile(str(folder / "zh_CN.po"))
    # An expression that Odoo evaluates, such as the name of a printed file, stays as it is.
    untranslated = [entry.msgid for entry in translation.untranslated_entries()]
    assert [msgid for msgid in untranslated if not msgid.startswith("object.")] == []
    assert [entry.msgid for entry in translation.fuzzy_entries()] == []
    assert terms(folder / "zh_CN.po") == terms(folder / f"{name}.pot")


@pytest.mark.parametrize("name", AVAILABLE)
def test_chinese_has_its_own_punctuation(name):
    translation = polib.pofile(str(AVAILABLE[name].folder / "i18n" / "zh_CN.po"))
    half = [entry.msgstr for entry in translation if full_width(entry.msgstr) != entry.msgstr]
    assert half == [], "make pot writes full-width punctuation"


@pytest.mark.parametrize(
    "text",
    [
        "06:00",
        "Odoo (Community), free",
        "见 https://example.com/a?b=1:2",
        '<a title="x, y">打开</a>',
        "评分 1-5",
    ],
)
def test_what_is_not_chinese_prose_keeps_its_signs(text):
    assert full_width(text) == text


def test_full_width_examples():
    assert doctest.testmod(chinese_text).failed == 0
