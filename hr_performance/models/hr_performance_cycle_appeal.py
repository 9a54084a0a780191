from odoo import api, fields, models

from ..tools import appeal as course


class HrPerformanceCycle(models.Model):
    """Closing waits for open appeals: their results stay published, all others are closed.

    The daily job closes the rest as soon as the last appeal is decided.
    """

    _inherit = "hr.performance.cycle"

    appeals_until = fields.Date(
        compute="_compute_appeals_until",
        help="The last day for appeals, while it is not over. Afterwards the cycle closes itself.",
    )

    def _work_close(self, ids):
        undisputed = self.env["hr.performance.review"]._get_undisputed_domain()
        return super()._work_close(ids & undisputed)

    @api.depends("state", "step_ids.code", "step_ids.deadline")
    def _compute_appeals_until(self):
        deadlines = self._get_deadlines()
        for cycle in self:
            last = deadlines.get((cycle.id, "published"))
            runs = cycle.state in ("open", "published") and last and last >= cycle._get_today()
            cycle.appeals_until = last if runs else False

    def _close(self):
        result = super()._close()
        # sudo: their number only
        waiting = (
            self.env["hr.performance.appeal"]
            .sudo()
            .search_count([("cycle_id", "in", self.ids), ("state", "in", course.OPEN_STATES)])
        )
        if not waiting:
            return result
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Appeals are open"),
                "message": self.env._(
                    "Results under appeal stay published until their appeals are decided (%s "
                    "open). All others are closed.",
                    waiting,
                ),
                "type": "warning",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
