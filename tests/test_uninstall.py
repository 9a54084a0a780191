"""Installing, uninstalling and installing again leaves a database as it was."""

import pytest
from devkit import addons

# Tables whose rows change by the mere fact that something was done.
VOLATILE = {
    "bus_bus",  # notifications of the web client
    "ir_attachment",  # compiled asset bundles
    "ir_cron_progress",
    "ir_cron_trigger",
    "ir_logging",
    "ir_model_data",  # compared by name
    "ir_module_module",  # the list of known modules
    "ir_module_module_dependency",
    "ir_module_category",
    "ir_profile",
    "res_device_log",
    "res_users_log",
}
# Core forgets the names of these when the model that they described goes; for any
# addon with a chatter, and whatever the addon does.
FORGOTTEN_BY_CORE = {
    "ir.model.fields.selection",
    "ir.model.inherit",
    "ir.module.category",
    "ir.module.module",
}
COLUMNS = """
    SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type || ' ' || c.is_nullable
    FROM information_schema.columns c WHERE c.table_schema = 'public'
"""
OBJECTS = """
    SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'sequence ' || relname FROM pg_class WHERE relkind = 'S'
    UNION ALL SELECT 'function ' || proname FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
"""
TABLES = """
    SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT LIKE 'orm\\_signaling\\_%'
"""
NAMES = "SELECT model || ' ' || module || '.' || name FROM ir_model_data"


@pytest.fixture
def snapshot(databases):
    """Function that returns structure and row counts of a database."""

    def take(database: str) -> tuple[set[str], dict[str, int]]:
        structure = {
            line
            for sql in (COLUMNS, OBJECTS)
            for line in databases.query(sql, database).split("\n")
        }
        tables = sorted(set(databases.query(TABLES, database).split()) - VOLATILE)
        counts = databases.query(
            " UNION ALL ".join(f"SELECT '{name} ' || count(*) FROM \"{name}\"" for name in tables),
            database,
        )
        return structure, {
            table: int(count) for table, count in (line.split() for line in counts.splitlines())
        }

    return take


def test_nothing_is_left_behind(databases, make_database, run_odoo, odoo_shell, snapshot):
    available = addons.ours()
    modules = addons.closure(available, available)
    database = make_database(template=databases.template(addons.foundation(available, available)))
    structure, counts = snapshot(database)
    names = set(databases.query(NAMES, database).splitlines())

    install(run_odoo, database, modules)
    assert set(modules) <= set(installed(databases, database))
    uninstall(odoo_shell, database, modules)
    assert not set(modules) & set(installed(databases, database))

    structure_after, counts_after = snapshot(database)
    assert sorted(structure_after - structure) == []
    assert sorted(structure - structure_after) == []
    left = {
        table: f"{counts.get(table, 0)} → {counts_after.get(table, 0)}"
        for table in counts.keys() | counts_after.keys()
        if counts.get(table, 0) != counts_after.get(table, 0)
    }
    assert left == {}
    new_names = set(databases.query(NAMES, database).splitlines()) - names
    assert [name for name in new_names if name.split()[0] not in FORGOTTEN_BY_CORE] == []
    assert parameters(databases, database) == ""

    install(run_odoo, database, modules)
    assert set(modules) <= set(installed(databases, database))


def install(run_odoo, database, modules):
    result = run_odoo(database, "-i", ",".join(modules))
    assert result.status == 0, result.file
    assert result.log.complaints == []


def uninstall(odoo_shell, database, modules):
    odoo_shell(
        database,
        "modules = env['ir.module.module'].search("
        f"[('name', 'in', {modules!r}), ('state', '=', 'installed')])\n"
        "modules.button_immediate_uninstall()\n",
    )


def installed(databases, database):
    sql = "SELECT name FROM ir_module_module WHERE state = 'installed'"
    return databases.query(sql, database).split()


def parameters(databases, database):
    """Return the keys of our settings."""
    return databases.query(
        "SELECT key FROM ir_config_parameter WHERE key LIKE 'hr\\_performance%'", database
    )
