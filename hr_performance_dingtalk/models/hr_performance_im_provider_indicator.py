from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.hr_performance_im.tools import errors


class HrPerformanceImProviderDingtalk(models.AbstractModel):
    """Values of indicators for DingTalk's own performance product; off unless wanted."""

    _inherit = "hr.performance.im.provider.dingtalk"

    @api.model
    def _get_default_schedule(self):
        row = {"kind": "indicator", "interval": 24, "sequence": 65, "active": False}
        return [*super()._get_default_schedule(), row]

    @api.model
    def _plan(self, run):
        if run.kind != "indicator":
            return super()._plan(run)
        indicators = self._get_indicators(run.connection_id)
        return sum(bool(indicator._get_due()) for indicator in indicators)

    @api.model
    def _get_indicators(self, connection, after=0):
        return self.env["hr.performance.dingtalk.indicator"].search(
            [("connection_id", "=", connection.id), ("id", ">", after)], order="id"
        )

    @api.model
    def _step_indicator(self, run, client):
        """Send the values of the next indicator, all periods in one call."""
        connection = run.connection_id
        if not connection.dingtalk_push_indicators:
            raise UserError(
                self.env._("Sending indicators to DingTalk is off. Allow it on the connection.")
            )
        after = run.position["after"] if run.position else 0
        indicator = self._get_indicators(connection, after)[:1]
        if not indicator:
            return True
        due = indicator._get_due()
        if due:
            self._push(run, client, indicator, due)
        run.position = {"after": indicator.id}
        return False

    @api.model
    def _push(self, run, client, indicator, due):
        """Send; an indicator that DingTalk does not take keeps no other from going out."""
        try:
            client.outward.push_indicator(indicator.code, [value for _cycle, value, _n in due])
        except (errors.BadRequest, errors.ConfigurationError, errors.NotFound) as error:
            run._note(self._read_error(error), indicator.code)
            run._count(skipped=1)
        else:
            indicator._note_sent(due)
            run._count(created=len(due))
