from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """A document of a review shows its result."""
        if report.model == "hr.performance.review" and docids:
            self.env["hr.performance.review"].browse(docids)._note_access("report")
        return super()._get_rendering_context(report, docids, data)
