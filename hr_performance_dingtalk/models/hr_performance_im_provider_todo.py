from odoo import api, models

from odoo.addons.hr_performance_im.tools import errors

STEP = 50


class HrPerformanceImProviderDingtalk(models.AbstractModel):
    """Ending to-dos in DingTalk whose step is done in Odoo."""

    _inherit = "hr.performance.im.provider.dingtalk"

    @api.model
    def _get_default_schedule(self):
        return [*super()._get_default_schedule(), {"kind": "todo", "interval": 1, "sequence": 40}]

    @api.model
    def _plan(self, run):
        if run.kind != "todo":
            return super()._plan(run)
        channel = self.env["hr.performance.channel.dingtalk"]
        return len(channel._get_finished(run.connection_id, None))

    @api.model
    def _step_todo(self, run, client):
        finished = self.env["hr.performance.channel.dingtalk"]._get_finished(
            run.connection_id, STEP
        )
        identities = self.env["hr.performance.channel.dingtalk"]._get_identities(finished.user_id)
        for message in finished:
            identity = identities.get(message.user_id)
            if identity:
                try:
                    client.todos.update(
                        identity.union_id, message.reference.split(":")[2], done=True
                    )
                except errors.ApiError as error:
                    run._skip(error, message.reference)
            message.dingtalk_todo_done = True
            run._count(changed=1)
        return len(finished) < STEP
