"""Sales plans: where everybody stands, one win, eight winners at once, closing a month.

The reference of *compute* is one plain query over the same rows: the totals of everybody, the
median of each group by ``percentile_cont``, gap, place and reward, its rows fetched. That of *with
writing* updates the same columns of the same table from this query. For *eight winners* it is the
same request with a plain insert in the place of the ledger.
"""

import threading
import time

import dataset
from harness import Row, exponent, ratio
from meter import Meter
from psycopg2 import errors

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

PER_GROUP = 10
SELLERS = 8
WINS = 40
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
    yield Row("one win", size, "ledger", win["wall"] * 1000, 10, unit="ms")
    yield Row("one win", size, "rows of others written", win["others"], 0)
    race = bench.child("bench_sales.race", **scope)
    yield Row("eight winners at once", size, "plain ÷ ours", race["ratio"], 1 / 0.8)
    yield Row("eight winners at once", size, "retries a win", race["retries"], 0.05)
    # As many deals of the month for each person as in the large company.
    few = people // 10
    own = bench.child(
        "bench_sales.prepare", people=few, deals=few * deals // people // 24, months=1
    )
    costs = {
        few: bench.child("bench_sales.close", **own),
        people: bench.child("bench_sales.close", **scope),
    }
    yield Row("close a month", size, "growth exponent", exponent(costs), 1.1)
    yield Row("close a month", size, "seconds", costs[people]["cpu"], unit="s")


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


def _measure(env, period, once, calls=3):
    total = {}
    for number in range(calls + 1):
        env.cr.execute(RESET, [period])
        env.cr.commit()
        with Meter(env.cr) as meter:
            once()
            env.cr.commit()
        if number:  # the first one warms up
            for key, value in meter.cost.as_dict().items():
                total[key] = total.get(key, 0) + value / calls
    return total


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
    leads = _add_leads(env, company, 12)
    stage = env["crm.stage"].search([("is_won", "=", True)], limit=1)
    leads.write({"stage_id": stage.id})
    env.cr.execute("SELECT max(computed_on) FROM hr_performance_sales_result")
    before = env.cr.fetchone()
    env.cr.execute("DELETE FROM hr_performance_sales_credit WHERE res_id > 0")
    env.cr.commit()
    queries, walls = [], []
    for lead in leads:
        lead.mapped("won_status")
        count, started = env.cr.sql_log_count, time.perf_counter()
        lead._record_credits()
        walls.append(time.perf_counter() - started)
        queries.append(env.cr.sql_log_count - count)
    env.cr.commit()
    env.cr.execute("SELECT count(*) FROM hr_performance_sales_credit WHERE res_id > 0")
    if env.cr.fetchone()[0] != len(leads):
        raise AssertionError("the deals were not credited")
    env.cr.execute("SELECT max(computed_on) FROM hr_performance_sales_result")
    others = int(env.cr.fetchone() != before)
    return {"queries": max(queries[1:]), "wall": sorted(walls)[len(walls) // 2], "others": others}


def race(env, company, period):
    """Eight sellers of one group win deals at once, with the ledger and with a plain insert."""
    rates = {}
    retries = 0
    for plain in (True, False, True, False):
        leads = _add_leads(env, company, SELLERS * WINS)
        env.cr.commit()
        failed = []
        started = time.monotonic()
        threads = [
            threading.Thread(
                target=_win_all, args=(env.cr.dbname, leads.ids[n::SELLERS], plain, failed)
            )
            for n in range(SELLERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rates[plain] = max(rates.get(plain, 0), len(leads) / (time.monotonic() - started))
        if not plain:
            retries += len(failed)
    return {"ratio": rates[True] / rates[False], "retries": retries / (2 * SELLERS * WINS)}


def _win_all(database, ids, plain, failed):
    """Win deals one by one, each in a transaction of its own, tried again on conflicts."""
    for lead_id in ids:
        for _attempt in range(5):
            with Registry(database).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
                try:
                    _win(env, lead_id, plain)
                    cr.commit()
                    break
                except CONFLICTS as error:
                    cr.rollback()
                    failed.append(error)


def _win(env, lead_id, plain):
    lead = env["crm.lead"].browse(lead_id)
    lead.env.cr.execute(
        "UPDATE crm_lead SET won_status = 'won', probability = 100, date_closed = now() AT TIME"
        " ZONE 'UTC', stage_id = (SELECT min(id) FROM crm_stage WHERE is_won) WHERE id = %s",
        [lead_id],
    )
    if plain:
        lead.mapped("won_status")
        env.cr.execute(
            """INSERT INTO hr_performance_sales_credit
                      (basis, cause, date, company_id, user_id, res_model, res_id, line_ref, number)
               SELECT 'won', 'won', date_closed, company_id, user_id, 'crm.lead', -id, 'won', 1
                 FROM crm_lead WHERE id = %s""",
            [lead_id],
        )
    else:
        lead._record_credits()


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
