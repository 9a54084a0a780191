from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class HrPerformanceSalesReopen(models.TransientModel):
    """Counts a closed period anew with what came since; the differences become adjustments."""

    _name = "hr.performance.sales.reopen"
    _description = "Count a Sales Period Anew"

    period_id = fields.Many2one(
        "hr.performance.sales.period", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="period_id.currency_id")
    reason = fields.Text()
    change_count = fields.Integer("People Whose Reward Changes", compute="_compute_changes")
    change_total = fields.Monetary("Change in All", compute="_compute_changes")

    @api.depends("period_id")
    def _compute_changes(self):
        for wizard in self:
            wizard._check_right()
            changes = wizard._get_changes()
            wizard.change_count = len(changes)
            wizard.change_total = sum(change for _statement, change, _figures in changes)

    def action_confirm(self):
        """Add the adjustments; sales and HR approve anew."""
        self.ensure_one()
        self._check_right()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the period is counted anew."))
        # sudo: the engine writes; the right was checked
        period = self.period_id.sudo()
        if period.state not in ("closed", "checked", "approved"):
            raise UserError(self.env._("%s is not closed.", period.display_name))
        for statement, change, figures in self._get_changes():
            statement._adjust(change, self.reason, figures)
        period.env["hr.performance.sales.statement"]._count_credits(
            period, self._get_new_credits(period), adjustment=True
        )
        period.revision += 1
        period._ask_for_approval()
        period.message_post(body=self.env._("Counted anew: %s", self.reason))
        return {"type": "ir.actions.act_window_close"}

    def _check_right(self):
        if not self.env.su and not self.env.user.has_group(
            "hr_performance.group_hr_performance_manager"
        ):
            raise AccessError(self.env._("Performance administrators count a period anew."))
        self.period_id.check_access("write")

    def _get_new_credits(self, period):
        """``SQL`` of the credits of the period that no statement of the plan counts."""
        credits = period.plan_id._get_credit_sql(period._get_period())
        return SQL(
            "SELECT * FROM (%s) AS credit WHERE %s",
            credits,
            period.plan_id._get_free_sql(SQL("credit")),
        )

    def _get_changes(self):
        """``[(statement, change of the reward, figures)]``

        The rule, the members and their minimums are those of the closing; the amounts are what was
        counted then and what came since.
        """
        self.ensure_one()
        period = self.period_id.sudo()  # sudo: as in action_confirm
        counted = SQL(
            """SELECT line.credit_id AS id, line.employee_id, line.amount, credit.is_support,
                      credit.res_id, line.is_late
                 FROM hr_performance_sales_statement_line line
                 JOIN hr_performance_sales_credit credit ON credit.id = line.credit_id
                WHERE line.period_id = %s""",
            period.id,
        )
        credits = SQL("%s UNION ALL %s", counted, self._get_new_credits(period))
        standings = period.plan_id._assess(period._get_members(), period._get_paths(), credits)
        by_employee = {s.employee_id.id: s for s in period.statement_ids}
        changes = []
        for standing in standings:
            statement = by_employee[standing.employee_id]
            before = statement.total + self._get_counted(statement)
            change = statement.currency_id.round(float(standing.reward + standing.pool) - before)
            if change:
                figures = {
                    "amount": float(standing.amount),
                    "line": None if standing.line is None else float(standing.line),
                    "rank": standing.rank,
                    "reward": float(standing.reward),
                    "pool": float(standing.pool),
                }
                changes.append((statement, change, figures))
        return changes

    def _get_counted(self, statement):
        """What counting anew has added before; what HR settled in a dispute stays beside it."""
        own = statement.adjustment_ids.filtered(lambda row: row.figures)
        return sum(own.mapped("amount"))
