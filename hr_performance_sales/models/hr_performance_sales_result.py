from odoo import api, fields, models
from odoo.tools import SQL


class HrPerformanceSalesResult(models.Model):
    """Where one person stands in one period of a plan.

    While the period runs, a job brings these rows in line with the ledger; nobody's deal writes on
    anybody's row. When it closes, they stay as they are and become statements.
    """

    _name = "hr.performance.sales.result"
    _description = "Sales Result"
    _inherit = ["hr.performance.sales.standing.mixin"]
    _order = "period_id desc, group_ref, rank, id"
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
        """Let the rows of a period be those of who takes part.

        :param rows: list of ``Row`` of the plan
        """
        columns = zip(*[self._get_member_values(row) for row in rows], strict=True)
        arrays = [list(column) for column in columns] or [[] for _column in range(9)]
        names = ("employee_id", "manager_id", "department_id", "team_id", "group_ref", "share")
        names += ("full_minimum", "minimum", "barred")
        kinds = ("int", "int", "int", "int", "int", "numeric", "numeric", "numeric", "varchar")
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
        self.env.cr.execute(
            SQL(
                """DELETE FROM hr_performance_sales_result
                    WHERE period_id = %s AND NOT employee_id = ANY(%s)""",
                period.id,
                [row.employee_id for row in rows],
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
        )

    @api.model
    def _store(self, standings, now):
        """Write where everybody stands; rows that would not change are not touched."""
        if not standings:
            return
        names = ("amount", "compared", "line", "has_line", "line_size", "basis", "gap", "rank")
        names += ("rank_count", "meets_minimum", "is_above", "helped", "reward", "pool_reward")
        names += ("total",)
        kinds = ("numeric", "numeric", "numeric", "bool", "int", "varchar", "numeric", "int")
        kinds += ("int", "bool", "bool", "int", "numeric", "numeric", "numeric")
        arrays = zip(*[self._get_standing_values(s) for s in standings], strict=True)
        given = [
            SQL("%s::%s[]", list(array), SQL(kind))
            for array, kind in zip(arrays, kinds, strict=True)
        ]
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_sales_result r
                      SET (%(columns)s, computed_on) = ROW(%(new)s, %(now)s)
                     FROM unnest(%(ids)s::int[], %(given)s) AS n(id, %(columns)s)
                    WHERE r.id = n.id AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
                columns=SQL(", ").join(map(SQL.identifier, names)),
                new=SQL(", ").join(SQL.identifier("n", name) for name in names),
                old=SQL(", ").join(SQL.identifier("r", name) for name in names),
                now=now,
                ids=[s.result_id for s in standings],
                given=SQL(", ").join(given),
            )
        )
        self.env.invalidate_all()

    @api.model
    def _get_standing_values(self, s):
        return (
            s.amount,
            s.compared,
            s.line,
            s.line is not None,
            s.line_size,
            s.basis,
            None if s.line is None else s.compared - s.line,
            s.rank,
            s.count,
            s.meets_minimum,
            s.is_above,
            s.helped,
            s.reward,
            s.pool,
            s.reward + s.pool,
        )
