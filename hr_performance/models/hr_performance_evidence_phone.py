from odoo import models


class HrPerformanceEvidence(models.Model):
    """Evidence on the phone, with its pictures and files."""

    _inherit = "hr.performance.evidence"

    def _get_phone_values(self):
        self.ensure_one()
        return {
            **self._get_page_values(),
            "employee": self.employee_id.name,
            "metric": self.metric_id.name,
            "is_own": self.is_own,
            "can_edit": self.can_edit,
            "can_decide": self.can_decide,
            "decided_by": self.decided_by_id.name or "",
            "files": [
                {
                    "id": file.id,
                    "name": file.name,
                    "is_picture": (file.mimetype or "").startswith("image/"),
                }
                for file in self.attachment_ids
            ],
        }
