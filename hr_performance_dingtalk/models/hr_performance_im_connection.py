from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.hr_performance_im.tools.client import check_base_url

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
    dingtalk_has_report = fields.Boolean(
        "Uses the Attendance Report", readonly=True, copy=False, help="As found by the test."
    )
    dingtalk_oapi_url = fields.Char("Address of oapi", groups=SYSTEM)
    dingtalk_api_url = fields.Char("Address of api", groups=SYSTEM)
    dingtalk_login_url = fields.Char("Address of the Sign-In Page", groups=SYSTEM)
    dingtalk_client_secret = fields.Char(
        "Client Secret", compute="_compute_secrets", inverse="_inverse_secrets", groups=SYSTEM
    )
    dingtalk_event_token = fields.Char(
        "Token of the Events",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups=SYSTEM,
    )
    dingtalk_event_key = fields.Char(
        "AES Key of the Events",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups=SYSTEM,
    )

    _dingtalk_agent_number = models.Constraint(
        "CHECK (dingtalk_agent_id IS NULL OR dingtalk_agent_id ~ '^[0-9]{1,18}$')",
        "The Agent ID is a number.",
    )

    @api.onchange("provider")
    def _onchange_provider(self):
        if self.provider == "dingtalk" and not self.budget:
            self.budget = STANDARD_BUDGET

    @api.model
    def _get_secret_fields(self):
        return [
            *super()._get_secret_fields(),
            "dingtalk_client_secret",
            "dingtalk_event_token",
            "dingtalk_event_key",
        ]

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
