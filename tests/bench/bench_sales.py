"""Sales plans: where everybody stands, one win, eight winners at once, closing a month.

The reference of *compute* is one plain query over the same rows: the totals of everybody, the
median of each group by ``percentile_cont``, gap, place and reward, its rows fetched. That of *with
writing* updates the same columns of the same table from this query. For *eight winners*, eight
processes of which each moves its opportunities to the stage of the won ones, it is the same request
with a plain insert of one row in the place of the ledger. Core's lead scoring is left out of both:
it counts wins on rows that all salespeople of a team share, and conflicts by itself. How the ledger
compares with the bare insert, without the request around it, is told beside it.
"""

import multiprocessing
import statistics
import time

import dataset
from harness import Row, exponent, ratio
from meter import Meter
from psycopg2 import errors

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

PER_GROUP = 10
SELLERS = 8
WINS = 25
#: What the winners do in each round: the request with a plain insert and with the ledger, and the
#: same two without the request around them. The first round warms up.
KINDS = ("ours", *("append", "ours", "insert", "ledger") * 3)
START, END = "2026-02-28 16:00:00", "2026-03-31 16:00:00"  # March in Shanghai
CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
#: What a plan that pays a tenth of what is above the median of groups of five says in SQL.
PLAIN = """
    WITH total AS (
             SELECT r.id, r.group_ref, r.minimum, COALESCE(t.amount, 0) AS amount
               FROM hr_performance_sales_result r
          LEFT JOIN (SELECT employee_id, SUM(amount_untaxed) AS amount
                       FROM hr_performance_sales_credit
                      WHERE company_id = %(company)s AND basis = 'won'
                        AND date >= %(start)s AND date < %(end)s
                   GROUP BY employee_id) t ON t.employee_id = r.employee_id
              WHERE r.period_id = %(period)s),
         line AS (
             SELECT group_ref, percentile_cont(0.5) WITHIN GROUP (ORDER BY amount)::numeric AS line,
                    COUNT(*) AS size
               FROM total GROUP BY group_ref HAVING COUNT(*) >= 5)
    SELECT t.id, t.amount, l.line, l.size, t.amount - l.line AS gap,
           rank() OVER (PARTITION BY t.group_ref ORDER BY t.amount DESC) AS rank,
           t.amount >= t.minimum AS meets, t.amount >= t.minimum AND t.amount > l.line AS above,
           CASE WHEN t.amount >= t.minimum AND t.amount > l.line
                THEN round((t.amount - l.line) / 10, 2) ELSE 0 END AS reward
      FROM total t LEFT JOIN line l ON l.group_ref = t.group_ref
"""
PLAIN_UPDATE = f"""
    UPDATE hr_performance_sales_result r
       SET amount = n.amount, compared = n.amount, line = n.line, has_line = n.line IS NOT NULL,
           line_size = n.size, basis = 'own', gap = n.gap, rank = n.rank, rank_count = n.size,
           meets_minimum = n.meets, is_above = n.above, helped = 0, reward = n.reward,
           pool_reward = 0, total = n.reward, computed_on = now()
      FROM ({PLAIN}) n WHERE n.id = r.id
"""
WIN = """UPDATE crm_lead
            SET won_status = 'won', probability = 100, date_closed = now() AT TIME ZONE 'UTC',
                stage_id = (SELECT min(id) FROM crm_stage WHERE is_won)
          WHERE id = %s"""
RESET = "UPDATE hr_performance_sales_result SET amount = -1, total = 0 WHERE period_id = %s"


def run(bench):
    """Measure, and yield the results."""
    people, deals = (1000, 100_000) if bench.small else (10_000, 1_000_000)
    scope = bench.child("bench_sales.prepare", people=people, deals=deals)
    bench.child("bench_sales.check", **scope)
    title, size = f"stand of {deals:,} deals", f"{people:,}"
    for store, bound, stretch in ((False, 3, 1.5), (True, 2.5, 1.5)):
        measure = "with writing" if store else "compute"
        plain = bench.best("bench_sales.stand_plainly", 3, **scope, store=store)
        ours = bench.best("bench_sales.stand", 3, **scope, store=store)
        yield ratio(title, size, plain, ours, bound, stretch, f"{measure}: ours ÷ plain")
        yield Row(title, size, f"{measure}: queries", ours["queries"], 15)
        yield Row(title, size, f"{measure}: memory", ours["memory"], 100, unit="MB")
    win = bench.child("bench_sales.win", **scope)
    yield Row("one win", size, "queries of the ledger", win["queries"], 6, 3)
    yield Row("one win", size, "ledger", win["cpu"] * 1000, 10, unit="ms")
    yield Row("one win", size, "rows of others written", win["others"], 0)
    race = bench.child("bench_sales.race", **scope)
    yield Row("eight winners at once", size, "append ÷ ours: rate", race["rate"], 1 / 0.8, unit="×")
    yield Row("eight winners at once", size, "ours ÷ append: cpu", race["cpu"], 1 / 0.8, unit="×")
    yield Row("eight winners at once", size, "ledger ÷ bare insert: cpu", race["bare"], unit="×")
    yield Row("eight winners at once", size, "wins a second", race["wins"])
    yield Row("eight winners at once", size, "retries a win", race["retries"], 0.05, 0)
    yield Row("eight winners at once", size, "deadlocks", race["deadlocks"], 0)
    yield from _close_both(bench, people, deals)


