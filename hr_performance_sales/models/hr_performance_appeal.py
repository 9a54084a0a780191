from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.hr_performance.tools.appeal import OPEN_STATES, Terms

#: Working days for the manager's answer, for going to HR, and for HR's answer.
TERMS = Terms(5, True, 5, 5)


class HrPerformanceAppeal(models.Model):
    """Appeals about a deal of a sales statement.

    What hangs on the deal is held back while the appeal waits for its answer. A change is an
    adjustment of the reward; the statement stays, and sales and HR approve the period anew.
    """

    _inherit = "hr.performance.appeal"

    deal_id = fields.Many2one(
        "hr.performance.sales.statement.line",
        "Disputed Deal",
        index="btree_not_null",
        ondelete="restrict",
    )
    kind = fields.Selection(
        selection_add=[("deal", "A deal of a sales statement")], ondelete={"deal": "cascade"}
    )

    _open_deal_unique = models.UniqueIndex(
        "(deal_id) WHERE deal_id IS NOT NULL AND state IN ('submitted', 'answered', 'second')",
        "There is an open appeal about this deal already.",
    )

    @api.depends("deal_id")
    def _compute_subject(self):
        return super()._compute_subject()

    @api.depends("deal_id")
    def _compute_subject_name(self):
        return super()._compute_subject_name()

    @api.model
    def _get_subject_fields(self):
        return super()._get_subject_fields() | {"deal_id"}

    def _get_subject(self):
        self.ensure_one()
        return self.deal_id or super()._get_subject()

    def _get_subject_vals(self):
        self.ensure_one()
        if not self.deal_id:
            return super()._get_subject_vals()
        statement = self.deal_id.statement_id
        return {
            "kind": "deal",
            "cycle_id": False,
            "company_id": statement.company_id.id,
            "employee_id": statement.employee_id.id,
            "manager_id": statement.manager_id.id,
            "department_id": statement.department_id.id,
        }

    def _get_subject_problem(self):
        self.ensure_one()
        if not self.deal_id:
            return super()._get_subject_problem()
        if self.review_id:
            return self.env._("An appeal is about a deal or about a result, not both.")
        if self.deal_id.statement_id.is_pilot:
            return self.env._("A pilot pays nothing.")
        others = (self.search([("deal_id", "=", self.deal_id.id)]) - self).filtered(
            lambda appeal: appeal.state in OPEN_STATES
            or (appeal.state == "closed" and appeal.outcome != "withdrawn")
        )
        if others:
            return self.env._("There was an appeal about this already. Its answer can go to HR.")
        return False

    def _get_terms(self):
        return TERMS if self.deal_id else super()._get_terms()

    def _get_responsible(self):
        return self.env["res.users"] if self.deal_id else super()._get_responsible()

    def _hold(self):
        if self.deal_id:
            return self.deal_id._hold()
        return super()._hold()

    def _release(self):
        if self.deal_id:
            return self.deal_id._release()
        return super()._release()

    def _apply_change(self, values, reason):
        """For a deal: ``{"reward_change": amount}`` is added to the reward."""
        self.ensure_one()
        if not self.deal_id:
            return super()._apply_change(values, reason)
        change = values.get("reward_change") or 0.0
        if self.deal_id.currency_id.is_zero(change):
            raise UserError(self.env._("Say by how much the reward changes."))
        return self.deal_id._change_reward(change, reason)
