from odoo import models
from odoo.tools import format_date


class HrPerformanceReview(models.Model):
    """Opening the result of somebody else is noted."""

    _name = "hr.performance.review"
    _inherit = ["hr.performance.review", "hr.performance.access.log.mixin"]

    _review_column = "id"
    _result_fields = frozenset(
        {
            "total",
            "base_total",
            "total_explanation",
            "grade_id",
            "rank",
            "rank_band",
            "rank_display",
            "full_rank",
            "full_grade_id",
            "strength_ids",
            "weakness_ids",
            "manager_comment",
            "peer_summary",
            "line_ids",
        }
    )

    def _get_page_values(self):
        self._note_access("form")
        return super()._get_page_values() | {"consent": self._get_consent_values()}

    def _get_consent_values(self):
        """What the employee of the review is asked to agree to; False where he is not asked."""
        self.ensure_one()
        program = self.sudo().program_id  # sudo: words written for those who take part
        if not program.consent_asked:
            return False
        consents = self.env["hr.performance.consent"].search(
            [("program_id", "=", program.id), ("employee_id", "=", self.employee_id.id)]
        )
        last = consents.filtered(lambda c: c.version == program.consent_version)[:1]
        return {
            "id": last.id,
            "state": "withdrawn" if last.withdrawn_on else "given" if last else "asked",
            "text": program.consent_text or "",
            "effect": program._get_withdrawal_effect(),
            "version": program.consent_version,
            "is_mine": self.is_own,
            "day": format_date(self.env, last.withdrawn_on or last.given_on) if last else "",
        }