def _close_both(bench, people, deals):
    """A month of as many people, and of ten times as many, with as many deals for each."""
    title, costs = "close a month", {}
    for count in (people, 10 * people):
        month = count * deals // people // 24
        with bench.own_copy():
            scope = bench.child("bench_sales.prepare", people=count, deals=month, months=1)
            costs[count] = bench.child("bench_sales.close", **scope)
        yield Row(title, f"{count:,}", "queries", costs[count]["queries"])
        yield Row(title, f"{count:,}", "memory", costs[count]["memory"], unit="MB")
        yield Row(title, f"{count:,}", "processor seconds", costs[count]["cpu"], unit="s")
    yield Row(title, f"{people:,} → {10 * people:,}", "growth exponent", exponent(costs), 1.1)


def prepare(env, people, deals, months=24):
    return dataset.add_sales_period(env, people, deals, months, PER_GROUP)


def stand_plainly(env, company, period, store):
    values = {"company": company, "period": period, "start": START, "end": END}

    def once():
        env.cr.execute(PLAIN_UPDATE if store else PLAIN, values)
        if not store:
            env.cr.fetchall()

    return _measure(env, period, once)


def stand(env, company, period, store):
    record = env["hr.performance.sales.period"].browse(period)

    def once():
        env.invalidate_all()
        record._refresh() if store else record._get_standings()
        env.flush_all()

    return _measure(env, period, once)


def _measure(env, period, once):
    """The mean of as many calls as the clock of the backend, which ticks every 10 ms, asks for."""
    costs = []
    while len(costs) < 4 or sum(cost["cpu"] for cost in costs[1:]) < 1:
        env.cr.execute(RESET, [period])
        env.cr.commit()
        with Meter(env.cr) as meter:
            once()
            env.cr.commit()
        costs.append(meter.cost.as_dict())
    counted = costs[1:]  # the first one warms up
    return {key: sum(cost[key] for cost in counted) / len(counted) for key in counted[0]}


def check(env, company, period):
    """Fail unless both sides say the same of everybody."""
    columns = "amount, round(line, 4), line_size, gap, rank, meets_minimum, is_above, total"
    rows = []
    for function in (stand_plainly, stand):
        function(env, company, period, store=True)
        env.cr.execute(
            f"SELECT {columns} FROM hr_performance_sales_result WHERE period_id = %s ORDER BY id",
            [period],
        )
        rows.append(env.cr.fetchall())
    unlike = [pair for pair in zip(*rows, strict=True) if pair[0] != pair[1]]
    if unlike:
        raise AssertionError(f"{len(unlike)} of {len(rows[0])} differ: {unlike[:1]}")


def win(env, company, period):
    """What the ledger adds to a request in which a deal is won: queries and time of one call."""
    leads = _add_leads(env, company, 24)
    with_ledger = type(leads)._record_credits
    try:
        type(leads)._record_credits = lambda leads, gone=False: None
        leads.write({"stage_id": _get_won_stage(env).id})
    finally:
        type(leads)._record_credits = with_ledger
    env.cr.commit()
    before = _get_written(env)
    queries, costs = [], []
    for lead in leads:
        lead.mapped("won_status")
        with Meter(env.cr) as meter:
            started = time.process_time()
            lead._record_credits()
            spent = time.process_time() - started
        queries.append(meter.cost.queries)
        # The backend's clock has a tick of 10 ms: what it spends is measured over all of them.
        costs.append((spent, meter.cost.cpu - spent))
    written = {
        table: rows for table, rows in _get_written(env).items() if rows != before.get(table)
    }
    env.cr.commit()
    added = {table: rows[0] for table, rows in written.items()}
    if added != {
        "hr_performance_sales_credit": len(leads),
        "hr_performance_sales_mark": len(leads),
    }:
        raise AssertionError(f"a win wrote {written}")
    client = statistics.median(spent for spent, _backend in costs[1:])
    backend = sum(backend for _spent, backend in costs) / len(costs)
    others = sum(changed for _added, changed in written.values())
    return {"queries": max(queries[1:]), "cpu": client + backend, "others": others}


def _get_written(env):
    """``{table: (rows added, rows changed or deleted)}`` by this connection."""
    env.cr.execute(
        """SELECT relname, n_tup_ins, n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
            WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"""
    )
    return {table: (added, changed) for table, added, changed in env.cr.fetchall()}


