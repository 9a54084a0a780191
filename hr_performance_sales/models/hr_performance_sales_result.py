from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from .hr_performance_sales_plan_standing import LINE_FACTOR


class HrPerformanceSalesResult(models.Model):
    """Where one person stands in one period of a plan.

    While the period runs, a job brings these rows in line with the ledger; nobody's deal writes on
    anybody's row. When it closes, they stay as they are and become statements.
    """

    _name = "hr.performance.sales.result"
    _description = "Sales Result"
    _inherit = ["hr.performance.sales.standing.mixin"]
    _order = "period_id, group_ref, rank, id"
    _rec_name = "employee_id"

    period_id = fields.Many2one(index=True, ondelete="cascade")
    group_ref = fields.Integer(
        "Group",
        required=True,
        readonly=True,
        aggregator=None,
        help="The department or team, as the plan says; 0: all of the plan.",
    )
    computed_on = fields.Datetime("As of", readonly=True)

    _employee_unique = models.UniqueIndex("(period_id, employee_id)")
    _place_idx = models.Index("(period_id, group_ref, rank)")

    # Writing: the engine alone, one statement for everybody

    @api.model
    def _sync(self, period, rows):
        """Add and change the rows of who takes part in a period.

        :param rows: list of ``Row`` of the plan
        """
        columns = zip(*[self._get_member_values(row) for row in rows], strict=True)
        arrays = [list(column) for column in columns] or [[] for _column in range(10)]
        names = ("employee_id", "manager_id", "department_id", "team_id", "group_ref", "share")
        names += ("full_minimum", "minimum", "barred", "moved")
        kinds = ("int", "int", "int", "int", "int", "numeric", "numeric", "numeric")
        kinds += ("varchar", "bool")
        given = SQL(", ").join(
            SQL("%s::%s[]", array, SQL(kind)) for array, kind in zip(arrays, kinds, strict=True)
        )
        columns = SQL(", ").join(map(SQL.identifier, names))
        changed = SQL(", ").join(SQL.identifier("excluded", name) for name in names)
        current = SQL(", ").join(SQL.identifier("r", name) for name in names)
        self.env.cr.execute(
            SQL(
                """INSERT INTO hr_performance_sales_result AS r
                          (period_id, plan_id, company_id, amount, reward, pool_reward, total,
                           %(columns)s)
                   SELECT %(period)s, %(plan)s, %(company)s, 0, 0, 0, 0, u.*
                     FROM unnest(%(given)s) AS u
              ON CONFLICT (period_id, employee_id) DO UPDATE SET (%(columns)s) = ROW(%(changed)s)
                    WHERE (%(current)s) IS DISTINCT FROM (%(changed)s)""",
                columns=columns,
                period=period.id,
                plan=period.plan_id.id,
                company=period.company_id.id,
                given=given,
                changed=changed,
                current=current,
            )
        )
        self.env.invalidate_all()

    @api.model
    def _drop_others(self, period, kept):
        """Forget who takes no part any more: everybody but the employees with these ids."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM hr_performance_sales_result r
                    WHERE period_id = %s
                      AND NOT EXISTS (SELECT FROM unnest(%s::int[]) AS kept(employee_id)
                                       WHERE kept.employee_id = r.employee_id)""",
                period.id,
                kept,
            )
        )
        self.env.invalidate_all()

    @api.model
    def _get_member_values(self, row):
        return (
            row.employee_id,
            row.manager_id,
            row.department_id,
            row.team_id,
            row.groups[0],
            row.share,
            row.full_minimum,
            row.minimum,
            row.barred,
            row.moved,
        )

    @api.model
    def _store(self, period, standings, now):
        """Write where everybody stands; rows that would not change are not touched.

        :param standings: ``SQL`` as of ``plan._get_standing_sql``
        """
        coin = Decimal(1).scaleb(-period.currency_id.decimal_places)
        values = {
            "amount": SQL("n.amount * %s", coin),
            "compared": SQL("n.compared * %s", coin),
            "line": SQL("n.line * %s", coin / LINE_FACTOR),
            "has_line": SQL("n.line IS NOT NULL"),
            "line_size": SQL("n.line_size"),
            "basis": SQL("n.basis"),
            "gap": SQL("(n.compared * %s - n.line) * %s", LINE_FACTOR, coin / LINE_FACTOR),
            "rank": SQL("n.rank"),
            "rank_count": SQL("n.count"),
            "meets_minimum": SQL("n.meets_minimum"),
            "is_above": SQL("n.is_above"),
            "helped": SQL("n.helped"),
            "reward": SQL("n.reward * %s", coin),
            "pool_reward": SQL("n.pool * %s", coin),
            "total": SQL("(n.reward + n.pool) * %s", coin),
        }
        new = SQL(", ").join(values.values())
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_sales_result r
                      SET (%(columns)s, computed_on) = ROW(%(new)s, %(now)s)
                     FROM (%(standings)s) AS n
                    WHERE r.id = n.result_id AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
                columns=SQL(", ").join(map(SQL.identifier, values)),
                new=new,
                old=SQL(", ").join(SQL.identifier("r", name) for name in values),
                now=now,
                standings=standings,
            )
        )
        self.env.invalidate_all()
