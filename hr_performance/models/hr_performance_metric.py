import keyword
import logging
import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import float_round, formatLang

from ..tools.expression import FUNCTION_NAMES
from ..tools.measurement import unknown

_logger = logging.getLogger(__name__)

#: What a person needs the administrator's rights for: it decides which records are read.
RECORD_FIELDS = frozenset(
    {
        "model_id",
        "domain",
        "date_path",
        "date_field_id",
        "employee_path",
        "measure_field_id",
        "is_ratio",
        "denominator_domain",
        "denominator_date_path",
        "denominator_date_field_id",
        "include_archived",
        "parameter_path",
        "parameter_ref",
    }
)
CONFIG_GROUPS = "hr_performance.group_hr_performance_auditor"


class HrPerformanceMetric(models.Model):
    """What is measured: its unit, its direction and where the number comes from.

    The number itself is an ``hr.performance.value``, one per employee and period. How it is found
    is left to the source, ``hr.performance.source.<source>``.
    """

    _name = "hr.performance.metric"
    _description = "Performance Metric"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Formulas and imports name the metric by its code: small Latin letters, digits and _.",
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, aggregator=None)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: every company may use the metric.",
    )
    dimension_id = fields.Many2one(
        "hr.performance.dimension", index="btree_not_null", ondelete="restrict"
    )
    color = fields.Integer(related="dimension_id.color")
    description = fields.Text(
        translate=True,
        help="What the metric measures, in words that the measured people understand.",
    )
    unit = fields.Selection(
        [
            ("number", "Number"),
            ("percent", "Percent"),
            ("money", "Money"),
            ("rating", "Rating"),
            ("hours", "Hours"),
            ("minutes", "Minutes"),
            ("days", "Days"),
            ("count", "Count"),
            ("custom", "Other"),
        ],
        default="number",
        required=True,
    )
    unit_label = fields.Char("Name of the Unit", translate=True)
    digits = fields.Integer(
        "Decimals",
        default=2,
        aggregator=None,
        help="Most decimals shown; nothing is rounded inside.",
    )
    direction = fields.Selection(
        [("higher", "Higher is better"), ("lower", "Lower is better")],
        default="higher",
        required=True,
    )
    kind = fields.Selection(
        [("process", "Process"), ("result", "Result")],
        default="result",
        required=True,
        help="Process: how the work is done. Result: what comes out of it. Templates can keep a "
        "minimum share of process metrics.",
    )
    source = fields.Selection(
        [
            ("manual", "Entered by the manager"),
            ("evidence", "Evidence of the employee"),
            ("model", "Records in Odoo"),
            ("formula", "Formula of other metrics"),
            ("fact", "Imported rows"),
            ("peer", "360° rating"),
        ],
        default="manual",
        required=True,
    )
    aggregate = fields.Selection(
        [
            ("count", "Number of records"),
            ("count_distinct", "Number of different values"),
            ("sum", "Sum"),
            ("avg", "Average"),
            ("min", "Minimum"),
            ("max", "Maximum"),
        ],
        "Calculation",
        compute="_compute_aggregate",
        store=True,
        readonly=False,
    )
    cumulative = fields.Boolean(
        "Grows over the Period",
        compute="_compute_cumulative",
        store=True,
        readonly=False,
        help="Counts and sums grow from day to day, so a target is reached at the pace of the "
        "period and shrinks with a shorter employment. Averages and ratios do not.",
    )
    empty_as = fields.Selection(
        [("zero", "Counts as zero"), ("unknown", "Is unknown")],
        "No Record",
        compute="_compute_empty_as",
        store=True,
        readonly=False,
        help="What it means when an employee has no record in the period. An average or a ratio "
        "without records is always unknown.",
    )
    expected_sample = fields.Integer(
        "Expected Records",
        aggregator=None,
        help="Number of records in a period that makes the number reliable. With fewer, the "
        "coverage drops below 100 %. 0: any number is enough.",
    )
    scale_factor = fields.Float(
        "Multiply by",
        digits=(16, 6),
        compute="_compute_scale_factor",
        store=True,
        readonly=False,
        aggregator=None,
        help="Turns the raw number into the unit, such as 60 from hours to minutes.",
    )
    formula = fields.Char(help="Arithmetic over the codes of other metrics: won / handled * 100")
    operand_ids = fields.Many2many(
        "hr.performance.metric",
        compute="_compute_operand_ids",
        compute_sudo=True,
        string="Rests on",
        # a formula goes on resting on a metric that is no longer offered
        context={"active_test": False},
    )
    usable_codes = fields.Char(
        "Codes for the Formula", compute="_compute_usable_codes", compute_sudo=True
    )

    model_id = fields.Many2one(
        "ir.model", "Records", ondelete="set null", copy=True, groups=CONFIG_GROUPS
    )
    model_name = fields.Char(
        related="model_id.model", string="Technical Name of the Records", groups=CONFIG_GROUPS
    )
    selectable_model_ids = fields.Many2many(
        "ir.model", compute="_compute_selectable_model_ids", groups=CONFIG_GROUPS
    )
    domain = fields.Char("Which Records", default="[]", groups=CONFIG_GROUPS)
    include_archived = fields.Boolean(
        groups=CONFIG_GROUPS, help="Count archived records too, such as lost leads."
    )
    date_path = fields.Char(
        "Date",
        compute="_compute_date_path",
        store=True,
        readonly=False,
        groups=CONFIG_GROUPS,
        help="The date that puts a record into a period.",
    )
    date_field_id = fields.Many2one(
        "ir.model.fields",
        "Date Field",
        compute="_compute_date_field_id",
        inverse="_inverse_date_field_id",
        groups=CONFIG_GROUPS,
        help="The date as a field of the records themselves; for a date of a parent record set the "
        "path.",
    )
    employee_path = fields.Char(
        "Employee",
        compute="_compute_employee_path",
        store=True,
        readonly=False,
        groups=CONFIG_GROUPS,
        help="The field that says whose record it is: a user or an employee, of the record or of "
        "a record that it leads to.",
    )
    measure_field_id = fields.Many2one(
        "ir.model.fields", "Measured Field", ondelete="set null", groups=CONFIG_GROUPS
    )
    is_ratio = fields.Boolean(
        "Divide by Other Records",
        compute="_compute_is_ratio",
        store=True,
        readonly=False,
        groups=CONFIG_GROUPS,
        help="The number is a share: these records divided by a second set of records.",
    )
    denominator_domain = fields.Char("Divided by Which Records", groups=CONFIG_GROUPS)
    denominator_date_path = fields.Char(
        "Date of the Divisor",
        groups=CONFIG_GROUPS,
        help="Where the second set goes by another date. Empty: by the same date.",
    )
    denominator_date_field_id = fields.Many2one(
        "ir.model.fields",
        "Date Field of the Divisor",
        compute="_compute_date_field_id",
        inverse="_inverse_date_field_id",
        groups=CONFIG_GROUPS,
    )
    parameter_path = fields.Char(
        "Only for",
        groups=CONFIG_GROUPS,
        help="A field that narrows the records to one product, category or other thing, so that "
        "the metric can be copied for the next one.",
    )
    parameter_model_id = fields.Many2one(
        "ir.model", compute="_compute_parameter_model_id", groups=CONFIG_GROUPS
    )
    parameter_ref = fields.Reference(
        "_selection_parameter_ref", string="Only for this", groups=CONFIG_GROUPS
    )
    has_records = fields.Boolean(compute="_compute_has_records", compute_sudo=True)
    value_ids = fields.One2many("hr.performance.value", "metric_id")

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Another metric of this company has the same code."
    )
    _code_format = models.Constraint(
        "CHECK (code ~ '^[a-z][a-z0-9_]{0,62}$')",
        "A code begins with a small Latin letter and has only small Latin letters, digits and _.",
    )
    _digits_range = models.Constraint(
        "CHECK (digits BETWEEN 0 AND 6)", "Between 0 and 6 decimals can be shown."
    )
    _sample_positive = models.Constraint(
        "CHECK (expected_sample >= 0)", "The expected number of records is not negative."
    )

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends("source")
    def _compute_aggregate(self):
        for metric in self:
            usual = {"model": "count", "fact": "sum", "evidence": "sum"}.get(metric.source)
            metric.aggregate = metric.aggregate or usual

    @api.depends("source", "aggregate", "is_ratio")
    def _compute_cumulative(self):
        for metric in self:
            metric.cumulative = metric._is_total()

    @api.depends("source", "aggregate", "is_ratio", "direction")
    def _compute_empty_as(self):
        for metric in self:
            absent = metric._is_total() and metric.direction == "higher" and metric.source != "fact"
            metric.empty_as = "zero" if absent else "unknown"

    @api.depends("unit", "is_ratio")
    def _compute_scale_factor(self):
        for metric in self:
            metric.scale_factor = 100.0 if metric.is_ratio and metric.unit == "percent" else 1.0

    @api.depends("source", "formula", "company_id")
    def _compute_operand_ids(self):
        formulas = self.filtered(lambda metric: metric.source == "formula")
        (self - formulas).operand_ids = False
        if not formulas:
            return
        candidates = self._get_code_candidates(formulas.company_id.ids)
        for metric in formulas:
            names = set(re.findall(r"[a-z][a-z0-9_]*", metric.formula or ""))
            usable = metric._filter_usable(candidates)
            metric.operand_ids = self.browse(
                usable[code] for code in sorted(names) if code in usable
            )

    @api.depends("source", "company_id")
    def _compute_usable_codes(self):
        candidates = self._get_code_candidates(self.company_id.ids)
        for metric in self:
            codes = metric._filter_usable(candidates).keys() - {metric.code}
            metric.usable_codes = ", ".join(sorted(codes))

    @api.depends_context("uid")
    def _compute_selectable_model_ids(self):
        source = self.env["hr.performance.source.model"]
        names = [name for name in self.env if source._is_usable_model(name)]
        # sudo: the names of models that the user may read anyway
        self.selectable_model_ids = self.env["ir.model"].sudo().search([("model", "in", names)])

    @api.depends("model_id")
    def _compute_date_path(self):
        source = self.env["hr.performance.source.model"]
        for metric in self:
            model = self.env.get(metric.model_id.model)
            if model is not None and not source._follow(model._name, metric.date_path):
                metric.date_path = source._guess_date_path(model)

    @api.depends("model_id")
    def _compute_employee_path(self):
        source = self.env["hr.performance.source.model"]
        for metric in self:
            model = self.env.get(metric.model_id.model)
            if model is not None and not source._follow(model._name, metric.employee_path):
                metric.employee_path = source._guess_employee_path(model)

    @api.depends("model_id", "date_path", "denominator_date_path")
    def _compute_date_field_id(self):
        fields_get = self.env["ir.model.fields"]._get
        for metric in self:
            name = metric.model_id.model or ""
            metric.date_field_id = fields_get(name, metric.date_path or "")
            metric.denominator_date_field_id = fields_get(name, metric.denominator_date_path or "")

    def _inverse_date_field_id(self):
        for metric in self:
            if metric.date_field_id:
                metric.date_path = metric.date_field_id.name
            if metric.denominator_date_field_id:
                metric.denominator_date_path = metric.denominator_date_field_id.name

    @api.depends("denominator_domain")
    def _compute_is_ratio(self):
        for metric in self:
            metric.is_ratio = bool(metric.denominator_domain)

    @api.depends("model_id", "parameter_path")
    def _compute_parameter_model_id(self):
        source = self.env["hr.performance.source.model"]
        for metric in self:
            name = source._get_comodel(metric.model_id.model, metric.parameter_path)
            metric.parameter_model_id = self.env["ir.model"]._get(name) if name else False

    @api.depends("source", "formula")
    def _compute_has_records(self):
        for metric in self:
            metric.has_records = metric._get_source()._has_records(metric)

    @api.model
    def _selection_parameter_ref(self):
        # sudo: names of models only; what can be chosen is what the reader may read
        models_ = self.env["ir.model"].sudo().search([("transient", "=", False)])
        return [(model.model, model.name) for model in models_ if model.model in self.env]

    # ------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------

    @api.constrains("code")
    def _check_code(self):
        for metric in self:
            if keyword.iskeyword(metric.code) or metric.code in FUNCTION_NAMES:
                raise ValidationError(
                    self.env._(
                        "“%(code)s” has a meaning of its own in formulas. Choose another code.",
                        code=metric.code,
                    )
                )

    @api.constrains("direction")
    def _check_rules(self):
        """Refuse a direction in which a ready template could not score any more."""
        lines = self.env["hr.performance.template.line"]
        domain = [("metric_id", "in", self.ids), ("template_id.state", "=", "ready")]
        lines.search(domain)._check_rule()

    @api.constrains("scale_factor")
    def _check_scale_factor(self):
        for metric in self:
            if not metric.scale_factor:
                raise ValidationError(
                    self.env._(
                        "%(metric)s: multiplied by 0, everybody would have 0. Multiply by 1 to "
                        "leave the number as it is.",
                        metric=metric.name,
                    )
                )

    @api.constrains(
        "source",
        "aggregate",
        "formula",
        "company_id",
        *sorted(RECORD_FIELDS - {"date_field_id", "denominator_date_field_id"}),
    )
    def _check_source(self):
        for metric in self:
            metric._get_source()._check_config(metric)

    def _check_operand_cycle(self):
        """Refuse a formula that rests on itself, directly or through others."""
        self.ensure_one()
        reached = operands = self.operand_ids
        while operands:
            if self in operands:
                raise ValidationError(
                    self.env._(
                        "The formula of %(metric)s rests on itself. Remove “%(code)s” from it, or "
                        "from the formulas that it uses.",
                        metric=self.name,
                        code=self.code,
                    )
                )
            operands = operands.operand_ids - reached
            reached |= operands

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list, taken = [dict(vals) for vals in vals_list], set()
        for vals in vals_list:
            if not vals.get("code"):
                vals["code"] = self._get_free_code(vals.get("name") or "", taken)
            taken.add(vals["code"])
        return super().create(vals_list)

    def write(self, vals):
        if "code" in vals:
            self._check_code_not_used(vals["code"])
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_operand(self):
        users = self._get_formula_users() - self
        if users:
            raise UserError(
                self.env._(
                    "These formulas use the metric: %(metrics)s. Change them first, or archive "
                    "the metric.",
                    metrics=", ".join(users.mapped("name")),
                )
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for vals in vals_list:
                vals["name"] = self.env._("%(name)s (copy)", name=vals["name"])
        return vals_list

    @api.model
    def _has_field_access(self, field, operation):
        """Which records are read is for administrators to say; officers and auditors see it."""
        if operation == "write" and field.name in RECORD_FIELDS and not self.env.su:
            return self.env.user.has_group("hr_performance.group_hr_performance_manager")
        return super()._has_field_access(field, operation)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_test(self):
        """Open the assistant that shows what the metric gives, before it is used."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test: %(metric)s", metric=self.name),
            "res_model": "hr.performance.metric.test",
            "view_mode": "form",
            "target": "new",
            "context": {"default_metric_id": self.id},
        }

    def action_open_values(self):
        """Open the values measured so far, as far as the reader may see them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_value_action"
        )
        action["domain"] = [("metric_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_copy_for_parameter(self):
        """Copy the metric for the next product or category, to be chosen in the form."""
        self.ensure_one()
        copy = self.copy({"parameter_ref": False, "active": True})
        return copy._get_records_action()

    # ------------------------------------------------------------
    # Measuring
    # ------------------------------------------------------------

    def _measure(self, employees, date_from, date_to):
        """Measure these metrics for a batch of employees, with the rights of the caller.

        A metric that fails stops only itself: its employees become unknown with the reason
        ``error`` and the message in ``detail``. What formulas rest on is measured once.

        :param employees: ``hr.employee`` records
        :param date_from: first day, local to the company of each employee
        :param date_to: last day, included
        :return: ``{metric: {employee id: tools.measurement.Measurement}}``, complete: every
            employee is in it
        """
        measured = self._measure_with_operands(employees, date_from, date_to)
        return {metric: measured[metric] for metric in self}

    def _refresh_values(self, employees, date_from, date_to):
        """Measure these metrics and store the values, each in one statement.

        A value whose records vanished becomes zero or unknown again. Values that did not change
        are not written. May be called any number of times.

        :return: as :meth:`_measure`
        """
        # sudo: a number does not depend on who asks for it; who may read it, the rules decide
        metrics, employees = self.sudo(), employees.sudo()
        measured = metrics._measure_with_operands(employees, date_from, date_to)
        for metric, measurements in measured.items():
            self.env["hr.performance.value"]._store(metric, measurements, date_from, date_to)
        return {metric: measured[metric] for metric in self}

    def _measure_with_operands(self, employees, date_from, date_to):
        """As :meth:`_measure`, with the operands of formulas in the result, operands first."""
        pending = self._with_operands()
        measured = {}
        while pending:
            ready = self.browse().union(
                *(metric for metric in pending if not metric.operand_ids & pending)
            )
            if not ready:
                # a circle written behind the back of the constraint: nothing can come first
                message = self.env._("The formulas rest on each other in a circle.")
                failed = unknown("error", detail={"message": message})
                measured |= {metric: dict.fromkeys(employees.ids, failed) for metric in pending}
                break
            for metric in ready:
                measured[metric] = metric._measure_safely(employees, date_from, date_to, measured)
            pending -= ready
        return measured

    def _with_operands(self):
        """These metrics and all that their formulas rest on."""
        metrics = new = self
        while new:
            new = new.operand_ids.with_env(self.env) - metrics
            metrics |= new
        return metrics

    def _measure_safely(self, employees, date_from, date_to, measured):
        """Measure one metric; an error becomes the reason why all of its values are unknown."""
        try:
            with self.env.cr.savepoint():
                result = self._measure_one(employees, date_from, date_to, measured)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            # a source of another addon may fail in any way, and must not stop the other metrics
            expected = isinstance(error, UserError | AccessError)
            _logger.log(
                logging.INFO if expected else logging.WARNING,
                "Metric %s could not be measured: %s",
                self.code,
                error,
                exc_info=not expected,
            )
            message = str(error) or type(error).__name__
            result = dict.fromkeys(employees.ids, unknown("error", detail={"message": message}))
        return result

    def _measure_one(self, employees, date_from, date_to, measured):
        source = self._get_source()
        operands = source._get_operands(self)
        if operands:
            known_operands = {operand: measured[operand] for operand in operands}
            result = source._combine(self, employees, known_operands)
        else:
            result = source._collect(self, employees, date_from, date_to)
        missing = unknown("no_rows")
        return {employee_id: result.get(employee_id, missing) for employee_id in employees.ids}

    def _get_metric_records_action(self, employee, date_from, date_to, part="numerator"):
        """The records behind one employee's number, opened with the reader's own rights.

        :param part: ``numerator``, or ``denominator`` for what a ratio divides by
        :return: an ``ir.actions.act_window`` dictionary; False where there are no records, or
            where the reader may not read them
        """
        self.ensure_one()
        return self._get_source()._records_action(self, employee, date_from, date_to, part)

    # ------------------------------------------------------------
    # Showing
    # ------------------------------------------------------------

    def _format(self, value, currency=None):
        """Write a value with its unit in the language of the reader: ``45 %``, ``4.2 points``.

        :param value: a number, or None or False for an unknown one
        :param currency: ``res.currency`` of an amount; the company's where it is left out
        """
        self.ensure_one()
        if value is None or value is False:
            return self.env._("Unknown")
        if self.unit == "money":
            currency = currency or (self.company_id or self.env.company).currency_id
            return formatLang(self.env, value, currency_obj=currency)
        number = self._format_number(value)
        patterns = {
            "percent": self.env._("%(number)s %%", number=number),
            "rating": self.env._("%(number)s points", number=number),
            "hours": self.env._("%(number)s h", number=number),
            "minutes": self.env._("%(number)s min", number=number),
            "days": self.env._("%(number)s days", number=number),
            "custom": f"{number} {self.unit_label or ''}".strip(),
        }
        return patterns.get(self.unit, number)

    def _format_number(self, value):
        """The number with the decimals that it has, up to the decimals of the metric."""
        value = float_round(value, precision_digits=self.digits, rounding_method="HALF-UP") + 0.0
        shown = next(
            digits
            for digits in range(self.digits + 1)
            if digits == self.digits or abs(round(value, digits) - value) < 10 ** -(self.digits + 1)
        )
        return formatLang(self.env, value, digits=shown)

    # ------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------

    def _get_source(self):
        """The abstract model of the source.

        :raises UserError: when the addon that brought the source is gone
        """
        self.ensure_one()
        source = self.env.get(f"hr.performance.source.{self.source}")
        if source is None:
            raise UserError(
                self.env._(
                    "The source of %(metric)s belongs to an app that is not installed. Choose "
                    "another source.",
                    metric=self.name,
                )
            )
        return source

    def _is_total(self):
        """True for counts and sums, which grow with every record."""
        self.ensure_one()
        if self.source not in ("model", "fact", "evidence"):
            return False
        # sudo: whether it is a ratio is no secret, the field is kept with the configuration
        return self.aggregate in ("count", "count_distinct", "sum") and not self.sudo().is_ratio

    @api.model
    def _get_code_candidates(self, company_ids):
        """``[(id, code, company id)]`` of the metrics that formulas of these companies may read."""
        # sudo: the closed list of names is the same for every reader
        metrics = self.sudo().with_context(active_test=False)
        domain = Domain("company_id", "in", [False, *company_ids])
        return [
            (metric.id, metric.code, metric.company_id.id)
            for metric in metrics.search_fetch(domain, ["code", "company_id"], order="id")
        ]

    def _filter_usable(self, candidates):
        """``{code: id}`` for this metric; its own company's metric comes before a shared one."""
        self.ensure_one()
        company_id = self.company_id.id
        usable = {code: id_ for id_, code, company in candidates if not company}
        if company_id:
            usable |= {code: id_ for id_, code, company in candidates if company == company_id}
        return usable

    def _get_usable_codes(self):
        self.ensure_one()
        return self._filter_usable(self._get_code_candidates(self.company_id.ids)).keys()

    def _get_formula_users(self):
        """Metrics whose formulas name one of these, archived ones included."""
        # sudo: a formula that the user may not see is broken by the change all the same
        formulas = self.sudo().with_context(active_test=False).search([("source", "=", "formula")])
        return formulas.filtered(lambda metric: metric.operand_ids & self.sudo())

    def _check_code_not_used(self, code):
        changed = self.filtered(lambda metric: metric.code != code)
        users = changed._get_formula_users() if changed else changed
        if users:
            raise UserError(
                self.env._(
                    "These formulas use the code: %(metrics)s. Change them first.",
                    metrics=", ".join(users.mapped("name")),
                )
            )

    @api.model
    def _get_free_code(self, name, taken):
        """A code from the name, such as ``new_customers``; numbered where it is taken."""
        slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:50]
        if not re.match(r"[a-z]", slug) or keyword.iskeyword(slug) or slug in FUNCTION_NAMES:
            slug = f"metric_{slug}".rstrip("_")
        # sudo: codes of other companies count as taken, which does no harm
        metrics = self.sudo().with_context(active_test=False)
        domain = Domain("code", "=like", slug.replace("_", r"\_") + "%")
        taken = taken | {metric.code for metric in metrics.search_fetch(domain, ["code"])}
        number, code = 1, slug
        while code in taken:
            number += 1
            code = f"{slug}_{number}"
        return code
