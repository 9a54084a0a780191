import secrets

from odoo import api, fields, models


class HrEmployee(models.Model):
    """People without a name, who stand for leavers whose retention period is over."""

    _inherit = "hr.employee"

    performance_standin = fields.Boolean(
        "Stands for a Former Employee", readonly=True, copy=False, groups="hr.group_hr_user"
    )

    @api.model
    def _create_performance_standins(self, employees):
        """One for each of these employees, in their order; nothing leads from one to the other."""
        return self.create(
            [
                {
                    "name": self.env._("Former employee %s", secrets.token_hex(3)),
                    "company_id": employee.company_id.id,
                    "active": False,
                    "performance_standin": True,
                }
                for employee in employees
            ]
        )
