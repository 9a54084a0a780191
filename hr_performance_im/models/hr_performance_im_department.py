from odoo import fields, models


class HrPerformanceImDepartment(models.Model):
    """A department of the outside system, and the department that it is in Odoo."""

    _name = "hr.performance.im.department"
    _inherit = ["hr.performance.im.raw.mixin"]
    _description = "Outside Department"
    _order = "connection_id, name, id"
    _check_company_auto = True

    name = fields.Char(readonly=True)
    parent_external_id = fields.Char("Parent Outside", readonly=True)
    department_id = fields.Many2one(
        "hr.department", index="btree_not_null", ondelete="set null", check_company=True
    )
    gone = fields.Boolean(readonly=True, help="The messenger says that it was removed.")

    _connection_idx = models.Index("(connection_id, id)")

    def write(self, vals):
        """Only which department it is can be said by hand."""
        if not self.env.su:
            self._check_fields_by_hand(vals, {"department_id"})
        return super().write(vals)
