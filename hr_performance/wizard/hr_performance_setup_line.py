from odoo import api, fields, models
from odoo.fields import Command


class HrPerformanceSetupLine(models.TransientModel):
    _name = "hr.performance.setup.line"
    _description = "Template of a Programme to Set up"

    setup_id = fields.Many2one(
        "hr.performance.setup", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="setup_id.company_id")
    template_id = fields.Many2one("hr.performance.template", required=True, ondelete="cascade")
    chosen = fields.Boolean("Use")
    job_ids = fields.Many2many(
        "hr.job",
        string="Job Positions",
        domain="[('company_id', 'in', [False, company_id])]",
    )
    department_ids = fields.Many2many(
        "hr.department", string="Departments", domain="[('company_id', 'in', [False, company_id])]"
    )
    metrics = fields.Char(compute="_compute_metrics")
    problem = fields.Char(compute="_compute_problem")

    @api.depends("template_id")
    def _compute_metrics(self):
        for line in self:
            line.metrics = ", ".join(line.template_id.line_ids.metric_id.mapped("display_name"))

    @api.depends("template_id", "chosen")
    def _compute_problem(self):
        for line in self:
            line.problem = line.template_id.weight_problem if line.chosen else False

    def _make_ready(self, company):
        """The templates to use, ready and for the chosen positions.

        A ready-made template that is shared by all companies stays as it is: the company gets a
        copy as soon as positions of its own are chosen.
        """
        templates = self.env["hr.performance.template"]
        for line in self:
            template = line.template_id
            scope = {
                "job_ids": [Command.set(line.job_ids.ids)],
                "department_ids": [Command.set(line.department_ids.ids)],
            }
            moved = (
                line.job_ids != template.job_ids or line.department_ids != template.department_ids
            )
            if moved and not template.company_id:
                template = template.copy({"name": template.name, "company_id": company.id, **scope})
            elif moved:
                template.write(scope)
            if template.state != "ready":
                template.action_set_ready()
            templates |= template
        return templates
