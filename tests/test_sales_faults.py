"""Closing and paying a sales period, killed and doubled, by real processes."""

import random

import pytest
from devkit.databases import unique_name
from test_faults import Stage

#: As many people in the three companies, which are named after their number.
PEOPLE = (400, 401, 402)
DEALS = 8_000
#: After which step of closing the process is killed: nothing of it is committed by then.
MOMENTS = ("_sync_results", "_refresh", "_issue", "_close")


@pytest.fixture(scope="module")
def stage(databases):
    """A database with two processes on it, and three periods of three companies to be closed."""
    database = unique_name()
    databases.copy(databases.installed(["hr_performance_sales"]), database)
    stage = Stage(databases, database)
    try:
        first = stage.actor()
        stage.periods = [
            first.ask("add_sales_period", people=people, deals=DEALS) for people in PEOPLE
        ]
        stage.pair = [first, stage.actor()]
        yield stage
        for actor in stage.pair:
            actor.close()
    finally:
        databases.drop(database)


def look(stage, period):
    """State of a period, its statements, their lines, and the credits that these count."""
    ((state, *numbers),) = stage.query(
        f"""SELECT period.state, (SELECT count(*) FROM hr_performance_sales_statement s
                                   WHERE s.period_id = period.id),
                   count(line.id), count(DISTINCT line.credit_id)
              FROM hr_performance_sales_period period
         LEFT JOIN hr_performance_sales_statement_line line ON line.period_id = period.id
             WHERE period.id = {period} GROUP BY period.id"""
    )
    return state, *map(int, numbers)


def both(stage, do, period, **options):
    """What the two processes answer that do the same at once."""
    for actor in stage.pair:
        actor.send(do, period=period, delay=random.uniform(0, 0.05), **options)
    return [actor.receive() for actor in stage.pair]


def test_closing_killed_at_any_moment_is_all_or_nothing(stage):
    period = stage.periods[0]
    for moment in MOMENTS:
        victim = stage.actor()
        victim.send("close_sales", period=period, die_after=moment)
        assert victim.process.wait(timeout=60) == -9, moment
        victim.close()
        assert look(stage, period) == ("open", 0, 0, 0), moment
    assert stage.pair[0].ask("close_sales", period=period)
    assert look(stage, period) == ("closed", PEOPLE[0], DEALS, DEALS)


def test_two_workers_close_once(stage):
    period = stage.periods[1]
    answers = both(stage, "close_sales", period)
    assert sorted(map(str, answers)) == ["{'answer': False}", "{'answer': True}"], answers
    assert look(stage, period) == ("closed", PEOPLE[1], DEALS, DEALS)
    assert stage.deadlocks() == 0


def test_two_refreshes_at_once_tell_everybody_once(stage):
    period = stage.periods[2]
    answers = both(stage, "tell_sales", period, day="2026-03-30")
    assert all(reply.get("answer") for reply in answers), answers
    ((told, people, above),) = stage.query(
        f"""SELECT count(*), count(DISTINCT user_id),
                   (SELECT count(*) FILTER (WHERE is_above) FROM hr_performance_sales_result
                     WHERE period_id = {period})
              FROM hr_performance_message"""
    )
    assert int(told) == int(people) >= int(above) > 0
    assert stage.deadlocks() == 0


def test_two_payouts_at_once_pay_once(stage):
    period = stage.periods[2]
    assert stage.pair[0].ask("close_sales", period=period)
    stage.query(
        f"UPDATE hr_performance_sales_period SET state = 'approved' WHERE id = {period} RETURNING 1"
    )
    answers = both(stage, "pay_sales", period)
    assert sum("answer" in answer for answer in answers) == 1, answers
    ((paid, owed),) = stage.query(
        f"""SELECT sum(payout.amount), (SELECT sum(total) FROM hr_performance_sales_statement
                                         WHERE period_id = {period})
              FROM hr_performance_sales_payout payout
              JOIN hr_performance_sales_statement s ON s.id = payout.statement_id
             WHERE s.period_id = {period}"""
    )
    assert float(paid) == float(owed) > 0
