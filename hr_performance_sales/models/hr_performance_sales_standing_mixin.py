from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.hr_performance.tools.decimals import to_decimal

from ..tools import dual_target
from ..tools.dual_target import Outcome
from ..tools.reward import NOTHING

BASES = [
    ("own", "Own group"),
    ("parent", "Group above"),
    ("fixed", "Fixed amount"),
    ("minimum", "Minimum decides"),
    ("small", "Group too small"),
]
BARS = [
    ("manager", "Leads people"),
    ("newcomer", "Newcomer"),
    ("absent", "Away for long"),
    ("zero", "Nothing sold"),
]


class HrPerformanceSalesStandingMixin(models.AbstractModel):
    """Where somebody stands in a period of a plan, and why: provisional or frozen, the same."""

    _name = "hr.performance.sales.standing.mixin"
    _description = "Standing in a Sales Plan"
    _inherit = ["hr.performance.access.mixin"]

    period_id = fields.Many2one(
        "hr.performance.sales.period", required=True, readonly=True, ondelete="restrict"
    )
    plan_id = fields.Many2one(
        "hr.performance.sales.plan", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, index=True, ondelete="restrict"
    )
    manager_id = fields.Many2one(
        "hr.employee", "Manager of the Period", readonly=True, index="btree_not_null"
    )
    department_id = fields.Many2one("hr.department", readonly=True, index="btree_not_null")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True, index="btree_not_null")
    share = fields.Float(readonly=True, aggregator=None, digits=(16, 6))
    full_minimum = fields.Monetary("Minimum of Full Time", readonly=True)
    minimum = fields.Monetary("Minimum Target", readonly=True)
    barred = fields.Selection(BARS, "Not Eligible", readonly=True)
    moved = fields.Boolean("Changed Department", readonly=True)
    amount = fields.Monetary(readonly=True)
    compared = fields.Monetary("Compared Amount", readonly=True, aggregator=None)
    line = fields.Float(
        "Second Target", readonly=True, aggregator=None, digits=(16, 4), min_display_digits=2
    )
    has_line = fields.Boolean(readonly=True)
    line_size = fields.Integer("People Behind the Line", readonly=True, aggregator=None)
    basis = fields.Selection(BASES, "Line of", readonly=True)
    gap = fields.Float(
        "Gap to the Line", readonly=True, aggregator=None, digits=(16, 4), min_display_digits=2
    )
    rank = fields.Integer(readonly=True, aggregator=None)
    rank_count = fields.Integer("Ranked People", readonly=True, aggregator=None)
    meets_minimum = fields.Boolean("Minimum Met", readonly=True)
    is_above = fields.Boolean("Rewarded", readonly=True)
    helped = fields.Integer("Helped With", readonly=True)
    reward = fields.Monetary(readonly=True)
    pool_reward = fields.Monetary("Team Pool", readonly=True)
    total = fields.Monetary("Total Reward", readonly=True)
    explanation = fields.Text(compute="_compute_explanation")
    rule_text = fields.Text(related="plan_id.rule_text")
    source_text = fields.Text(related="plan_id.source_text")

    @api.depends("total")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for standing in self:
            standing.explanation = "\n".join(standing._get_sentences())

    def _get_outcome(self):
        """The figures as ``tools.dual_target`` takes them."""
        self.ensure_one()
        # sudo: the rule of the plan, for whoever may read the figures
        rule = self.sudo().plan_id._get_rule()
        digits = self.currency_id.decimal_places
        numbers = [to_decimal(self[name]) for name in ("amount", "compared", "minimum")]
        line = to_decimal(self.line) if self.has_line else None
        reward = NOTHING
        if self.is_above:
            share = to_decimal(self.share) if rule.scale_amounts else Decimal(1)
            reward = dual_target.get_reward(rule.reward, *numbers, line, share, self.helped, digits)
        return rule, Outcome(
            key=self.employee_id.id,
            amount=numbers[0],
            compared=numbers[1],
            minimum=numbers[2],
            barred=self.barred or None,
            line=line,
            line_group=None,
            line_size=self.line_size,
            basis=self.basis,
            meets_minimum=self.meets_minimum,
            is_above=self.is_above,
            rank=self.rank or None,
            count=self.rank_count,
            reward=reward,
        )

    def _get_sentences(self):
        """Why the person is paid what he is paid, as a list of sentences."""
        self.ensure_one()
        if not self.basis:
            return []  # not computed yet
        rule, outcome = self._get_outcome()
        # sudo: the wording needs the plan's currency only
        words = self.sudo().plan_id
        sentences = [words._get_sentence(step) for step in dual_target.explain(outcome, rule)]
        if self.moved:
            sentences.insert(1, words._get_moved_sentence(self.department_id))
        if self.pool_reward:
            sentences.append(
                self.env._("From the team's pool: %s.", words._format_amount(self.pool_reward))
            )
        return sentences
