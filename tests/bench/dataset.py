"""Generated data, by plain SQL: creating an employee by the ORM takes 47 ms.

Every function takes an Odoo environment of the superuser and leaves the commit to its
caller. The numbers are made from the row numbers, so two runs are alike.
"""

import calendar
from datetime import date

from odoo.fields import Command
from odoo.tools import SQL

PERIOD = (date(2026, 3, 1), date(2026, 3, 31))
METRICS = 5
PEOPLE_PER_DEPARTMENT = 50
PEOPLE_TABLES = (
    "res_partner",
    "res_users",
    "res_company_users_rel",
    "hr_department",
    "hr_employee",
    "hr_version",
)


def add_company(env, people: int, per_department=PEOPLE_PER_DEPARTMENT):
    """Create a company with departments, jobs and ``people`` employees; return it.

    Each department is led by its first employee, who answers to the first of all. Everybody has
    a login.
    """
    company = env["res.company"].create({"name": f"Bench {people}"})
    departments = max(1, people // per_department)
    _add_departments(env, company, departments)
    env["hr.job"].create(
        [{"name": f"Job {number}", "company_id": company.id} for number in range(5)]
    )
    _add_employees(env, company, people)
    _appoint_managers(env, company)
    env.registry.clear_all_caches()
    env.invalidate_all()
    return company


def _add_departments(env, company, count):
    env.cr.execute(
        SQL(
            """INSERT INTO hr_department (name, active, company_id)
               SELECT jsonb_build_object('en_US', 'Department ' || n), TRUE, %s
                 FROM generate_series(1, %s) n""",
            company.id,
            count,
        )
    )
    env.cr.execute(
        SQL(
            """UPDATE hr_department SET parent_path = id || '/', master_department_id = id
                WHERE company_id = %s""",
            company.id,
        )
    )


def _add_employees(env, company, count):
    """Add contacts, users, resources, employees and their first versions, in this order."""
    # Required where accounting is installed, and without a default in the database.
    if "autopost_bills" in env["res.partner"]._fields:
        env.cr.execute("ALTER TABLE res_partner ALTER COLUMN autopost_bills SET DEFAULT 'ask'")
    own = {"company": company.id, "prefix": f"bench{company.id}_", "count": count}
    for statement in (
        """INSERT INTO res_partner (name, complete_name, active, type, partner_share)
           SELECT %(prefix)s || n, %(prefix)s || n, TRUE, 'contact', FALSE
             FROM generate_series(1, %(count)s) n""",
        """INSERT INTO res_users (login, partner_id, company_id, active, share, notification_type)
           SELECT name, id, %(company)s, TRUE, FALSE, 'inbox' FROM res_partner
            WHERE name LIKE %(prefix)s || '%%' ORDER BY id""",
        """INSERT INTO res_company_users_rel (cid, user_id)
           SELECT %(company)s, id FROM res_users WHERE login LIKE %(prefix)s || '%%'""",
        """INSERT INTO resource_resource
                  (name, user_id, company_id, resource_type, tz, time_efficiency, active)
           SELECT login, id, %(company)s, 'user', 'Asia/Shanghai', 100, TRUE FROM res_users
            WHERE login LIKE %(prefix)s || '%%' ORDER BY id""",
        """INSERT INTO hr_employee
                  (name, resource_id, user_id, company_id, work_contact_id, active)
           SELECT r.name, r.id, r.user_id, %(company)s, u.partner_id, TRUE
             FROM resource_resource r JOIN res_users u ON u.id = r.user_id
            WHERE r.company_id = %(company)s ORDER BY r.id""",
        """WITH d AS (SELECT array_agg(id ORDER BY id) ids FROM hr_department
                       WHERE company_id = %(company)s),
                j AS (SELECT array_agg(id ORDER BY id) ids FROM hr_job
                       WHERE company_id = %(company)s),
                e AS (SELECT id, row_number() OVER (ORDER BY id)::int - 1 n FROM hr_employee
                       WHERE company_id = %(company)s)
           INSERT INTO hr_version
                  (employee_id, company_id, department_id, job_id, date_version, active, marital,
                   employee_type, distance_home_work_unit, hr_responsible_id, last_modified_uid,
                   last_modified_date)
           SELECT e.id, %(company)s, d.ids[1 + e.n %% cardinality(d.ids)],
                  j.ids[1 + e.n %% cardinality(j.ids)], '2020-01-01', TRUE, 'single', 'employee',
                  'kilometers', 1, 1, now()
             FROM e, d, j""",
    ):
        env.cr.execute(statement, own)


def _appoint_managers(env, company):
    own = {"company": company.id}
    for statement in (
        """UPDATE hr_employee e SET current_version_id = v.id FROM hr_version v
            WHERE v.employee_id = e.id AND e.company_id = %(company)s""",
        """UPDATE hr_department d SET manager_id = h.employee_id
             FROM (SELECT department_id, min(employee_id) employee_id FROM hr_version
                    WHERE company_id = %(company)s GROUP BY department_id) h
            WHERE h.department_id = d.id""",
        """UPDATE hr_employee e
              SET parent_id = CASE WHEN d.manager_id = e.id THEN top.id ELSE d.manager_id END
             FROM hr_version v, hr_department d,
                  (SELECT min(id) id FROM hr_employee WHERE company_id = %(company)s) top
            WHERE v.id = e.current_version_id AND d.id = v.department_id
              AND e.company_id = %(company)s AND e.id <> top.id""",
    ):
        env.cr.execute(statement, own)


def add_template(env, company):
    """Create metrics whose values come from imported rows, and a ready template of them."""
    metrics = env["hr.performance.metric"].create(
        [
            {
                "name": f"Metric {number}",
                "code": f"bench_{company.id}_{number}",
                "company_id": company.id,
                "source": "fact",
                "aggregate": "sum",
                "unit": "count",
            }
            for number in range(METRICS)
        ]
    )
    template = env["hr.performance.template"].create(
        {
            "name": "Everybody",
            "company_id": company.id,
            "scale_id": env["hr.performance.scale"].search([], limit=1).id,
            "line_ids": [
                Command.create({"metric_id": metric.id, "weight": 20, "target": 100, "cap": 120})
                for metric in metrics
            ],
        }
    )
    template.action_set_ready()
    return template


def add_cycle(env, company, period=PERIOD):
    """Create a programme without steps, and its cycle of ``period``."""
    program = env["hr.performance.program"].create(
        {
            "name": "Bench",
            "company_id": company.id,
            "date_start": period[0],
            "step_ids": [Command.clear()],
        }
    )
    return env["hr.performance.cycle"].create(
        {"program_id": program.id, "date_from": period[0], "date_to": period[1]}
    )


def add_leads(env, company, count):
    """Add leads of 24 months to a company's people: 35 of 100 are won.

    Owners and amounts, between 1,000 and 100,000, are spread evenly.
    """
    env.cr.execute(
        SQL(
            """WITH u AS (SELECT array_agg(user_id ORDER BY id) ids FROM hr_employee
                           WHERE company_id = %(company)s),
                    s AS (SELECT min(id) FILTER (WHERE is_won IS NOT TRUE) open,
                                 min(id) FILTER (WHERE is_won) won FROM crm_stage),
                    n AS (SELECT n, hash, hash %% 100 < 35 AS won, timestamp '2024-04-01'
                                 + (n * 1051200.0 / %(count)s) * interval '1 minute' AS made
                            FROM generate_series(1, %(count)s) n,
                                 LATERAL (SELECT hashint4(n) & 2147483647 AS hash) h)
               INSERT INTO crm_lead
                      (name, type, active, company_id, user_id, stage_id, won_status, priority,
                       expected_revenue, probability, create_date, write_date, date_open,
                       date_closed, date_last_stage_update)
               SELECT 'Lead ' || n.n, 'opportunity', TRUE, %(company)s,
                      u.ids[1 + n.hash / 100 %% cardinality(u.ids)],
                      CASE WHEN n.won THEN s.won ELSE s.open END,
                      CASE WHEN n.won THEN 'won' ELSE 'pending' END, '0',
                      1000 + n.hash %% 99001, CASE WHEN n.won THEN 100 ELSE 20 END,
                      n.made, n.made, n.made, CASE WHEN n.won THEN n.made END, n.made
                 FROM n, u, s""",
            company=company.id,
            count=count,
        )
    )


def add_review_history(env, company, cycles):
    """Add ``cycles`` monthly cycles of everybody: all closed but the last, which runs.

    The reviews of the last one are spread over the states; each has a task.
    """
    template = add_template(env, company)
    first = _add_months(PERIOD[0], 1 - cycles)
    program = add_cycle(env, company, _month(first)).program_id
    for number in range(1, cycles):
        start, end = _month(_add_months(first, number))
        env["hr.performance.cycle"].create(
            {"program_id": program.id, "date_from": start, "date_to": end}
        )
    env.flush_all()
    _insert_history(env, program, template)
    last = program.cycle_ids.sorted("date_from")[-1]
    (program.cycle_ids - last).sudo().write({"state": "closed"})
    last.sudo().write({"state": "open"})
    env.flush_all()
    _insert_tasks(env, last)
    return last


def _insert_history(env, program, template):
    own = {"program": program.id, "template": template.id, "company": program.company_id.id}
    env.cr.execute(
        """INSERT INTO hr_performance_review
                  (cycle_id, company_id, date_from, date_to, employee_id, department_id, job_id,
                   manager_id, template_id, participation, state, deadline, priority, total,
                   base_total, scored, coverage, missing_count, blocked, create_uid, create_date)
           SELECT c.id, c.company_id, c.date_from, c.date_to, e.id, v.department_id, v.job_id,
                  e.parent_id, %(template)s, 1,
                  CASE WHEN c.date_to < '2026-03-31' THEN 'closed'
                       ELSE (ARRAY['goal', 'progress', 'progress', 'self', 'manager', 'calibration',
                                   'ready'])[1 + e.id %% 7] END,
                  CASE WHEN c.date_to >= '2026-03-31' THEN c.date_to END, '0',
                  40 + (e.id * 31 + c.id * 17) %% 7000 / 100.0,
                  40 + (e.id * 31 + c.id * 17) %% 7000 / 100.0, TRUE, 100, 0, FALSE, 1, now()
             FROM hr_performance_cycle c, hr_employee e
             JOIN hr_version v ON v.id = e.current_version_id
            WHERE c.program_id = %(program)s AND e.company_id = %(company)s
         ORDER BY c.date_from, e.id""",
        own,
    )
    env.cr.execute(
        """INSERT INTO hr_performance_review_line
                  (review_id, cycle_id, company_id, employee_id, department_id, sequence, kind,
                   metric_id, template_line_id, weight, target, base_target, rule, value, measured,
                   coverage, points, share, scored, manager_set, self_set, excluded, has_start,
                   create_uid, create_date)
           SELECT r.id, r.cycle_id, r.company_id, r.employee_id, r.department_id, t.sequence,
                  'metric', t.metric_id, t.id, t.weight, t.target, t.target, t.rule,
                  (r.id * 37 + t.id * 11) %% 120, TRUE, 1,
                  t.weight * ((r.id * 37 + t.id * 11) %% 120) / 100.0,
                  (r.id * 37 + t.id * 11) %% 120, TRUE, FALSE, FALSE, FALSE, FALSE, 1, now()
             FROM hr_performance_review r
             JOIN hr_performance_template_line t ON t.template_id = r.template_id
            WHERE r.template_id = %(template)s
         ORDER BY r.id, t.sequence""",
        own,
    )


def _insert_tasks(env, cycle):
    """Add the activity that each review of a running cycle has."""
    kind = env.ref("hr_performance.mail_activity_type_task")
    model = env["ir.model"]._get("hr.performance.review")
    env.cr.execute(
        SQL(
            """INSERT INTO mail_activity
                      (res_model_id, res_model, res_id, activity_type_id, user_id, date_deadline,
                       summary, automated, active, create_uid, create_date)
               SELECT %(model)s, 'hr.performance.review', r.id, %(kind)s, e.user_id, r.date_to,
                      'Assess yourself', TRUE, TRUE, 1, now()
                 FROM hr_performance_review r JOIN hr_employee e ON e.id = r.employee_id
                WHERE r.cycle_id = %(cycle)s""",
            model=model.id,
            kind=kind.id,
            cycle=cycle.id,
        )
    )


def add_sales_period(env, people, deals, months, per_group=10):
    """A company with groups of ``per_group``, a plan of March, and credits of ``months`` months."""
    company = add_company(env, people, per_group)
    company.resource_calendar_id.tz = "Asia/Shanghai"
    env.cr.execute(
        """WITH e AS (SELECT array_agg(id ORDER BY id) ids, array_agg(user_id ORDER BY id) users
                        FROM hr_employee WHERE company_id = %(company)s)
           INSERT INTO hr_performance_sales_credit
                  (basis, cause, date, company_id, user_id, employee_id, share, is_support,
                   res_model, res_id, line_ref, number, document, amount_untaxed, amount_taxed,
                   margin, rule_version, create_date)
           SELECT 'won', 'won', timestamp '2026-03-31 12:00' - (n.n * (%(months)s * 43200.0)
                      / %(deals)s) * interval '1 minute',
                  %(company)s, e.users[1 + n.hash %% cardinality(e.ids)],
                  e.ids[1 + n.hash %% cardinality(e.ids)], 100, FALSE, 'crm.lead',
                  -n.n - %(company)s * 10000000, 'won', 1, 'Lead', 1000 + n.hash %% 99001,
                  1000 + n.hash %% 99001, 0, 1, now()
             FROM (SELECT n, hashint4(n) & 2147483647 AS hash
                     FROM generate_series(1, %(deals)s) n) n, e""",
        {"company": company.id, "deals": deals, "months": months},
    )
    departments = env["hr.department"].search([("company_id", "=", company.id)])
    plan = env["hr.performance.sales.plan"].create(
        {
            "name": f"Bench {company.id}",
            "company_id": company.id,
            "date_from": PERIOD[0],
            "department_ids": [(6, 0, departments.ids)],
            "basis": "won",
            "minimum": 30_000,
            "reward_kind": "percent",
            "reward_percent": 10,
            "prorate_worktime": False,
        }
    )
    plan.state = "running"
    period = env["hr.performance.sales.period"].create(
        {"plan_id": plan.id, "date_from": PERIOD[0], "date_to": PERIOD[1]}
    )
    period._sync_results()
    tidy(env, "hr_performance_sales_credit", "hr_performance_sales_result", *PEOPLE_TABLES)
    return {"company": company.id, "period": period.id}


def tidy(env, *tables):
    """Let the planner know what was generated."""
    for table in tables:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


def _add_months(day, months):
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


def _month(first):
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
