"""Checks that the reference and the engine did the same work."""

from odoo.tools import SQL

#: Where a row came from, not what it says.
ORIGIN = {"id", "cycle_id", "review_id", "create_uid", "write_uid", "create_date", "write_date"}


def assert_same_rows(env, table, plain_cycle, our_cycle, but=()):
    """Fail unless both cycles have the same rows, apart from the columns ``but``."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
    )
    columns = sorted({row[0] for row in env.cr.fetchall()} - ORIGIN - set(but))
    names = SQL(", ").join(map(SQL.identifier, columns))
    rows = SQL("SELECT %s FROM %s WHERE cycle_id = ", names, SQL.identifier(table))
    different = [
        env.execute_query(
            SQL(
                "%(rows)s %(a)s EXCEPT ALL %(rows)s %(b)s ORDER BY %(key)s LIMIT 1",
                rows=rows,
                a=first,
                b=second,
                key=SQL.identifier("employee_id"),
            )
        )
        for first, second in ((plain_cycle, our_cycle), (our_cycle, plain_cycle))
    ]
    if any(different):
        examples = [dict(zip(columns, row, strict=True)) for rows in different for row in rows]
        unlike = [
            {key: value for key, value in example.items() if len({e[key] for e in examples}) > 1}
            for example in examples
        ]
        raise AssertionError(f"{table}: the two sides differ, for example in {unlike}")
