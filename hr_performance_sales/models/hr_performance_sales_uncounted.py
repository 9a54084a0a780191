# Rows come from closing: nothing is created by the ORM.
# pylint: disable=method-required-super
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.decimals import to_decimal


class HrPerformanceSalesUncounted(models.Model):
    """A credit that no statement counts, because its person takes no part in its period, or
    because the plan has ended.

    The first is noted when the period closes: most often a refund after the salesperson left, else
    what somebody sold before he moved out of the plan. The second is noted for some time after the
    last period of a plan: what takes back or corrects sales that it counted. HR decides: what was
    paid for the deal is deducted from the statement that paid it, or it stays as it is.
    """

    _name = "hr.performance.sales.uncounted"
    _description = "Uncounted Sales Credit"
    _order = "period_id, employee_id, id"
    _rec_name = "document"

    period_id = fields.Many2one(
        "hr.performance.sales.period", required=True, readonly=True, index=True, ondelete="restrict"
    )
    root_id = fields.Many2one("hr.performance.sales.plan", readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_pilot = fields.Boolean(related="period_id.is_pilot")
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, index=True, ondelete="restrict"
    )
    credit_id = fields.Many2one(
        "hr.performance.sales.credit", required=True, readonly=True, ondelete="restrict"
    )
    date = fields.Datetime(related="credit_id.date")
    document = fields.Char(related="credit_id.document")
    cause = fields.Selection(related="credit_id.cause")
    amount = fields.Monetary(readonly=True)
    is_late = fields.Boolean("Of an Earlier Period", readonly=True)
    state = fields.Selection(
        [
            ("open", "To Decide"),
            ("deducted", "Deducted"),
            ("left", "Left as It Is"),
            ("counted", "Counted Later"),
        ],
        default="open",
        required=True,
        readonly=True,
    )
    statement_id = fields.Many2one(
        "hr.performance.sales.statement",
        "Deducted From",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    deducted = fields.Monetary("Change", readonly=True, help="What was added to the reward.")

    _credit_unique = models.UniqueIndex("(root_id, credit_id)")

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Uncounted credits are noted when a period closes."))

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("Uncounted credits move by their buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_noted(self):
        raise UserError(self.env._("Uncounted credits are kept."))

    @api.model
    def _note(self, period, credits):
        """Note the credits of a period, whose statements are issued, that none of them counts.

        :param credits: ``SQL`` as of ``plan._get_credit_sql``
        """
        without = SQL(
            """SELECT c.* FROM (%s) AS c
                WHERE NOT EXISTS (SELECT FROM hr_performance_sales_statement own
                                   WHERE own.period_id = %s AND own.employee_id = c.employee_id)""",
            credits,
            period.id,
        )
        self._add(period, without, SQL("%s", period.date_from), SQL("%s", period.date_to))

    @api.model
    def _note_after_end(self, period):
        """Note what came after the last period of a plan, whether or not the people were in it."""
        day = SQL("c.day")
        added = self._add(period, period.plan_id._get_settlement_sql(period), day, day)
        if added:
            period.message_post(
                body=self.env._(
                    "Sales of the plan were taken back or corrected after its end. Credits to be "
                    "decided under Uncounted: %s.",
                    len(added),
                )
            )

    @api.model
    def _add(self, period, credits, start, end):
        """Add rows for credits, but for those that are noted already.

        They are those of people who had a statement of the plan before, or belonged to it. Who
        takes part in another plan then has them counted there.

        :param credits: ``SQL`` of rows ``c``
        :param start, end: ``SQL`` of days between which another plan counts them
        :return: ids of the rows
        """
        return self.env.execute_query(
            SQL(
                """INSERT INTO hr_performance_sales_uncounted
                          (period_id, root_id, company_id, employee_id, credit_id, amount, is_late,
                           state, create_uid, create_date)
                   SELECT %(period)s, %(root)s, %(company)s, c.employee_id, c.id, c.amount,
                          c.is_late, 'open', %(uid)s, %(now)s
                     FROM (%(credits)s) AS c
                    WHERE c.amount <> 0
                      AND (c.employee_id IN (
                               SELECT before.employee_id
                                 FROM hr_performance_sales_statement before
                                 JOIN hr_performance_sales_plan plan ON plan.id = before.plan_id
                                WHERE plan.root_id = %(root)s)
                           OR c.employee_id IN (
                               SELECT version.employee_id FROM hr_version version
                                WHERE version.department_id = ANY(%(departments)s)
                                  AND version.date_version <= %(last_day)s)
                           OR c.employee_id IN (
                               SELECT id FROM hr_employee WHERE user_id = ANY(%(users)s)))
                      AND NOT EXISTS (
                               SELECT FROM hr_performance_sales_result result
                                 JOIN hr_performance_sales_period other
                                      ON other.id = result.period_id
                                 JOIN hr_performance_sales_plan rule ON rule.id = other.plan_id
                                WHERE result.employee_id = c.employee_id
                                  AND other.root_id <> %(root)s AND rule.basis = %(basis)s
                                  AND COALESCE(other.is_pilot, FALSE) = %(pilot)s
                                  AND other.date_from <= %(end)s AND other.date_to >= %(start)s)
                 ORDER BY c.employee_id, c.id
              ON CONFLICT (root_id, credit_id) DO NOTHING
                RETURNING id""",
                period=period.id,
                root=period.root_id.id,
                company=period.company_id.id,
                uid=self.env.uid,
                now=self.env.cr.now(),
                credits=credits,
                departments=period.plan_id._get_scope_departments().ids,
                last_day=period.date_to,
                users=period.plan_id._get_scope_users().ids,
                basis=period.plan_id.basis,
                pilot=period.is_pilot,
                start=start,
                end=end,
            )
        )

    @api.model
    def _forget_counted(self, period):
        """Credits that a statement counts after all need no decision any more."""
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_sales_uncounted u SET state = 'counted'
                     FROM hr_performance_sales_statement_line line
                    WHERE line.period_id = %s AND line.root_id = u.root_id
                      AND line.credit_id = u.credit_id AND u.state = 'open'""",
                period.id,
            )
        )

    def action_open_document(self):
        """Open the document behind the credit, with the rights of the user there."""
        self.ensure_one()
        self.check_access("read")
        return self.credit_id.action_open_document()

    # What HR decides

    def action_leave(self):
        """Leave it: the person keeps what was paid."""
        self._check_may_decide()
        # sudo: the state moves by this button, the right was checked
        self.sudo().state = "left"
        return True

    def action_deduct(self):
        """Deduct what was paid for the deals from the statements that paid them.

        What is owed in the other direction then is a negative amount that payroll recovers. Where
        no reward hung on the deal, nothing is deducted. What undoes a refund gives back what was
        deducted for it.
        """
        self._check_may_decide()
        if self.filtered("is_pilot"):
            raise UserError(self.env._("A pilot pays nothing."))
        # sudo: adjustments are added by the engine; the right was checked
        for row in self.sudo().sorted("id"):
            statement = row._find_statement()
            change = row._get_change(statement)
            if change:
                reason = self.env._(
                    "%(document)s: not counted in %(period)s",
                    document=row.document or "",
                    period=row.period_id.name,
                )
                statement._adjust(change, reason)
                statement.period_id._ask_for_approval()
            row.write({"state": "deducted", "statement_id": statement.id, "deducted": change})
        return True

    def _check_may_decide(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "hr_performance.group_hr_performance_user"
        ):
            raise AccessError(self.env._("HR decides about uncounted credits."))
        if self.filtered(lambda row: row.state != "open"):
            raise UserError(self.env._("It was decided already."))

    def _find_statement(self):
        """The latest statement of the person that counts anything of the same document."""
        self.ensure_one()
        credit = self.credit_id
        return (
            self.env["hr.performance.sales.statement.line"]
            .search(
                [
                    ("root_id", "=", self.root_id.id),
                    ("employee_id", "=", self.employee_id.id),
                    ("statement_id.is_pilot", "=", False),
                    ("credit_id.res_model", "=", credit.res_model),
                    ("credit_id.res_id", "=", credit.res_id),
                ],
                order="id desc",
                limit=1,
            )
            .statement_id
        )

    def _get_change(self, statement):
        """What is added to the reward: less, as if the statement had not counted the amount.

        What was deducted from it before is taken off first; the steps total the whole. A positive
        amount gives back of that, and no more.
        """
        self.ensure_one()
        if not statement:
            return 0.0
        before = self.search(
            [("statement_id", "=", statement.id), ("state", "=", "deducted")],
            order="write_date, id",
        )
        already = Decimal(0)
        for row in before:
            already = row._deduct_from(already)
        change = statement._get_held(already) - statement._get_held(self._deduct_from(already))
        return float(change)

    def _deduct_from(self, already):
        """What is taken off a statement together with this amount, when it was so much before."""
        return max(already - to_decimal(self.amount), Decimal(0))
