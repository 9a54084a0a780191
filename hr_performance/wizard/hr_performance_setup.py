from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..tools import period as period_tools

STEPS = ["period", "templates", "people", "steps", "launch"]


class HrPerformanceSetup(models.TransientModel):
    """First-programme assistant: period, templates, people, steps; a preview; launched.

    Nothing is kept before the last button: the preview creates the programme for real, asks the
    engine who gets which template, and takes everything back.
    """

    _name = "hr.performance.setup"
    _description = "Set up a Programme"

    step = fields.Selection(
        [
            ("period", "Period"),
            ("templates", "Templates"),
            ("people", "People"),
            ("steps", "Steps"),
            ("launch", "Check and Launch"),
        ],
        default="period",
        required=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    name = fields.Char(
        "Name of the Programme",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    cadence = fields.Selection(
        [
            ("monthly", "Every month"),
            ("quarterly", "Every quarter"),
            ("half_yearly", "Every half year"),
            ("yearly", "Every year"),
        ],
        "Review",
        default="monthly",
        required=True,
    )
    date_start = fields.Date(
        "First Period Contains", required=True, default=fields.Date.context_today
    )
    date_from = fields.Date(compute="_compute_period")
    date_to = fields.Date(compute="_compute_period")
    auto_open = fields.Boolean("Open the Following Cycles by Themselves", default=True)
    line_ids = fields.One2many(
        "hr.performance.setup.line",
        "setup_id",
        "Templates",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    chosen_count = fields.Integer(compute="_compute_chosen_count")
    department_ids = fields.Many2many(
        "hr.department", string="Departments", domain="[('company_id', 'in', [False, company_id])]"
    )
    job_ids = fields.Many2many(
        "hr.job",
        string="Job Positions",
        domain="[('company_id', 'in', [False, company_id])]",
    )
    category_ids = fields.Many2many("hr.employee.category", string="Employee Tags")
    employee_count = fields.Integer("People Found", compute="_compute_employee_count")
    use_goals = fields.Boolean("Employees confirm their goals", default=True)
    use_self = fields.Boolean("Employees assess themselves", default=True)
    use_calibration = fields.Boolean("HR compares the scores before publication")
    use_appeal = fields.Boolean("Results can be discussed for a week", default=True)
    preview_ids = fields.One2many("hr.performance.setup.preview", "setup_id", readonly=True)
    launch_count = fields.Integer(readonly=True)
    left_out_count = fields.Integer(readonly=True)

    @api.depends("cadence")
    def _compute_name(self):
        names = {
            "monthly": self.env._("Monthly performance"),
            "quarterly": self.env._("Quarterly performance"),
            "half_yearly": self.env._("Half-yearly performance"),
            "yearly": self.env._("Yearly performance"),
        }
        for setup in self:
            if not setup.name or setup.name in names.values():
                setup.name = names.get(setup.cadence)

    @api.depends("cadence", "date_start")
    def _compute_period(self):
        for setup in self:
            period = setup._get_period() if setup.cadence and setup.date_start else None
            setup.date_from = period and period.date_from
            setup.date_to = period and period.date_to

    @api.depends("company_id")
    def _compute_line_ids(self):
        """All templates that could be used; those that are ready are chosen."""
        for setup in self:
            templates = self.env["hr.performance.template"].search(
                Domain("company_id", "in", [False, setup.company_id.id]),
                order="state desc, sequence, id",
            )
            latest = {}
            for template in templates:
                root = template._get_root()
                if root not in latest or template.version > latest[root].version:
                    latest[root] = template
            setup.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "template_id": template.id,
                            "chosen": template.state == "ready",
                            "job_ids": [Command.set(template.job_ids.ids)],
                            "department_ids": [Command.set(template.department_ids.ids)],
                        }
                    )
                    for template in latest.values()
                ),
            ]

    @api.depends("line_ids.chosen")
    def _compute_chosen_count(self):
        for setup in self:
            setup.chosen_count = len(setup.line_ids.filtered("chosen"))

    @api.depends("company_id", "department_ids", "job_ids", "category_ids")
    def _compute_employee_count(self):
        for setup in self:
            domain = Domain("company_id", "=", setup.company_id.id)
            if setup.department_ids:
                domain &= Domain("department_id", "child_of", setup.department_ids.ids)
            if setup.job_ids:
                domain &= Domain("job_id", "in", setup.job_ids.ids)
            if setup.category_ids:
                domain &= Domain("category_ids", "in", setup.category_ids.ids)
            setup.employee_count = self.env["hr.employee"].search_count(domain)

    # Buttons

    def action_next(self):
        self.ensure_one()
        if self.step == "templates":
            self._check_templates()
        following = STEPS[min(STEPS.index(self.step) + 1, len(STEPS) - 1)]
        return self._go_to(following)

    def action_back(self):
        self.ensure_one()
        return self._go_to(STEPS[max(STEPS.index(self.step) - 1, 0)])

    def action_launch(self):
        """Keep the programme, launch its first cycle and open it."""
        self.ensure_one()
        self._check_templates()
        cycle = self._create_cycle()
        cycle._launch()
        return cycle._get_records_action(target="main")

    def _go_to(self, step):
        self.step = step
        if step == "launch":
            self._fill_preview()
        return self._get_records_action(name=self.env._("Set up a Programme"), target="new")

    # What is made

    def _get_period(self):
        self.ensure_one()
        return period_tools.period_of(self.cadence, self.date_start, anchor=self.date_start)

    def _check_templates(self):
        chosen = self.line_ids.filtered("chosen")
        if not chosen:
            raise UserError(
                self.env._("Choose at least one template: it says what people are measured by.")
            )
        for line in chosen:
            if line.problem:
                raise UserError(
                    self.env._(
                        "%(template)s: %(problem)s",
                        template=line.template_id.display_name,
                        problem=line.problem,
                    )
                )

    def _create_cycle(self):
        """Create the programme with its first cycle; templates become ready for use."""
        self.ensure_one()
        templates = self.line_ids.filtered("chosen")._make_ready(self.company_id)
        program = self.env["hr.performance.program"].create(
            {
                "name": self.name,
                "company_id": self.company_id.id,
                "cadence": self.cadence,
                "date_start": self.date_from,
                "auto_open": self.auto_open,
                "department_ids": [Command.set(self.department_ids.ids)],
                "job_ids": [Command.set(self.job_ids.ids)],
                "category_ids": [Command.set(self.category_ids.ids)],
                "template_ids": [Command.set(templates.ids)],
                "step_ids": [Command.create(vals) for vals in self._get_step_vals()],
            }
        )
        return program._open_cycles([self._get_period()])

    def _get_step_vals(self):
        switches = {
            "goal_confirmation": self.use_goals,
            "self_assessment": self.use_self,
            "calibration": self.use_calibration,
            "appeal": self.use_appeal,
        }
        return [
            {**vals, "used": switches.get(vals["code"], True)}
            for vals in self.env["hr.performance.program.step"]._get_default_steps()
        ]

    # Preview

    def _fill_preview(self):
        """Ask the engine who gets which template and who is left out; nothing stays of it."""
        self.ensure_one()
        with self.env.cr.savepoint() as savepoint:
            trial = self.with_context(tracking_disable=True, mail_create_nolog=True)
            rows = trial._create_cycle()._get_launch_preview()
            savepoint.rollback()
        self.env.invalidate_all()
        self.preview_ids = [Command.clear(), *(Command.create(row) for row in rows)]
        self.launch_count = sum(row["count"] for row in rows if row["kind"] == "template")
        self.left_out_count = sum(row["count"] for row in rows if row["kind"] == "left_out")
