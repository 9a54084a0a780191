# Append-only: nothing goes on to the ORM.
# pylint: disable=method-required-super,no-raise-unlink
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class HrPerformanceSalesStatementLine(models.Model):
    """One credit that a statement counts; in one plan a credit counts once.

    The person may appeal about a line. Only what hangs on it is held back until it is answered.
    """

    _name = "hr.performance.sales.statement.line"
    _description = "Line of a Sales Statement"
    _inherit = ["hr.performance.access.mixin"]
    _order = "statement_id, id"
    _rec_name = "document"

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
    appeal_ids = fields.One2many("hr.performance.appeal", "deal_id")

    _credit_unique = models.UniqueIndex("(root_id, credit_id)")

    @api.model
    def _get_manager_access_domain(self):
        """As for the statement: the manager of the period keeps his access."""
        statements = self.env["hr.performance.sales.statement"]
        # sudo: record rules are evaluated with this field
        query = statements.sudo()._search(statements._get_manager_access_domain())
        return fields.Domain("statement_id", "in", query)

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Lines of statements come from closing a period."))

    def write(self, vals):
        if not vals.keys() <= {"state", "held"}:
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
        """Open the form in which the person writes an appeal about the deal."""
        self.ensure_one()
        self.statement_id._check_own()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Appeal"),
            "res_model": "hr.performance.appeal",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {"default_deal_id": self.id},
        }

    def _dispute(self, reason):
        """Write and submit an appeal about the deal, with the rights of the person."""
        self.ensure_one()
        self.statement_id._check_own()
        appeal = self.env["hr.performance.appeal"].create({"deal_id": self.id, "reason": reason})
        appeal._transition("submit")
        return appeal

    def _hold(self):
        """Hold back what hangs on the deal, while an appeal waits for its answer."""
        for line in self.sudo():  # sudo: the appeal, whose moves checked the rights, holds it back
            line.state = "disputed"
            line.statement_id._follow_lines()

    def _release(self):
        """What was held back is due again."""
        for line in self.sudo():  # sudo: as in _hold
            line.write({"state": "settled", "held": 0})
            line.statement_id._follow_lines()

    def _change_reward(self, change, reason):
        """Add an adjustment; what was approved is approved anew."""
        self.ensure_one()
        # sudo: as in _hold
        line = self.sudo()
        line.statement_id._adjust(change, reason)
        line.period_id._ask_for_approval()
