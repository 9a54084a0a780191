from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.hr_performance_im.tools import errors

#: Recent approvals that a preview reads.
PREVIEW = 3


class HrPerformanceDingtalkProcess(models.Model):
    """A process of approvals that is read, and what its form says about performance."""

    _name = "hr.performance.dingtalk.process"
    _description = "Approval Process in DingTalk"
    _order = "connection_id, name, id"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "hr.performance.im.connection",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('provider', '=', 'dingtalk')]",
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    code = fields.Char(
        "Process Code",
        required=True,
        help="The part after “processCode=” in the address of the form in DingTalk's console.",
    )
    employee_from = fields.Selection(
        [("originator", "Whoever asked for it"), ("field", "A contact field of the form")],
        "Counts For",
        default="originator",
        required=True,
    )
    employee_address = fields.Char(
        "Contact Field", help="Alias or id of the field, never its label: labels are edited."
    )
    several_people = fields.Selection(
        [("refuse", "It is not understood"), ("each", "It counts in full for each of them")],
        "Where the Field Names Several",
        default="refuse",
        required=True,
    )
    value_address = fields.Char(
        "Number Field",
        help="Alias or id of the field with the number. Empty: each passed approval counts as 1.",
    )
    longest_days = fields.Integer(
        "Longest Approval in Days",
        default=60,
        aggregator=None,
        help="DingTalk lists approvals by the day on which they were asked for. So long before the "
        "window they are looked for.",
    )
    field_ids = fields.One2many("hr.performance.dingtalk.field", "process_id", readonly=True)
    approval_ids = fields.One2many("hr.performance.dingtalk.approval", "process_id")
    approval_count = fields.Integer(compute="_compute_approval_count")
    problem_count = fields.Integer("Approvals Not Understood", compute="_compute_approval_count")
    metric_ids = fields.One2many("hr.performance.metric", "dingtalk_process_id", readonly=True)

    _code_unique = models.UniqueIndex("(connection_id, code)", "This process is there already.")
    _longest_positive = models.Constraint(
        "CHECK (longest_days BETWEEN 1 AND 364)", "Between 1 and 364 days."
    )

    @api.depends("approval_ids")
    def _compute_approval_count(self):
        Approval = self.env["hr.performance.dingtalk.approval"]
        domain = [("process_id", "in", self.ids)]
        counts, problems = (
            dict(Approval._read_group(more, ["process_id"], ["__count"]))
            for more in (domain, [*domain, ("problem", "!=", False)])
        )
        for process in self:
            process.approval_count = counts.get(process, 0)
            process.problem_count = problems.get(process, 0)

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"employee_from", "employee_address", "several_people", "value_address"}:
            # sudo: what was read is read anew by the new setting, without asking DingTalk
            self.sudo().approval_ids._reread()
        return result

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_preview(self):
        """Read a few recent approvals and show their fields, and what they would count."""
        self.ensure_one()
        self.check_access("write")
        # sudo: the secrets, which the client alone reads
        self.sudo()._preview()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_read(self):
        """Read the approvals of the last weeks now."""
        self.ensure_one()
        self.check_access("write")
        today = self.connection_id._get_outside_today()
        return self.connection_id._start_run(
            "approval", date_from=today - timedelta(days=31), date_to=today
        )._open()

    def action_add_metric(self):
        """Make a metric of the number in the form, or of the number of passed approvals."""
        self.ensure_one()
        self.check_access("write")
        model = self.env["ir.model"]._get("hr.performance.dingtalk.approval")
        number = self.env["ir.model.fields"]._get(model.model, "value")
        metric = self.env["hr.performance.metric"].create(
            {
                "name": self.name,
                "company_id": self.company_id.id,
                "source": "model",
                "unit": "percent" if self.value_address else "count",
                "model_id": model.id,
                "domain": repr(
                    [
                        ("process_id", "=", self.id),
                        ("state", "=", "passed"),
                        ("problem", "=", False),
                    ]
                ),
                "date_path": "finished_on",
                "employee_path": "employee_id",
                "aggregate": "avg" if self.value_address else "count",
                "measure_field_id": number.id if self.value_address else False,
                "dingtalk_process_id": self.id,
            }
        )
        return metric._get_records_action()

    def action_open_approvals(self):
        """Open what was read."""
        self.ensure_one()
        xmlid = "hr_performance_dingtalk.hr_performance_dingtalk_approval_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("process_id", "=", self.id)]
        return action

    # ------------------------------------------------------------
    # Working
    # ------------------------------------------------------------

    def _preview(self):
        connection = self.connection_id
        budget = self.env["hr.performance.im.usage"]._get_budget(connection)
        now = fields.Datetime.now()
        start = now - timedelta(days=self.longest_days)
        try:
            with connection._get_provider()._open_client(connection, budget) as client:
                ids = []
                for page in client.approvals.instance_ids(self.code, start, now):
                    ids += page
                    if len(ids) >= PREVIEW:
                        break
                instances = [client.approvals.instance(key) for key in ids[:PREVIEW]]
        except errors.ApiError as error:
            trouble = connection._get_provider()._read_error(error)
            # pylint: disable-next=translation-required
            raise UserError(f"{trouble.advice}\n{trouble.message}") from error
        if not instances:
            raise UserError(self.env._("Nobody used this process in the last weeks."))
        self.env["hr.performance.dingtalk.approval"]._keep(self, instances)
        self.field_ids.unlink()
        self.env["hr.performance.dingtalk.field"].create(
            [
                {
                    "process_id": self.id,
                    "sequence": number,
                    "address": field.alias or field.id,
                    "label": field.label,
                    "kind": field.kind,
                    "example": (field.value or "")[:200],
                }
                for number, field in enumerate(instances[0].fields)
            ]
        )
