from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class HrPerformanceSalesPayroll(models.Model):
    """What was handed over to payroll in one go: a file of amounts, and a draft entry if wanted.

    Handing over pays what is due at that moment and notes it in the payout ledger, so that handing
    over again pays nothing. Cancelling takes it back by rows of the opposite amount.
    """

    _name = "hr.performance.sales.payroll"
    _description = "Sales Payout"
    _inherit = ["mail.thread"]
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [("done", "Handed Over"), ("cancelled", "Cancelled")],
        default="done",
        required=True,
        readonly=True,
        tracking=True,
    )
    payout_ids = fields.One2many("hr.performance.sales.payout", "payroll_id")
    amount = fields.Monetary(compute="_compute_amount")
    people_count = fields.Integer("People", compute="_compute_amount")
    move_id = fields.Many2one("account.move", "Draft Entry", readonly=True, copy=False)

    def _compute_amount(self):
        rows = self.env["hr.performance.sales.payout"]._read_group(
            [("payroll_id", "in", self.ids)],
            ["payroll_id"],
            ["amount:sum", "employee_id:count_distinct"],
        )
        sums = {payroll: (amount, people) for payroll, amount, people in rows}
        for payroll in self:
            payroll.amount, payroll.people_count = sums.get(payroll, (0, 0))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Pay approved periods by their button."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() & {"state", "company_id", "date", "move_id", "name"}:
            raise UserError(self.env._("A payout moves by its buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        raise UserError(self.env._("A payout is kept. Cancel it instead."))

    @api.model
    def _pay(self, periods):
        """Hand over what approved periods owe; the caller has checked that it is HR.

        :return: the payout
        """
        periods.check_access("read")
        ready = periods.filtered(lambda period: period.state == "approved" and not period.is_pilot)
        if not ready:
            raise UserError(self.env._("Sales and HR approve a period before it is paid."))
        if len(ready.company_id) > 1:
            raise UserError(self.env._("Pay one company at a time."))
        # sudo: the engine writes the payout ledger, which nobody else writes
        statements = (
            self.env["hr.performance.sales.statement"]
            .sudo()
            .search(Domain("period_id", "in", ready.ids))
        )
        due = statements._get_due(statements)
        if not due:
            raise UserError(self.env._("Nothing is due: everything is paid, held back or zero."))
        company = ready.company_id
        payroll = self.sudo().create(
            {
                "name": ", ".join(sorted(set(ready.mapped("display_name")))),
                "company_id": company.id,
                "date": company._get_performance_today(),
            }
        )
        payroll._add_payouts(due)
        return self.browse(payroll.id)

    def _add_payouts(self, amounts, reverses=None):
        """Add rows to the payout ledger.

        The number of the row among those of the statement is unique: of two payouts that saw the
        same rows, one fails.
        """
        self.ensure_one()
        Payout = self.env["hr.performance.sales.payout"]
        statements = self.env["hr.performance.sales.statement"].browse(s.id for s in amounts)
        counts = dict(
            Payout._read_group(
                [("statement_id", "in", statements.ids)], ["statement_id"], ["__count"]
            )
        )
        return Payout._bulk_insert(
            [
                {
                    "payroll_id": self.id,
                    "statement_id": statement.id,
                    "company_id": self.company_id.id,
                    "employee_id": statement.employee_id.id,
                    "manager_id": statement.manager_id.id or None,
                    "number": counts.get(statement, 0) + 1,
                    "amount": amount,
                    "reverses_id": (reverses or {}).get(statement),
                }
                for statement, amount in amounts.items()
            ]
        )

    def action_cancel(self):
        """Take the payout back: the amounts are due again."""
        for payroll in self:
            payroll._check_hr()
            if payroll.state == "cancelled":
                raise UserError(self.env._("%s is cancelled already.", payroll.name))
            if payroll.move_id and payroll.move_id.state == "posted":
                raise UserError(self.env._("Its entry is posted. Reverse the entry first."))
            # sudo: as in _pay; the right was checked
            payroll = payroll.sudo()
            rows = payroll.payout_ids
            payroll._add_payouts(
                {row.statement_id: -row.amount for row in rows},
                {row.statement_id: row.id for row in rows},
            )
            payroll.state = "cancelled"
        return True

    def _check_hr(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "hr_performance.group_hr_performance_user"
        ):
            raise UserError(self.env._("HR closes and pays periods."))

    def action_export_xlsx(self):
        return self._get_file_action("xlsx")

    def action_export_csv(self):
        return self._get_file_action("csv")

    def _get_file_action(self, extension):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/hr_performance_sales/payroll/{self.id}.{extension}",
            "target": "download",
        }

    def _write_table(self, table_class):
        """The file for payroll, with the rights and in the language of the user."""
        self.ensure_one()
        self.check_access("read")
        table = table_class(
            [
                self.env._("Employee"),
                self.env._("Employee ID"),
                self.env._("Department"),
                self.env._("Plan"),
                self.env._("Period"),
                self.env._("Reward"),
                self.env._("Adjustments"),
                self.env._("Held Back"),
                self.env._("Amount"),
                self.env._("Currency"),
            ]
        )
        # sudo: names and badge numbers of the people whose payouts the user may read
        for row in self.payout_ids.sudo().sorted(lambda row: (row.employee_id.name, row.id)):
            statement = row.statement_id
            table.add(
                [
                    row.employee_id.name,
                    row.employee_id.barcode or row.employee_id.id,
                    statement.department_id.name,
                    statement.plan_id.display_name,
                    statement.period_id.name,
                    statement.total,
                    statement.adjusted,
                    statement.held,
                    row.amount,
                    row.currency_id.name,
                ]
            )
        return table.close()

    def action_create_entry(self):
        """Prepare a draft entry for the accountant, by department; with his own rights."""
        self.ensure_one()
        self.check_access("read")
        if self.move_id:
            raise UserError(self.env._("There is an entry already."))
        if self.state == "cancelled":
            raise UserError(self.env._("%s is cancelled already.", self.name))
        plan = self.payout_ids.statement_id.plan_id[:1]
        if not (plan.journal_id and plan.expense_account_id and plan.payable_account_id):
            raise UserError(
                self.env._("Choose the journal and the accounts of the entry on the plan.")
            )
        move = self.env["account.move"].create(
            {
                "journal_id": plan.journal_id.id,
                "date": self.date,
                "ref": self.name,
                "line_ids": [Command.create(vals) for vals in self._get_entry_lines(plan)],
            }
        )
        # sudo: the accountant, who has no right on payouts, notes his entry
        self.sudo().move_id = move
        return move._get_records_action()

    def _get_entry_lines(self, plan):
        """The expense of each department, and the liability."""
        # sudo: departments of the people whose payouts the user may read
        rows = self.payout_ids.sudo()
        lines = [
            {
                "name": department.name or self.env._("Sales rewards"),
                "account_id": plan.expense_account_id.id,
                "balance": sum(own.mapped("amount")),
            }
            for department, own in rows.grouped(lambda row: row.statement_id.department_id).items()
        ]
        total = -sum(line["balance"] for line in lines)
        liability = {"name": self.name, "account_id": plan.payable_account_id.id, "balance": total}
        return [*lines, liability]
