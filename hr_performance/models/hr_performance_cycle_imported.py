from odoo import models
from odoo.tools import SQL


class HrPerformanceCycle(models.Model):
    """Ranks that came with imported results go before those that can be worked out."""

    _inherit = "hr.performance.cycle"

    def _rank(self):
        result = super()._rank()
        Review = self.env["hr.performance.review"]
        Review.flush_model(["imported_rank", "imported_count", "full_rank", "full_count"])
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_review
                      SET full_rank = imported_rank,
                          full_count = CASE WHEN imported_count > 0 THEN imported_count
                                       ELSE GREATEST(full_count, imported_rank) END
                    WHERE cycle_id = ANY(%s) AND imported_rank > 0""",
                list(self.ids),
            )
        )
        Review.invalidate_model(["full_rank", "full_count"])
        return result
