from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.hr_performance.tools.decimals import to_decimal


class HrPerformanceSalesTarget(models.Model):
    """The minimum target of a person, a grade or a job, for every period or for one.

    The person comes first, then the grade (an employee tag), then the job, then the minimum of the
    plan. At each level a target of the period goes before one for all periods.
    """

    _name = "hr.performance.sales.target"
    _description = "Minimum Sales Target"
    _inherit = ["hr.performance.access.mixin", "hr.mixin"]
    _order = "plan_id, period_start desc nulls last, employee_id, category_id, job_id, id"
    _check_company_auto = True
    _rec_name = "plan_id"

    plan_id = fields.Many2one(
        "hr.performance.sales.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    employee_id = fields.Many2one(
        "hr.employee", index="btree_not_null", ondelete="restrict", check_company=True
    )
    category_id = fields.Many2one("hr.employee.category", "Grade", ondelete="restrict")
    job_id = fields.Many2one("hr.job", "Job Position", ondelete="restrict", check_company=True)
    period_start = fields.Date("Period From", help="First day of the period. Empty: every period.")
    amount = fields.Monetary("Minimum", required=True)

    _one_subject = models.Constraint(
        "CHECK (num_nonnulls(employee_id, category_id, job_id) = 1)",
        "A target is for one person, one grade or one job position.",
    )
    _not_negative = models.Constraint("CHECK (amount >= 0)", "A target is not negative.")
    _subject_unique = models.UniqueIndex(
        "(plan_id, COALESCE(employee_id, 0), COALESCE(category_id, 0), COALESCE(job_id, 0),"
        " COALESCE(period_start, '0001-01-01'))",
        "There is a target for this period already.",
    )

    @api.constrains("period_start", "plan_id")
    def _check_period_start(self):
        for target in self.filtered("period_start"):
            period = target.plan_id._get_period(target.period_start)
            if period.date_from != target.period_start:
                raise ValidationError(
                    self.env._("%s is not the first day of a period.", target.period_start)
                )

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._check_not_begun()
        return targets

    def write(self, vals):
        self._check_not_begun()
        result = super().write(vals)
        self._check_not_begun()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        self._check_not_begun()

    def _check_not_begun(self):
        """Targets of a running plan are set before their period begins."""
        for target in self.filtered(lambda target: target.plan_id.state != "draft"):
            today = target.plan_id.company_id._get_performance_today()
            if not target.period_start or target.period_start <= today:
                raise UserError(
                    self.env._(
                        "%(plan)s runs. Set targets for periods that have not begun, or make a new "
                        "version.",
                        plan=target.plan_id.display_name,
                    )
                )

    def _get_minimums(self, default, people, period_start):
        """``{employee id: minimum}``

        :param people: ``[(employee id, category ids, job id)]``
        """
        tables = {"employee_id": {}, "category_id": {}, "job_id": {}}
        general = [target for target in self if not target.period_start]
        own = [target for target in self if target.period_start == period_start]
        for target in [*general, *own]:  # those of the period come last and stay
            for name, table in tables.items():
                if target[name]:
                    table[target[name].id] = to_decimal(target.amount)
        found = {}
        for employee, categories, job in people:
            by_grade = [tables["category_id"][c] for c in categories if c in tables["category_id"]]
            candidates = (
                tables["employee_id"].get(employee),
                max(by_grade, default=None),
                tables["job_id"].get(job),
            )
            found[employee] = next((c for c in candidates if c is not None), default)
        return found
