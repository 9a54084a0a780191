"""Opening the board of reviews and the comparison of metrics, by the calls of the web client.

The calls are those of the actions with their own filters; what the board reads of each card is
taken from the view. Everybody's twenty months are in the tables: nineteen closed, one running.
Seconds are processor seconds of one call with warm caches of the server, in a new transaction.
"""

import dataset
from harness import Row, ratio
from lxml import etree
from meter import Meter

from odoo import api
from odoo.tools.safe_eval import safe_eval

CYCLES = 20
CALLS = 20
ACTIVITY_FIELDS = (
    "activity_exception_decoration",
    "activity_exception_icon",
    "activity_state",
    "activity_summary",
    "activity_type_icon",
    "activity_type_id",
)
WHY_QUERIES = (
    "The server asks once more for each open column, and once for each model behind the cards "
    "(activities and their types, users, contacts, employees, departments, cycles). As many for "
    "20,000 reviews as for 200,000."
)
WHY_SLOW = (
    "The right of a manager is a recursion through the hierarchy in each of the queries; for "
    "somebody above everybody it visits all employees every time."
)
PIVOT = """
    SELECT department_id, metric_id, avg(share), count(*)
      FROM hr_performance_review_line
     WHERE scored AND kind = 'metric' AND company_id IN (%(company)s)
  GROUP BY GROUPING SETS ((), (department_id), (metric_id), (metric_id, department_id))
"""


def run(bench):
    """Open the screens as people who see ever more of them; yield the results."""
    people = 1000 if bench.small else 10_000
    scope = bench.child("bench_screens.prepare", people=people)
    reviews = f"{people * CYCLES:,}"
    for role in ("manager", "director", "officer"):
        whose = {"user": scope[role], "team": role != "officer"}
        columns = bench.best("bench_screens.open_columns", 3, **whose)
        title = f"columns of the board as {role}"
        yield Row(title, reviews, "seconds", columns["cpu"], 0.15, unit="s")
        yield Row(title, reviews, "queries", columns["queries"], 6)
        board = bench.best("bench_screens.open_board", 3, **whose)
        title = f"board with its cards as {role}"
        why = WHY_SLOW if role == "director" else ""
        yield Row(title, reviews, "seconds", board["cpu"], 0.15, unit="s", why=why)
        yield Row(title, reviews, "queries", board["queries"], 6, why=WHY_QUERIES)
    panel = bench.best("bench_screens.open_panel", 3, user=scope["officer"])
    yield Row("search panel of the board", reviews, "seconds", panel["cpu"], unit="s")
    plain = bench.best("bench_screens.pivot_plainly", 3, company=scope["company"])
    ours = bench.best("bench_screens.pivot", 3, user=scope["officer"])
    lines = f"{people * CYCLES * dataset.METRICS:,}"
    yield ratio("pivot", lines, plain, ours, 8)
    yield Row("pivot", lines, "queries", ours["queries"])


def prepare(env, people):
    """Create the people with their history, and give some of them their part.

    The manager leads a department of 50; the director stands above everybody.
    """
    company = dataset.add_company(env, people)
    dataset.add_review_history(env, company, CYCLES)
    tables = ("hr_performance_review", "hr_performance_review_line", "mail_activity")
    dataset.tidy(env, *dataset.PEOPLE_TABLES, *tables)
    employees = env["hr.employee"].search([("company_id", "=", company.id)], order="id")
    users = {
        "director": employees[0].user_id,
        "manager": employees[1].user_id,
        "officer": employees[-1].user_id,
    }
    for user in users.values():
        user.group_ids += env.ref("base.group_user")
    users["officer"].group_ids += env.ref("hr_performance.group_hr_performance_user")
    return {"company": company.id, **{role: user.id for role, user in users.items()}}


