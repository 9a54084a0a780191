from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.hr_performance_im.models.hr_performance_im_provider import Trouble
from odoo.addons.hr_performance_im.tools import errors

from ..tools.board_text import get_board_text


class HrPerformanceImProviderDingtalk(models.AbstractModel):
    """Leaderboards for the group of the robot, of the plans that want it.

    It gets what each colleague may see of the others by the rule of the plan, and nothing where
    the plan compares people in several groups, for the chat does not know them.
    """

    _inherit = "hr.performance.im.provider.dingtalk"

    @api.model
    def _get_default_schedule(self):
        row = {"kind": "board", "interval": 24, "sequence": 70}
        return [*super()._get_default_schedule(), row]

    @api.model
    def _step_board(self, run, client):
        """Write one leaderboard into the group; DingTalk takes twenty messages a minute."""
        after = run.position["after"] if run.position else 0
        period = self.env["hr.performance.sales.period"].search(
            [
                ("company_id", "=", run.connection_id.company_id.id),
                ("state", "=", "open"),
                ("is_pilot", "=", False),
                ("plan_id.dingtalk_board", "=", True),
                ("id", ">", after),
            ],
            order="id",
            limit=1,
        )
        if not period:
            return True
        self._post_board(run, client, period)
        run.position = {"after": period.id}
        return False

    @api.model
    def _post_board(self, run, client, period):
        connection = run.connection_id
        token = connection._get_secret("dingtalk_webhook_token")
        if not token:
            raise UserError(self.env._("Enter the token of the group's robot first."))
        speaking = self.with_context(lang=connection.company_id.partner_id.lang)
        title, text = speaking._get_board_message(run, period)
        posts = self.env["hr.performance.dingtalk.post"]
        today = connection._get_outside_today()
        post_id = text and posts._claim(connection, period, today)
        if not post_id:
            run._count(unchanged=1)
            return
        secret = connection._get_secret("dingtalk_webhook_secret") or None
        try:
            client.robot.send_to_group(token, title, text, secret)
        except errors.OutcomeUnknown as error:
            posts._note_apart(post_id, "unknown")
            run._note(self._read_error(error), period.display_name)
        except errors.ApiError:
            posts._note_apart(post_id, None)
            raise
        else:
            posts._note_apart(post_id, "sent")
            run._count(created=1)

    @api.model
    def _get_board_message(self, run, period):
        """Pair (title, text) in the language of the context; no text where there is none."""
        plan = period.plan_id
        title = self.env._("Leaderboard: %s", plan.name)
        groups = self._get_ranked_groups(period)
        if not groups:
            return title, ""
        if len(groups) > 1:
            advice = self.env._(
                "%s compares people within several groups, who may not see each other. It is not "
                "written into one chat.",
                plan.name,
            )
            run._note(Trouble("several_groups", advice, advice), period.display_name)
            return title, ""
        board = self.env["hr.performance.sales.board"]
        page = board.get_page(period.id, groups[0], team=True, size=plan.dingtalk_board_size)
        labels = {
            "as_of": self.env._("As of %s", page["period"]["as_of"]),
            "more": self.env._("All places"),
        }
        url = f"{run.connection_id._get_url('open')}?next=%2Fperformance%2Fleaderboard"
        return title, get_board_text(page, labels, url)

    @api.model
    def _get_ranked_groups(self, period):
        """The groups of the plan in which anybody has a place."""
        results = self.env["hr.performance.sales.result"]
        domain = [("period_id", "=", period.id), ("rank", ">", 0)]
        return [group for (group,) in results._read_group(domain, ["group_ref"])]
