from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import float_compare

from ..tools import weights as weight_tools


class HrPerformanceTemplate(models.Model):
    """What one kind of position is measured by: metrics, targets, weights and scoring rules.

    A template is prepared as a draft and used once it is ready; ready means that its weights total
    100. What reviews were launched from stays as it was: a change makes a new version, which takes
    over on its effective date.
    """

    _name = "hr.performance.template"
    _description = "Performance Template"
    _inherit = ["mail.thread", "hr.performance.version.mixin"]
    _order = "sequence, name, version desc, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", ondelete="cascade")
    description = fields.Html(translate=True, sanitize=True)
    state = fields.Selection(
        [("draft", "Draft"), ("ready", "Ready")],
        default="draft",
        required=True,
        copy=False,
        tracking=True,
    )
    root_id = fields.Many2one(
        "hr.performance.template",
        "First Version",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        readonly=True,
    )
    date_from = fields.Date(
        "Effective From",
        copy=False,
        tracking=True,
        help="Cycles that end on this day or later use this version. Empty: from the beginning.",
    )
    job_ids = fields.Many2many("hr.job", string="Job Positions", check_company=True)
    department_ids = fields.Many2many(
        "hr.department",
        string="Departments",
        check_company=True,
        help="Used for these departments and those below them, unless a template names the job "
        "or a nearer department. A template without jobs and departments is for everybody else.",
    )
    scale_id = fields.Many2one(
        "hr.performance.scale",
        "Grading Scale",
        default=lambda self: self._default_scale_id(),
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    missing_policy = fields.Selection(
        [
            ("exclude", "Leave it out of the total"),
            ("block", "Hold publication until it is measured"),
        ],
        "Unmeasured Metric",
        default="exclude",
        required=True,
        tracking=True,
        help="What happens to the weight of a metric without data. It never scores 0 and never "
        "scores full.",
    )
    coverage_threshold = fields.Float(
        "Minimum Data Coverage (%)",
        default=50.0,
        digits=(5, 2),
        tracking=True,
        help="A result is not published while less than this share of its weight is backed by "
        "data.",
    )
    min_process_share = fields.Float(
        "Minimum Process Share (%)",
        digits=(5, 2),
        tracking=True,
        help="Share of the weights that process metrics must keep. 0: no minimum.",
    )
    line_ids = fields.One2many("hr.performance.template.line", "template_id", copy=True)
    rule_ids = fields.One2many("hr.performance.template.rule", "template_id", copy=True)
    weight_total = fields.Float(compute="_compute_weight_shares", digits=(6, 2))
    process_share = fields.Float(compute="_compute_weight_shares", digits=(5, 2))
    result_share = fields.Float(compute="_compute_weight_shares", digits=(5, 2))
    dimension_shares = fields.Json(compute="_compute_weight_shares")
    weight_problem = fields.Char(compute="_compute_weight_problem")
    review_count = fields.Integer(compute="_compute_review_count")

    _version_unique = models.UniqueIndex(
        "(root_id, version) WHERE root_id IS NOT NULL",
        "This version of the template exists already.",
    )
    _shares_range = models.Constraint(
        "CHECK (coverage_threshold BETWEEN 0 AND 100 AND min_process_share BETWEEN 0 AND 100)",
        "Shares and thresholds lie between 0 % and 100 %.",
    )

    @api.model
    def _default_scale_id(self):
        return self.env["hr.performance.scale"].search([], limit=1)

    @api.depends("line_ids.weight", "line_ids.kind", "line_ids.dimension_id")
    def _compute_weight_shares(self):
        for template in self:
            by_kind, by_dimension = defaultdict(float), defaultdict(float)
            for line in template.line_ids:
                by_kind[line.kind] += line.weight
                by_dimension[line.dimension_id] += line.weight
            total = sum(by_kind.values())
            template.weight_total = total
            template.process_share = 100 * by_kind["process"] / total if total else 0.0
            template.result_share = 100 * by_kind["result"] / total if total else 0.0
            template.dimension_shares = [
                {
                    "name": dimension.display_name or self.env._("No dimension"),
                    "share": round(100 * weight / total, 2) if total else 0.0,
                }
                for dimension, weight in by_dimension.items()
            ]

    @api.depends("line_ids.weight", "line_ids.kind", "min_process_share")
    def _compute_weight_problem(self):
        for template in self:
            template.weight_problem = template._get_weight_problem()

    def _compute_review_count(self):
        counts = dict(
            self.env["hr.performance.review"]._read_group(
                [("template_id", "in", self.ids)], ["template_id"], ["__count"]
            )
        )
        for template in self:
            template.review_count = counts.get(template, 0)

    @api.depends("name", "version")
    def _compute_display_name(self):
        for template in self:
            template.display_name = template._get_version_name()

    def _get_weight_problem(self):
        """What keeps the template from being ready, in a sentence; False when nothing does."""
        self.ensure_one()
        if not self.line_ids:
            return self.env._("Add at least one metric.")
        if not weight_tools.check_total(self.line_ids.mapped("weight")):
            return self.env._(
                "The weights total %(total)s, they must total 100.",
                total=round(self.weight_total, 2),
            )
        if float_compare(self.process_share, self.min_process_share, precision_digits=2) < 0:
            return self.env._(
                "Process metrics have %(share)s %% of the weight, at least %(minimum)s %% is "
                "asked.",
                share=round(self.process_share, 2),
                minimum=round(self.min_process_share, 2),
            )
        return False

    @api.constrains("state", "line_ids", "min_process_share")
    def _check_ready(self):
        ready = self.filtered(lambda template: template.state == "ready")
        ready.line_ids._check_rule()
        for template in ready:
            if template.weight_problem:
                raise ValidationError(
                    self.env._(
                        "%(template)s cannot be ready: %(problem)s",
                        template=template.display_name,
                        problem=template.weight_problem,
                    )
                )

    def write(self, vals):
        frozen = {"line_ids", "rule_ids", "scale_id", "missing_policy", "coverage_threshold"}
        if frozen & vals.keys():
            self._check_not_used()
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if default and "name" in default:
            return vals_list
        for template, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%s (copy)", template.name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_not_used()

    def _check_not_used(self):
        used = self.filtered(lambda template: template.state == "ready" and template.review_count)
        if used:
            raise UserError(
                self.env._(
                    "Reviews were launched from %(templates)s. Make a new version instead, so that "
                    "these reviews keep the rules they were made with.",
                    templates=", ".join(used.mapped("display_name")),
                )
            )

    def _check_draft(self):
        ready = self.filtered(lambda template: template.state == "ready")
        ready._check_not_used()
        if ready:
            raise UserError(
                self.env._(
                    "%(templates)s is ready for use. Set it back to draft to change its lines.",
                    templates=", ".join(ready.mapped("display_name")),
                )
            )

    def action_set_ready(self):
        for template in self:
            problem = template.weight_problem
            if problem and template.line_ids and template._get_rebalanced_weights():
                raise RedirectWarning(
                    self.env._(
                        "%(template)s cannot be ready: %(problem)s",
                        template=template.display_name,
                        problem=problem,
                    ),
                    template.action_open_rebalance(),
                    self.env._("Show the rebalanced weights"),
                )
        self.state = "ready"
        return True

    def action_set_draft(self):
        self._check_not_used()
        self.state = "draft"
        return True

    def action_open_rebalance(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rebalance Weights"),
            "res_model": "hr.performance.template.rebalance",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_template_id": self.id},
        }

    def action_view_reviews(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_review_action"
        )
        return dict(action, domain=[("template_id", "=", self.id)], context={})

    def _get_rebalanced_weights(self):
        """Proposed weights that total 100, ``{line: weight}``; empty when there is none.

        The lines that totalled 100 before are scaled, those added since keep their weight.
        """
        self.ensure_one()
        lines = self.line_ids.sorted("id")
        try:
            proposal = weight_tools.propose({line.id: line.weight for line in lines})
        except weight_tools.WeightError:
            return {}
        return {line: float(proposal[line.id]) for line in lines}

    def _apply_weights(self, weights):
        """Write ``{line: weight}`` in one go, so that the total is checked once, at the end."""
        self.ensure_one()
        self.line_ids = [Command.update(line.id, {"weight": w}) for line, w in weights.items()]

    @api.model
    def _pick(self, company, assignments, day, templates=None):
        """The template of each employee on ``day``.

        :param assignments: ``[(employee id, job id, department id)]``
        :param templates: restrict to these templates and their other versions
        :return: ``{employee id: template}``; employees for whom no template fits are left out

        The job decides first, then the nearest department upwards, then the template without
        either. Among versions the latest effective one on ``day`` holds.
        """
        candidates = self._get_effective(company, day, templates)
        by_job, by_department, general = {}, {}, self.browse()
        for template in candidates:
            for job in template.job_ids:
                by_job.setdefault(job.id, template)
            for department in template.department_ids:
                by_department.setdefault(department.id, template)
            if not template.job_ids and not template.department_ids:
                general = general or template
        # sudo: ids of the hierarchy only, for people the user may not see
        departments = self.env["hr.department"].sudo().browse({r[2] for r in assignments if r[2]})
        paths = departments._get_performance_paths()
        picked = {}
        for employee_id, job_id, department_id in assignments:
            nearest = (by_department.get(d.id) for d in paths.get(department_id, ()))
            template = by_job.get(job_id) or next(filter(None, nearest), None) or general
            if template:
                picked[employee_id] = template
        return picked

    @api.model
    def _get_effective(self, company, day, templates=None):
        domain = Domain("state", "=", "ready") & Domain("company_id", "in", [False, company.id])
        domain &= Domain("date_from", "=", False) | Domain("date_from", "<=", day)
        if templates:
            roots = self.browse({template._get_root().id for template in templates})
            domain &= Domain("id", "in", roots.ids) | Domain("root_id", "in", roots.ids)
        latest = {}
        for template in self.search(domain, order="sequence, id"):
            root = template._get_root()
            if root not in latest or template.version > latest[root].version:
                latest[root] = template
        return self.browse(t.id for t in latest.values())
