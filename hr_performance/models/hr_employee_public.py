from odoo import fields, models


class HrEmployeePublic(models.Model):
    _inherit = "hr.employee.public"

    has_performance_access = fields.Boolean(
        compute="_compute_has_performance_access", compute_sudo=False
    )

    def _compute_has_performance_access(self):
        """Whether the user may see a review of the employee: the button is for him then."""
        visible = {
            employee.id
            for (employee,) in self.env["hr.performance.review"]._read_group(
                [("employee_id", "in", self.ids)], ["employee_id"]
            )
        }
        for employee in self:
            employee.has_performance_access = employee.id in visible

    def action_view_performance_reviews(self):
        self.ensure_one()
        return self.employee_id.action_view_performance_reviews()
