from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import scoring


class HrPerformanceReview(models.Model):
    """Results that were imported: they stand as they came and are never scored here."""

    _inherit = "hr.performance.review"

    imported_rank = fields.Integer(
        readonly=True, aggregator=None, groups="hr_performance.group_hr_performance_auditor"
    )
    imported_count = fields.Integer(
        "Imported Rank of",
        readonly=True,
        aggregator=None,
        groups="hr_performance.group_hr_performance_auditor",
    )

    def _check_transition(self, name, raise_if_not_possible=True):
        if self.is_imported and name == "reopen":
            if raise_if_not_possible:
                raise UserError(
                    self.env._(
                        "The result of %(employee)s was imported and cannot be scored here. Import "
                        "it anew to correct it.",
                        employee=self.employee_id.name,
                    )
                )
            return False
        return super()._check_transition(name, raise_if_not_possible)

    def _explain_total(self):
        if self.is_imported and self.scored:
            return [self.env._("Imported as it stands; it was scored elsewhere.")]
        return super()._explain_total()

    def _get_imported_line_vals(self, metric, vals):
        """Values of the line of an imported review, for the bulk insert.

        :param vals: ``value`` and ``points``, each where it is known
        """
        self.ensure_one()
        rule = scoring.Rule(method="threshold", direction=metric.direction, weight=0).to_dict()
        return {
            "review_id": self.id,
            "cycle_id": self.cycle_id.id,
            "company_id": self.company_id.id,
            "employee_id": self.employee_id.id,
            "department_id": self.department_id.id,
            "sequence": metric.sequence,
            "kind": "metric",
            "metric_id": metric.id,
            "weight": 0.0,
            "rule": {k: v for k, v in rule.items() if k not in ("weight", "target", "start")},
            "value": vals.get("value", 0.0),
            "measured": "value" in vals,
            "coverage": 1.0 if "value" in vals else 0.0,
            "points": vals.get("points", 0.0),
            "scored": "points" in vals,
            "excluded": False,
            "manager_set": False,
            "self_set": False,
        }
