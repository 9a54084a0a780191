from odoo import fields, models


class HrPerformanceDingtalkField(models.Model):
    """A field of a process's form, as the last preview found it."""

    _name = "hr.performance.dingtalk.field"
    _description = "Field of an Approval Form"
    _order = "process_id, sequence, id"
    _rec_name = "label"

    process_id = fields.Many2one(
        "hr.performance.dingtalk.process", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="process_id.company_id")
    sequence = fields.Integer(aggregator=None)
    address = fields.Char("Alias or ID", required=True)
    label = fields.Char("Label Now")
    kind = fields.Char()
    example = fields.Char("In a Recent Approval")

    def action_use_for_number(self):
        """Take the number from this field."""
        self._use("value_address")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_use_for_person(self):
        """Take the person from this field."""
        self._use("employee_address", employee_from="field")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _use(self, name, **vals):
        self.ensure_one()
        self.process_id.check_access("write")
        self.process_id.write({name: self.address, **vals})
