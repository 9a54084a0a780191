import secrets
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import errors
from .hr_performance_im_secret import MASK

ADMIN = "hr_performance.group_hr_performance_manager"


def _zones(self):
    return self.env["res.partner"]._fields["tz"]._description_selection(self.env)


class HrPerformanceImConnection(models.Model):
    """One company's account at a messenger: what is read from it, how often and at what cost.

    Secrets are set by the system administrator and never shown again. Everything else a
    performance administrator may set.
    """

    _name = "hr.performance.im.connection"
    _description = "Messenger Connection"
    _order = "company_id, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    provider = fields.Selection([], required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        [("draft", "Being set up"), ("live", "Running"), ("paused", "Paused")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        help="While a connection is paused nothing is read or sent; what was begun goes on later.",
    )
    tz = fields.Selection(
        _zones,
        "Time Zone Outside",
        required=True,
        default="Asia/Shanghai",
        help="The zone in which the messenger gives days and times.",
    )
    budget = fields.Integer(
        "Calls a Month",
        aggregator=None,
        help="How many counted calls the company may make in a calendar month. A run that would "
        "need more than is left does not begin. 0: no limit.",
    )
    calls_used = fields.Integer("Calls This Month", compute="_compute_calls")
    calls_left = fields.Integer(compute="_compute_calls")
    key = fields.Char(
        "Address Key",
        default=lambda self: secrets.token_urlsafe(12),
        copy=False,
        readonly=True,
        required=True,
        groups=ADMIN,
        export_string_translation=False,
    )

    people_mode = fields.Selection(
        [
            ("map", "Find the employee of each person, change nothing"),
            ("update", "Keep departments, managers and titles as they are outside"),
        ],
        "People",
        default="map",
        required=True,
    )
    create_employees = fields.Boolean(
        help="Persons for whom no employee is found become new employees."
    )
    create_departments = fields.Boolean(
        help="Outside departments without a department in Odoo are created."
    )
    archive_leavers = fields.Boolean(
        default=True,
        help="Archive employees whom the messenger reports as having left. Nobody is archived "
        "because a list lacks him.",
    )
    people_checked_on = fields.Datetime(
        "Differences Accepted on",
        readonly=True,
        copy=False,
        help="Until somebody has looked at the list of differences once, nothing is changed.",
    )
    scope_text = fields.Text("Who Is Visible", readonly=True, copy=False)

    schedule_ids = fields.One2many(
        "hr.performance.im.schedule", "connection_id", copy=True, context={"active_test": False}
    )
    run_ids = fields.One2many("hr.performance.im.run", "connection_id")
    identity_count = fields.Integer(compute="_compute_identity_counts")
    unmapped_count = fields.Integer("People Without Employee", compute="_compute_identity_counts")
    change_count = fields.Integer("Open Differences", compute="_compute_change_count")
    check_ids = fields.One2many("hr.performance.im.check", "connection_id", readonly=True)

    _company_unique = models.UniqueIndex(
        "(company_id, provider) WHERE active",
        "The company has a connection to this messenger already.",
    )
    _key_unique = models.UniqueIndex("(key)")
    _budget_positive = models.Constraint("CHECK (budget >= 0)", "The budget is not negative.")

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends("budget")
    def _compute_calls(self):
        # sudo: the number of calls, for whoever sees the connection
        usage = self.env["hr.performance.im.usage"].sudo()
        used = {
            (connection.id, month): calls
            for connection, month, calls in usage._read_group(
                [("connection_id", "in", self.ids)], ["connection_id", "month:month"], ["calls:sum"]
            )
        }
        for connection in self:
            connection.calls_used = used.get((connection.id, connection._get_month()), 0)
            connection.calls_left = max(connection.budget - connection.calls_used, 0)

    def _compute_identity_counts(self):
        Identity = self.env["hr.performance.im.identity"]
        domain = [("connection_id", "in", self.ids), ("left_on", "=", False)]
        counts, unmapped = (
            dict(Identity._read_group(more, ["connection_id"], ["__count"]))
            for more in (domain, [*domain, ("employee_id", "=", False), ("ignored", "=", False)])
        )
        for connection in self:
            connection.identity_count = counts.get(connection, 0)
            connection.unmapped_count = unmapped.get(connection, 0)

    def _compute_change_count(self):
        domain = [("connection_id", "in", self.ids), ("state", "=", "proposed")]
        Change = self.env["hr.performance.im.change"]
        counts = dict(Change._read_group(domain, ["connection_id"], ["__count"]))
        for connection in self:
            connection.change_count = counts.get(connection, 0)

    # ------------------------------------------------------------
    # Secrets
    # ------------------------------------------------------------

    def _compute_secret(self, name):
        """Show that a secret is there, never the secret; each field has a compute of its own."""
        # sudo: only which secrets are there
        secrets_ = self.env["hr.performance.im.secret"].sudo()
        domain = [("connection_id", "in", self._origin.ids), ("name", "=", name)]
        found = secrets_.search(domain).connection_id
        for connection in self:
            connection[name] = MASK if connection._origin in found else False

    def _inverse_secret(self, name):
        for connection in self:
            if connection[name] != MASK:
                connection._set_secret(name, connection[name])

    def _set_secret(self, name, value):
        """Keep a secret; tokens that were got with the old one are dropped."""
        self.ensure_one()
        self.env["hr.performance.im.secret"]._put(self, name, value and value.strip())
        self.env["hr.performance.im.token"]._forget(self)

    def _get_secret(self, name):
        self.ensure_one()
        return self.env["hr.performance.im.secret"]._get(self, name)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        connections = super().create(vals_list)
        for connection in connections.filtered(lambda c: not c.schedule_ids):
            rows = connection._get_provider()._get_default_schedule()
            self.env["hr.performance.im.schedule"].create(
                [{"connection_id": connection.id, **row} for row in rows]
            )
        return connections

    def write(self, vals):
        for name in ("company_id", "provider"):
            if name in vals and self.run_ids:
                raise UserError(
                    self.env._(
                        "What was read belongs to this company and messenger. Make a new "
                        "connection for another one."
                    )
                )
        return super().write(vals)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_test(self):
        """Try every permission that the connection needs, and show what is missing."""
        self.ensure_one()
        self.check_access("write")
        # sudo: the secrets, which the client alone reads
        self.sudo()._test()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_start(self):
        """Let the scheduled runs begin."""
        self.check_access("write")
        for connection in self:
            failed = connection.check_ids.filtered(lambda check: not check.passed)
            if not connection.check_ids or failed.filtered("blocking"):
                raise UserError(
                    self.env._("Test the connection first: it must reach the messenger.")
                )
        self.write({"state": "live"})
        self.env["hr.performance.im.run"]._trigger()
        return True

    def action_pause(self):
        """Stop reading and sending; what was begun waits."""
        self.check_access("write")
        self.write({"state": "paused"})
        return True

    def action_read_people(self):
        """Read the people now. Before the differences were accepted once, nothing is changed."""
        self.ensure_one()
        self.check_access("write")
        return self._start_run("people")._open()

    def action_accept_differences(self):
        """Apply the open differences, and those of later runs without asking again."""
        self.ensure_one()
        self.check_access("write")
        # sudo: the date is written by this button alone
        self.sudo().people_checked_on = fields.Datetime.now()
        return self._start_run("people", position={"phase": "apply"})._open()

    def action_open_identities(self):
        """Open the mapping of outside people to employees."""
        self.ensure_one()
        xmlid = "hr_performance_im.hr_performance_im_identity_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("connection_id", "=", self.id)]
        return action

    def action_open_changes(self):
        """Open the differences between outside people and employees."""
        self.ensure_one()
        xmlid = "hr_performance_im.hr_performance_im_change_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("connection_id", "=", self.id)]
        return action

    def action_open_runs(self):
        """Open the log of the connection."""
        self.ensure_one()
        xmlid = "hr_performance_im.hr_performance_im_run_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("connection_id", "=", self.id)]
        return action

    # ------------------------------------------------------------
    # Working
    # ------------------------------------------------------------

    def _get_provider(self):
        """The abstract model of the messenger."""
        self.ensure_one()
        return self.env[f"hr.performance.im.provider.{self.provider}"]

    def _start_run(self, kind, position=None, **vals):
        """Begin a run in the background; one that runs already is returned instead."""
        self.ensure_one()
        # sudo: nobody has write access to runs, the right is that of the connection
        return self.sudo().env["hr.performance.im.run"]._start(self.sudo(), kind, position, **vals)

    def _get_month(self):
        """First day of the month that it is outside: calls are counted by it."""
        self.ensure_one()
        return self._get_outside_today().replace(day=1)

    def _get_outside_now(self):
        """What clocks show outside, with the zone."""
        self.ensure_one()
        now = fields.Datetime.now().replace(tzinfo=ZoneInfo("UTC"))
        return now.astimezone(ZoneInfo(self.tz or "UTC"))

    def _get_outside_today(self):
        return self._get_outside_now().date()

    @api.model
    def _find_by_key(self, key, provider):
        """The running connection behind an address of ours; empty for a wrong key."""
        # sudo: whoever comes to the address has no user yet
        return self.sudo().search([("key", "=", key or "-"), ("provider", "=", provider)], limit=1)

    def _get_url(self, name):
        """An address of ours for this connection, such as ``events``."""
        self.ensure_one()
        # sudo: the address of the server, and the key that makes it this connection's
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        return f"{base}/performance/{self.provider}/{self.sudo().key}/{name}"

    def _find_user(self, external_id):
        """The user of an outside person, by the mapping alone; empty where he may not sign in."""
        self.ensure_one()
        # sudo: the visitor has no user yet; only the stored outside id decides
        identity = (
            self.env["hr.performance.im.identity"]
            .sudo()
            .search(
                [
                    ("connection_id", "=", self.id),
                    ("external_id", "=", external_id),
                    ("left_on", "=", False),
                    ("employee_id.company_id", "=", self.company_id.id),
                ],
                limit=1,
            )
        )
        user = identity.employee_id.user_id
        return user.filtered(lambda u: u.active and u._is_internal())

    def _test(self):
        self.ensure_one()
        budget = self.env["hr.performance.im.usage"]._get_budget(self)
        provider = self._get_provider()
        try:
            with provider._open_client(self, budget) as client:
                results = provider._test(self, client)
        except (errors.ApiError, UserError) as error:
            trouble = self.env["hr.performance.im.run"]._read_trouble(self, error)
            results = [(self.env._("Reach the messenger"), trouble)]
        self.check_ids.unlink()
        self.env["hr.performance.im.check"].create(
            [
                {
                    "connection_id": self.id,
                    "sequence": number,
                    "name": name,
                    "passed": trouble is None,
                    "blocking": number == 0,
                    "code": trouble and trouble.code,
                    "message": trouble and trouble.message,
                    "advice": trouble and trouble.advice,
                }
                for number, (name, trouble) in enumerate(results)
            ]
        )
