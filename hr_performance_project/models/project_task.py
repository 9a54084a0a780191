from odoo import api, fields, models
from odoo.tools import SQL

DONE = "1_done"


class ProjectTask(models.Model):
    _inherit = "project.task"

    performance_done_on = fields.Datetime(
        "Done On",
        compute="_compute_performance_done_on",
        store=True,
        copy=False,
        help="When the task was set to done. Moving it to another stage afterwards does not change "
        "it, reopening it does.",
    )

    def init(self):
        """Tasks that were done before this app came: the best date that core kept of them."""
        result = super().init()
        self.env.cr.execute(
            SQL(
                """UPDATE project_task
                      SET performance_done_on =
                          COALESCE(date_end, date_last_stage_update, write_date)
                    WHERE state = %s AND performance_done_on IS NULL""",
                DONE,
            )
        )
        return result

    @api.depends("state")
    def _compute_performance_done_on(self):
        now = fields.Datetime.now()
        for task in self:
            task.performance_done_on = (
                task.state == DONE and (task.performance_done_on or now) or False
            )

    @api.model
    def _has_field_access(self, field, operation):
        """Nobody moves the day of his own work but by doing it; whoever imports old tasks may."""
        if operation == "write" and field.name == "performance_done_on" and not self.env.su:
            return self.env.user.has_group("project.group_project_manager")
        return super()._has_field_access(field, operation)
