from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command


class HrPerformanceErasure(models.TransientModel):
    """Erase free texts, or the names of leavers: shown first, confirmed, and for good."""

    _name = "hr.performance.erasure"
    _description = "Erase Personal Data"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    mode = fields.Selection(
        [
            ("texts", "Erase free texts of some people"),
            ("leavers", "Anonymise leavers after the retention period"),
        ],
        default="leavers",
        required=True,
    )
    employee_ids = fields.Many2many(
        "hr.employee",
        string="People",
        domain="[('company_id', '=', company_id)]",
        context={"active_test": False},
    )
    before = fields.Date(
        "Only Periods that Ended before", help="Empty: texts of all periods, the running one too."
    )
    retention_months = fields.Integer(
        "Retention Period (months)",
        compute="_compute_retention_months",
        inverse="_inverse_retention_months",
        help="The scheduled job does the same every day. 0: never.",
    )
    leaver_ids = fields.Many2many(
        "hr.employee",
        compute="_compute_leaver_ids",
        string="Leavers that are Due",
        context={"active_test": False},
    )
    leaver_count = fields.Integer(compute="_compute_leaver_ids")
    confirmed = fields.Boolean("I know that this cannot be undone")

    @api.depends("company_id")
    def _compute_retention_months(self):
        for erasure in self:
            erasure.retention_months = erasure.company_id.performance_retention_months

    def _inverse_retention_months(self):
        for erasure in self:
            erasure._check_admin()
            # sudo: a setting of the reviews, kept on the company
            company = erasure.company_id.sudo()
            company.performance_retention_months = erasure.retention_months

    @api.depends("company_id", "retention_months")
    def _compute_leaver_ids(self):
        for erasure in self:
            # sudo: where something is held is asked for everywhere
            leavers = (
                erasure.env["hr.performance.privacy"].sudo()._get_due_leavers(erasure.company_id)
            )
            erasure.leaver_ids = [Command.set(leavers.ids)]
            erasure.leaver_count = len(leavers)

    def _check_admin(self):
        if not self.env.user.has_group("hr_performance.group_hr_performance_manager"):
            raise AccessError(self.env._("Only HR administrators erase personal data."))
        if self.company_id not in self.env.user.company_ids:
            raise AccessError(self.env._("This is not one of your companies."))

    def action_erase(self):
        self.ensure_one()
        self._check_admin()
        if not self.confirmed:
            raise UserError(self.env._("Confirm first. What is erased does not come back."))
        # sudo: the right was checked; data is erased wherever it is
        privacy = self.env["hr.performance.privacy"].sudo()
        if self.mode == "leavers":
            privacy._anonymise(privacy._get_due_leavers(self.company_id))
            return self._show_done()
        people = self.employee_ids.filtered(lambda e: e.company_id == self.company_id)
        if not people:
            raise UserError(self.env._("Choose whose texts are to be erased."))
        privacy._erase_texts(people, self.before)
        return self._show_done()

    def _show_done(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("Erased. Scores, ranks and rates are what they were."),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