def open_columns(env, user, team):
    """The columns of the board: how many reviews are in which state."""
    domain = _get_board_domain(env, team)

    def call(reviews):
        reviews.with_context(read_group_expand=True).web_read_group(domain, ["state"])

    return measure_calls(env, user, "hr.performance.review", call)


def open_board(env, user, team):
    """The cards of the board by state."""
    domain = _get_board_domain(env, team)
    view = etree.fromstring(env["hr.performance.review"].get_view(view_type="kanban")["arch"])
    specification = _get_card_specification(env, view)

    def call(reviews):
        reviews.with_context(read_group_expand=True).web_read_group(
            domain,
            ["state"],
            [],
            auto_unfold=True,
            unfold_read_specification=specification,
            unfold_read_default_limit=int(view.get("limit", 80)),
            groupby_read_specification={},
        )

    return measure_calls(env, user, "hr.performance.review", call)


def open_panel(env, user):
    """What the panel beside the board asks: cycles, departments, grades."""
    domain = _get_domain(env, "hr_performance.hr_performance_review_action")

    def call(reviews):
        for field, limit in (("cycle_id", 0), ("department_id", 200)):
            reviews.search_panel_select_range(
                field, search_domain=domain, enable_counters=False, expand=False, limit=limit
            )
        reviews.search_panel_select_multi_range("grade_id", search_domain=domain, limit=200)

    return measure_calls(env, user, "hr.performance.review", call)


def pivot(env, user):
    """The table of departments and metrics."""
    domain = _get_domain(env, "hr_performance.hr_performance_review_line_action_report")

    def call(lines):
        lines.formatted_read_grouping_sets(
            domain,
            [[], ["department_id"], ["metric_id"], ["metric_id", "department_id"]],
            ["share:avg", "__count"],
        )

    return measure_calls(env, user, "hr.performance.review.line", call, calls=3)


def pivot_plainly(env, company):
    """The same table by one statement."""

    def call(lines):
        lines.env.cr.execute(PIVOT, {"company": company})
        lines.env.cr.fetchall()

    return measure_calls(env, env.uid, "hr.performance.review.line", call, calls=3)


def measure_calls(env, user, model, call, calls=CALLS):
    """Cost of one call from several: the backend counts in hundredths of a second."""
    company = env["res.users"].browse(user).company_id.id
    total = {}
    for number in range(calls + 1):
        env.cr.commit()
        # As a request has it: nothing in the cache of records.
        env.transaction.reset()
        fresh = api.Environment(env.cr, user, {"allowed_company_ids": [company], "lang": "en_US"})
        with Meter(env.cr) as meter:
            call(fresh[model])
        if number:  # the first one warms up the caches of the server
            for key, value in meter.cost.as_dict().items():
                total[key] = total.get(key, 0) + value / calls
    return total


def _get_board_domain(env, team):
    name = "hr_performance_review_action_team" if team else "hr_performance_review_action"
    return _get_domain(env, f"hr_performance.{name}")


def _get_domain(env, name):
    """The domain of an action together with its default filters."""
    action = env.ref(name)
    domain = safe_eval(action.domain or "[]")
    search = etree.fromstring(action.search_view_id.arch)
    for key in safe_eval(action.context):
        filter_name = key.removeprefix("search_default_")
        (found,) = search.xpath(f"//filter[@name='{filter_name}']")
        domain += safe_eval(found.get("domain"))
    return domain


def _get_card_specification(env, view):
    """What the web client reads of each card: the fields of the view, and of its widgets."""
    names = [node.get("name") for node in view.iter("field")]
    if view.get("highlight_color"):
        names.append(view.get("highlight_color"))
    if view.xpath("//field[@widget='kanban_activity']"):
        names += ACTIVITY_FIELDS
    specification = {}
    for name in names:
        kind = env["hr.performance.review"]._fields[name].type
        if kind == "many2one":
            specification[name] = {"fields": {"display_name": {}}}
        else:
            specification[name] = {"fields": {}} if kind.endswith("2many") else {}
    return specification