def race(env, company, period):
    """Eight sellers of one group win deals at once, each a process, with the ledger and without."""
    context = multiprocessing.get_context("fork")
    type(env["crm.lead"])._pls_increment_frequencies = lambda leads, *states, **options: None
    leads = _add_leads(env, company, SELLERS * WINS * len(KINDS))
    env.cr.commit()
    batches = [leads.ids[n :: len(KINDS)] for n in range(len(KINDS))]
    barrier, answers = context.Barrier(SELLERS), context.Queue()
    sellers = [
        context.Process(target=_sell, args=(env.cr.dbname, number, batches, barrier, answers))
        for number in range(SELLERS)
    ]
    for seller in sellers:
        seller.start()
    rounds = [[] for _batch in batches]
    for _answer in range(SELLERS * len(batches)):
        number, *found = answers.get(timeout=600)
        rounds[number].append(found)
    for seller in sellers:
        seller.join()
    by_kind = {kind: rounds[1 + n :: 4] for n, kind in enumerate(KINDS[1:5])}  # one warmed up
    wins = SELLERS * WINS
    rates = {kind: wins / min(map(_get_seconds, some)) for kind, some in by_kind.items()}
    cpu = {
        kind: min(sum(found[2] for found in one) for one in some) for kind, some in by_kind.items()
    }
    failed = [name for one in by_kind["ours"] for found in one for name in found[3]]
    return {
        "rate": rates["append"] / rates["ours"],
        "cpu": cpu["ours"] / cpu["append"],
        "bare": cpu["ledger"] / cpu["insert"],
        "wins": rates["ours"],
        "retries": len(failed) / (wins * len(by_kind["ours"])),
        "deadlocks": failed.count("DeadlockDetected"),
    }


def _get_seconds(found):
    return max(end for _start, end, *_more in found) - min(start for start, *_more in found)


def _sell(database, number, batches, barrier, answers):
    """The process of one seller: wins his part of each batch when all others do."""
    sql_db._Pool = None  # connections are the parent's
    registry = Registry(database)
    with registry.cursor() as cr:
        for round_number, ids in enumerate(batches):
            own = ids[number::SELLERS]
            kind = KINDS[round_number]
            barrier.wait()
            start, failed = time.monotonic(), []
            with Meter(cr) as meter:
                for lead_id in own:
                    _win(cr, lead_id, kind, failed)
            answers.put((round_number, start, time.monotonic(), meter.cost.cpu, failed))


def _win(cr, lead_id, kind, failed):
    """Win a deal in a transaction of its own, as a request does: tried again on conflicts."""
    for _attempt in range(5):
        env = api.Environment(cr, SUPERUSER_ID, {})
        try:
            lead = env["crm.lead"].browse(lead_id)
            if kind in ("append", "ours"):
                quiet = lead.with_context(performance_shares_pending=kind == "append")
                quiet.write({"stage_id": _get_won_stage(env).id})
            else:
                cr.execute(WIN, [lead_id])
            if kind == "ledger":
                lead._record_credits()
            elif kind != "ours":
                _append(env, lead_id)
            env.flush_all()
            cr.commit()
            return
        except CONFLICTS as error:
            cr.rollback()
            failed.append(type(error).__name__)


def _append(env, lead_id):
    """The least that a ledger could do: one row, whatever it says."""
    env.flush_all()
    env.cr.execute(
        """INSERT INTO hr_performance_sales_credit
                  (basis, cause, date, company_id, user_id, res_model, res_id, line_ref, number)
           SELECT 'won', 'won', date_closed, company_id, user_id, 'crm.lead', -id, 'won', 1
             FROM crm_lead WHERE id = %s""",
        [lead_id],
    )


def _get_won_stage(env):
    return env["crm.stage"].search([("is_won", "=", True)], limit=1)


def _add_leads(env, company, count):
    """Open deals of the people of one group."""
    employees = env["hr.employee"].search([("company_id", "=", company)], order="id")
    group = employees[:: max(len(employees) // PER_GROUP, 1)][:SELLERS]
    quiet = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
    return (
        env["crm.lead"]
        .with_context(**quiet)
        .create(
            [
                {
                    "name": f"Lead {number}",
                    "type": "opportunity",
                    "company_id": company,
                    "team_id": False,
                    "user_id": group[number % len(group)].user_id.id,
                    "expected_revenue": 1000 + number,
                }
                for number in range(count)
            ]
        )
    )


def close(env, company, period):
    """Close a month."""
    record = env["hr.performance.sales.period"].browse(period)
    with Meter(env.cr) as meter:
        record._close()
        env.cr.commit()
    if record.state != "closed" or len(record.statement_ids) != len(record.result_ids):
        raise AssertionError("not everybody has a statement")
    return meter.cost.as_dict()
