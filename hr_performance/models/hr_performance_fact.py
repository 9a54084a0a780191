from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class HrPerformanceFact(models.Model):
    """A row that came from outside: from a file, from another system.

    Rows are kept as they came, under their outside id, and measured like any other records.
    Importing the same rows again changes nothing.
    """

    _name = "hr.performance.fact"
    _inherit = ["hr.performance.access.mixin"]
    _description = "Imported Row"
    _order = "date desc, id desc"
    _check_company_auto = True

    metric_id = fields.Many2one(
        "hr.performance.metric",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain="[('source', '=', 'fact')]",
    )
    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, precompute=True, index=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    value = fields.Float(required=True, aggregator="sum")
    weight = fields.Float(
        default=1.0,
        required=True,
        aggregator=None,
        help="How much the row counts in an average, such as the number of answers behind it.",
    )
    weighted_value = fields.Float(
        compute="_compute_weighted_value", store=True, precompute=True, aggregator="sum"
    )
    external_id = fields.Char(
        "Outside ID", help="What the row is called where it came from; it comes in only once."
    )
    description = fields.Char()
    import_ref = fields.Char("Import", help="The file or the run that brought the row.")

    _external_unique = models.UniqueIndex(
        "(metric_id, external_id) WHERE external_id IS NOT NULL AND external_id != ''",
        "This row was imported already: the metric has a row with the same outside ID.",
    )
    _metric_date_idx = models.Index("(metric_id, date, employee_id)")
    _weight_positive = models.Constraint("CHECK (weight > 0)", "A weight must be above zero.")

    @api.depends("employee_id")
    def _compute_company_id(self):
        for fact in self:
            fact.company_id = fact.employee_id.company_id

    @api.depends("value", "weight")
    def _compute_weighted_value(self):
        for fact in self:
            fact.weighted_value = fact.value * fact.weight

    @api.depends("metric_id", "employee_id")
    def _compute_display_name(self):
        for fact in self:
            fact.display_name = self.env._(
                "%(metric)s, %(employee)s",
                metric=fact.metric_id.display_name,
                employee=fact.employee_id.display_name,
            )

    @api.model_create_multi
    def create(self, vals_list):
        facts = super().create(vals_list)
        facts._check_not_own()
        return facts

    def write(self, vals):
        self._check_not_own()
        result = super().write(vals)
        self._check_not_own()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_own(self):
        self._check_not_own()

    def _check_not_own(self):
        """Officers bring in the numbers of everybody but themselves."""
        if not self.env.su and any(fact.is_own for fact in self):
            raise AccessError(self.env._("Your own numbers are for somebody else to bring in."))

    @api.model
    def _upsert(self, vals_list):
        """Bring rows in, again or for the first time: the same outside id is the same row.

        :param vals_list: values of rows; those without ``external_id`` are always new. Of two
            with the same id the last one counts
        :return: the records, in no particular order
        """
        keyed = {
            (vals["metric_id"], vals["external_id"]): vals
            for vals in vals_list
            if vals.get("external_id")
        }
        known = self.search(
            Domain("metric_id", "in", [metric_id for metric_id, _external_id in keyed])
            & Domain("external_id", "in", [external_id for _metric_id, external_id in keyed])
        )
        records = self.browse()
        for fact in known:
            vals = keyed.pop((fact.metric_id.id, fact.external_id), None)
            if vals:
                fact._write_changes(vals)
                records |= fact
        new = [vals for vals in vals_list if not vals.get("external_id")]
        return records | self.create([*new, *keyed.values()])

    def _write_changes(self, vals):
        """Write only what differs, so that a repeated import dirties nothing."""
        self.ensure_one()
        current = self.read(list(vals), load=None)[0]
        changes = {
            name: value
            for name, value in vals.items()
            if self._fields[name].convert_to_cache(value, self)
            != self._fields[name].convert_to_cache(current[name], self)
        }
        if changes:
            self.write(changes)
