from odoo import api, models


class HrPerformanceTemplate(models.Model):
    """What the form of a template does besides keeping it."""

    _inherit = "hr.performance.template"

    @api.onchange("job_ids", "department_ids")
    def _onchange_scope(self):
        """A template for positions of one company is a template of that company."""
        companies = self.job_ids.company_id | self.department_ids.company_id
        if not self.company_id and len(companies) == 1:
            self.company_id = companies
