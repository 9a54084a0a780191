from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class HrPerformanceSalesStatementLine(models.Model):
    """One credit that a statement counts; in one plan a credit counts once.

    The person may dispute a line. Only what hangs on it is held back until HR settles it.
    """

    _name = "hr.performance.sales.statement.line"
    _description = "Line of a Sales Statement"
    _inherit = ["hr.performance.access.mixin"]
    _order = "statement_id, id"
    _rec_name = "credit_id"

    statement_id = fields.Many2one(
        "hr.performance.sales.statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    period_id = fields.Many2one(
        "hr.performance.sales.period", readonly=True, index=True, ondelete="restrict"
    )
    root_id = fields.Many2one("hr.performance.sales.plan", readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, index=True, ondelete="restrict"
    )
    manager_id = fields.Many2one(related="statement_id.manager_id")
    credit_id = fields.Many2one(
        "hr.performance.sales.credit", required=True, readonly=True, ondelete="restrict"
    )
    date = fields.Datetime(related="credit_id.date")
    document = fields.Char(related="credit_id.document")
    partner_id = fields.Many2one(related="credit_id.partner_id")
    product_id = fields.Many2one(related="credit_id.product_id")
    cause = fields.Selection(related="credit_id.cause")
    credit_share = fields.Float(related="credit_id.share", aggregator=None)
    amount = fields.Monetary(readonly=True)
    is_late = fields.Boolean(
        "Of an Earlier Period",
        readonly=True,
        help="It came after its period was closed, and counts here.",
    )
    after_closing = fields.Boolean(
        readonly=True, help="Counted when the period was reopened; see the adjustments."
    )
    state = fields.Selection(
        [("ok", "Counted"), ("disputed", "Disputed"), ("settled", "Settled")],
        default="ok",
        required=True,
        readonly=True,
    )
    held = fields.Monetary("Held Back", readonly=True)
    reason = fields.Text(readonly=True)
    answer = fields.Text(readonly=True)

    _credit_unique = models.UniqueIndex("(root_id, credit_id)")

    @api.model
    def _get_manager_access_domain(self):
        """As for the statement: the manager of the period keeps his access."""
        statements = self.env["hr.performance.sales.statement"]
        query = statements.sudo()._search(statements._get_manager_access_domain())
        return fields.Domain("statement_id", "in", query)

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Lines of statements come from closing a period."))

    def write(self, vals):
        if not vals.keys() <= {"state", "held", "reason", "answer"}:
            raise UserError(self.env._("A statement is frozen. Reopen its period to adjust it."))
        if not self.env.su:
            raise AccessError(self.env._("Lines of statements move by their buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        raise UserError(self.env._("Lines of statements are kept."))

    def action_open_document(self):
        """Open the document behind the line, with the rights of the user there."""
        self.ensure_one()
        self.check_access("read")
        return self.credit_id.action_open_document()

    # Disputes

    def action_dispute(self):
        """Ask the person why, and dispute the line."""
        self.ensure_one()
        self.statement_id._check_own()
        return self._get_wizard_action(self.env._("Dispute the Line"), "dispute")

    def action_settle(self):
        """Ask HR for the answer, and settle the dispute."""
        self.ensure_one()
        self._check_settle()
        return self._get_wizard_action(self.env._("Settle the Dispute"), "settle")

    def _get_wizard_action(self, name, kind):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "hr.performance.sales.dispute",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_line_id": self.id, "default_kind": kind},
        }

    def _check_settle(self):
        """HR settles disputes, and nobody his own."""
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "hr_performance.group_hr_performance_user"
        ):
            raise AccessError(self.env._("HR settles disputes."))
        if any(line.is_own for line in self) and not self.env.su:
            raise AccessError(self.env._("Nobody settles his own dispute."))

    def _hold(self, reason):
        """Hold back what hangs on the line."""
        self.ensure_one()
        self.statement_id._check_own()
        if self.state == "disputed":
            raise UserError(self.env._("The line is disputed already."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say what is wrong with the line."))
        # sudo: nobody writes lines; it is his own statement, as was checked
        line = self.sudo()
        held = line.statement_id._get_held(line.amount)
        line.write({"state": "disputed", "held": held, "reason": reason, "answer": False})
        line.statement_id._follow_lines()

    def _release(self, answer, change=0.0):
        """Settle the dispute: what was held back is due again, with what HR changes about it.

        :param change: added to the reward, negative where the person is paid less
        """
        self.ensure_one()
        self._check_settle()
        if self.state != "disputed":
            raise UserError(self.env._("The line is not disputed."))
        if not (answer or "").strip():
            raise UserError(self.env._("Answer the person."))
        # sudo: as above; HR, as was checked
        line = self.sudo()
        line.write({"state": "settled", "held": 0, "answer": answer})
        if not line.currency_id.is_zero(change):
            line.statement_id._adjust(change, answer)
        line.statement_id._follow_lines()
