from odoo import api, fields, models


class HrPerformanceSubjectMixin(models.AbstractModel):
    """Whom a record about a review is about, as it was when the record was written.

    Employee, manager, department and company are kept: who had to answer or to talk then is not
    replaced by a later manager. A record about something else overrides :meth:`_get_subject_vals`.
    """

    _name = "hr.performance.subject.mixin"
    _description = "Whom a Record is about"
    _inherit = ["hr.performance.access.mixin"]

    company_id = fields.Many2one(
        "res.company", compute="_compute_subject", store=True, precompute=True, index=True
    )
    employee_id = fields.Many2one(
        "hr.employee",
        compute="_compute_subject",
        store=True,
        precompute=True,
        index=True,
        ondelete="cascade",
    )
    manager_id = fields.Many2one(
        "hr.employee",
        "Manager",
        compute="_compute_subject",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        help="The manager whose turn it was then.",
    )
    department_id = fields.Many2one(
        "hr.department",
        compute="_compute_subject",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.depends("review_id")
    def _compute_subject(self):
        for record in self:
            # sudo: names of the employee's own records, some of which he cannot open
            for name, value in record.sudo()._get_subject_vals().items():
                record[name] = value

    def _get_subject_vals(self):
        """Values of the columns that are kept."""
        self.ensure_one()
        review = self.review_id
        return {
            "company_id": review.company_id.id,
            "employee_id": review.employee_id.id,
            "manager_id": review.manager_id.id,
            "department_id": review.department_id.id,
        }
