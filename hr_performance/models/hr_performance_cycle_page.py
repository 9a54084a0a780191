from odoo import fields, models


class HrPerformanceCycle(models.Model):
    """Figures that the form of a cycle shows besides those of the engine."""

    _inherit = "hr.performance.cycle"

    ready_count = fields.Integer("Ready to Publish", compute="_compute_waiting_counts")
    running_count = fields.Integer("Still Running", compute="_compute_waiting_counts")

    def _compute_waiting_counts(self):
        counts = {
            (cycle, state): count
            for cycle, state, count in self.env["hr.performance.review"]._read_group(
                [
                    ("cycle_id", "in", self.ids),
                    "|",
                    ("state", "in", ("goal", "progress")),
                    "&",
                    ("state", "=", "ready"),
                    ("blocked", "=", False),
                ],
                ["cycle_id", "state"],
                ["__count"],
            )
        }
        for cycle in self:
            cycle.ready_count = counts.get((cycle, "ready"), 0)
            cycle.running_count = sum(counts.get((cycle, s), 0) for s in ("goal", "progress"))
