from odoo import fields, models


class HrPerformanceCycle(models.Model):
    """360° reviews are opened with the reviews that they belong to."""

    _inherit = "hr.performance.cycle"

    poll_ids = fields.One2many("hr.performance.poll", "cycle_id")
    peer_used = fields.Boolean(related="program_id.peer_used")

    def _launch_batch(self, employees):
        reviews = super()._launch_batch(employees)
        if self.program_id.peer_used:
            reviews._open_peer_polls()
        return reviews

    def action_open_peer(self):
        """Ask for the reviews that are launched already; those with a 360° review keep it."""
        self._check_officer()
        # sudo: the engine opens the polls, the right was checked
        self.sudo().review_ids._open_peer_polls()
        return self.action_view_peer()

    def action_view_peer(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_poll_action_peer"
        )
        return dict(action, domain=[("cycle_id", "=", self.id), ("kind", "=", "peer")])
