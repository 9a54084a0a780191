"""Closing and paying a sales period, killed and doubled, by real processes."""

import os
import random
import time

import pytest
from devkit.databases import unique_name
from test_faults import Stage

pytestmark = pytest.mark.skipif(not os.environ.get("FAULTS"), reason="set FAULTS=1 to run them")

PEOPLE = 2000
DEALS = 40_000
FIGURES = "employee_id, amount, minimum, line, rank, total"


@pytest.fixture(scope="module")
def prepared(databases):
    """A database with a period that can be closed."""
    database = unique_name()
    databases.copy(databases.installed(["hr_performance_sales"]), database)
    stage = Stage(databases, database)
    try:
        period = stage.actor().ask("add_sales_period", people=PEOPLE, deals=DEALS)
        stage.actors[0].close()
        yield database, period
    finally:
        databases.drop(database)


@pytest.fixture
def stage(databases, make_database, prepared):
    """A copy of that database, with the period."""
    stage = Stage(databases, make_database(template=prepared[0]))
    stage.period = prepared[1]
    yield stage
    for actor in stage.actors:
        actor.close()


def counts(stage):
    """Statements, lines, and credits that are counted."""
    (row,) = stage.query(
        "SELECT (SELECT count(*) FROM hr_performance_sales_statement),"
        " (SELECT count(*) FROM hr_performance_sales_statement_line),"
        " (SELECT count(DISTINCT credit_id) FROM hr_performance_sales_statement_line)"
    )
    return tuple(map(int, row))


def figures(stage):
    return stage.query(f"SELECT {FIGURES} FROM hr_performance_sales_statement ORDER BY employee_id")


def state(stage):
    return stage.query("SELECT state FROM hr_performance_sales_period")[0][0]


def test_closing_killed_at_any_moment_is_all_or_nothing(stage):
    worker = stage.actor()
    started = time.monotonic()
    seen = set()
    for _number in range(6):
        victim = stage.actor()
        victim.send("close_sales", period=stage.period)
        time.sleep(random.uniform(0.05, 1.5))
        victim.kill()
        seen.add(counts(stage))
        if state(stage) == "closed":
            break
    assert time.monotonic() - started < 300
    worker.ask("close_sales", period=stage.period)
    statements, lines, credits = counts(stage)
    assert (statements, state(stage)) == (PEOPLE, "closed")
    assert lines == credits > 0
    assert seen <= {(0, 0, 0), (statements, lines, credits)}, seen


def test_two_workers_close_once(stage):
    workers = [stage.actor(), stage.actor()]
    for worker in workers:
        worker.send("close_sales", period=stage.period, delay=random.uniform(0, 0.05))
    answers = sorted(worker.receive().get("answer", False) for worker in workers)
    assert answers == [False, True], answers
    statements, lines, credits = counts(stage)
    assert (statements, lines) == (PEOPLE, credits)
    assert stage.deadlocks() == 0
    assert len(figures(stage)) == PEOPLE


def test_two_payouts_at_once_pay_once(stage):
    payers = [stage.actor(), stage.actor()]
    payers[0].ask("close_sales", period=stage.period)
    stage.query("UPDATE hr_performance_sales_period SET state = 'approved' RETURNING id")
    for payer in payers:
        payer.send("pay_sales", period=stage.period, delay=random.uniform(0, 0.05))
    answers = [payer.receive() for payer in payers]
    assert sum("answer" in answer for answer in answers) == 1, answers
    paid, owed = stage.query(
        "SELECT (SELECT sum(amount) FROM hr_performance_sales_payout),"
        " (SELECT sum(total) FROM hr_performance_sales_statement)"
    )[0]
    assert float(paid) == float(owed) > 0


def test_two_refreshes_at_once_tell_everybody_once(stage):
    workers = [stage.actor(), stage.actor()]
    for worker in workers:
        worker.send(
            "tell_sales", period=stage.period, day="2026-03-30", delay=random.uniform(0, 0.05)
        )
    assert all(worker.receive().get("answer") for worker in workers)
    told, people, above = map(
        int,
        stage.query(
            "SELECT count(*), count(DISTINCT user_id), (SELECT count(*) FILTER (WHERE is_above)"
            " FROM hr_performance_sales_result) FROM hr_performance_message"
        )[0],
    )
    assert told == people >= above > 0
    assert stage.deadlocks() == 0
