from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime

from odoo.addons.hr_performance_im.models.hr_performance_im_secret import secret_field
from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.client import check_base_url

from ..tools.messages import card_message

SYSTEM = "base.group_system"
#: Calls of a month in the standard edition.
STANDARD_BUDGET = 5000


class HrPerformanceImConnection(models.Model):
    """What a connection to DingTalk needs: one application of the company itself."""

    _inherit = "hr.performance.im.connection"

    provider = fields.Selection(
        selection_add=[("dingtalk", "DingTalk")], ondelete={"dingtalk": "cascade"}
    )
    dingtalk_client_id = fields.Char("Client ID", help="Called AppKey on older pages.")
    dingtalk_corp_id = fields.Char("Corp ID")
    dingtalk_agent_id = fields.Char("Agent ID", help="The number of the application.")
    dingtalk_attendance = fields.Selection(
        [
            ("auto", "Whatever takes the fewest calls"),
            ("results", "Single punches"),
            ("columns", "The attendance report"),
        ],
        "Attendance From",
        default="auto",
        required=True,
        help="Single punches name each day. The report takes one call a person and month.",
    )
    dingtalk_publish = fields.Boolean(
        "Publish Results to DingTalk",
        help="Closed results are handed over to DingTalk's performance product, which is sold "
        "apart. Each is handed over once.",
    )
    dingtalk_push_indicators = fields.Boolean(
        "Send Indicators to DingTalk",
        help="Values of published results for indicators of DingTalk's performance product, which "
        "is sold apart. Which ones is set under Indicators.",
    )
    dingtalk_event_url = fields.Char("Address for Events", compute="_compute_dingtalk_urls")
    dingtalk_return_url = fields.Char("Address for Sign-In", compute="_compute_dingtalk_urls")
    dingtalk_webhook_token = secret_field("dingtalk_webhook_token", "Token of the Group's Robot")
    dingtalk_webhook_secret = secret_field("dingtalk_webhook_secret", "Secret of the Group's Robot")
    dingtalk_has_report = fields.Boolean(
        "Uses the Attendance Report", readonly=True, copy=False, help="As found by the test."
    )
    dingtalk_oapi_url = fields.Char("Address of oapi", groups=SYSTEM)
    dingtalk_api_url = fields.Char("Address of api", groups=SYSTEM)
    dingtalk_login_url = fields.Char("Address of the Sign-In Page", groups=SYSTEM)
    dingtalk_client_secret = secret_field("dingtalk_client_secret", "Client Secret")
    dingtalk_event_token = secret_field("dingtalk_event_token", "Token of the Events")
    dingtalk_event_key = secret_field("dingtalk_event_key", "AES Key of the Events")

    _dingtalk_agent_number = models.Constraint(
        "CHECK (dingtalk_agent_id IS NULL OR dingtalk_agent_id ~ '^[0-9]{1,18}$')",
        "The Agent ID is a number.",
    )

    @api.onchange("provider")
    def _onchange_provider(self):
        if self.provider == "dingtalk" and not self.budget:
            self.budget = STANDARD_BUDGET

    @api.depends("provider")
    def _compute_dingtalk_urls(self):
        for connection in self:
            known = connection.provider == "dingtalk" and connection._origin
            connection.dingtalk_event_url = known and known._get_url("events")
            connection.dingtalk_return_url = known and known._get_url("return")

    def action_send_test(self):
        """Send the user himself a notice, to see how it looks and whether it arrives."""
        self.ensure_one()
        self.check_access("write")
        # sudo: the secrets, which the client alone reads; it goes to the user himself
        trouble = self.sudo()._send_test(self.env.user)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if trouble else "success",
                "message": trouble or self.env._("Sent. Look at the work notices in DingTalk."),
                "sticky": bool(trouble),
            },
        }

    def _send_test(self, user):
        """Send a notice; what went wrong in words, or an empty text."""
        identity = self.env["hr.performance.im.identity"]._find_by_user(self, user)
        if not identity:
            return self.env._("You are not mapped to a person of this connection.")
        now = format_datetime(self.env, fields.Datetime.now(), dt_format="medium")
        channel = self.env["hr.performance.channel.dingtalk"]
        card = card_message(
            self.env._("Test of %s", self.name),
            self.env._("This is how reminders look. %s", now),
            self.env._("Open"),
            f"{self._get_url('open')}?next=%2Fperformance",
        )
        try:
            with channel._open_client(self) as client:
                client.notices.send([identity.external_id], card)
        except errors.ApiError as error:
            return self._get_provider()._read_error(error).advice
        return ""

    def action_test_group(self):
        """Write a line into the group of the robot."""
        self.ensure_one()
        self.check_access("write")
        # sudo: the secrets, which the client alone reads
        self.sudo()._post_to_group(
            self.env._("Test"), self.env._("Odoo can write into this group.")
        )
        return True

    def _post_to_group(self, title, markdown):
        """Write into the group of the robot; never ratings of single people.

        :raises UserError: saying what to do when it did not arrive
        """
        self.ensure_one()
        token = self._get_secret("dingtalk_webhook_token")
        if not token:
            raise UserError(self.env._("Enter the token of the group's robot first."))
        try:
            with self.env["hr.performance.channel.dingtalk"]._open_client(self) as client:
                client.robot.send_to_group(
                    token, title, markdown, self._get_secret("dingtalk_webhook_secret") or None
                )
        except errors.ApiError as error:
            raise UserError(self._get_provider()._read_error(error).advice) from error

    @api.constrains("dingtalk_oapi_url", "dingtalk_api_url", "dingtalk_login_url")
    def _check_dingtalk_urls(self):
        # sudo: the addresses are the system's; this says whether they are safe to send secrets to
        for connection in self.sudo():
            for url in connection._get_dingtalk_hosts().values():
                try:
                    check_base_url(url)
                except ValueError as error:
                    raise ValidationError(
                        self.env._("%(url)s: the address must begin with https://", url=url)
                    ) from error

    def _get_dingtalk_hosts(self):
        """Base addresses that differ from DingTalk's own."""
        self.ensure_one()
        hosts = {
            "oapi": self.dingtalk_oapi_url,
            "api": self.dingtalk_api_url,
            "login": self.dingtalk_login_url,
        }
        return {name: url for name, url in hosts.items() if url}
