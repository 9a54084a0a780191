from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.hr_performance.tools.decimals import to_decimal

from ..tools.reward import RewardError, Tier, check_tiers


class HrPerformanceSalesTier(models.Model):
    """What a plan pays for the part of the excess between two amounts; the lower one belongs to it,
    the upper one to the next tier."""

    _name = "hr.performance.sales.tier"
    _description = "Tier of a Sales Plan"
    _order = "plan_id, lower, id"

    plan_id = fields.Many2one(
        "hr.performance.sales.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    lower = fields.Monetary("Excess From")
    upper = fields.Monetary("Up to", help="Not included. Empty: no end.")
    percent = fields.Float(
        "Rate (%)",
        aggregator=None,
        digits=(16, 4),
        help="Paid on the part of the excess that lies in this tier.",
    )
    bonus = fields.Monetary(help="Paid to whom the excess ends in this tier.")

    _not_negative = models.Constraint(
        "CHECK (lower >= 0 AND percent >= 0 AND bonus >= 0)",
        "Bounds, rates and bonuses are not negative.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers.plan_id._check_draft()
        return tiers

    def write(self, vals):
        self.plan_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        self.plan_id._check_draft()

    def _get_tiers(self):
        """As ``tools.reward`` takes them, in ascending order."""
        return tuple(
            Tier(
                to_decimal(tier.lower),
                to_decimal(tier.upper) if tier.upper else None,
                to_decimal(tier.percent),
                to_decimal(tier.bonus),
            )
            for tier in self.sorted("lower")
        )

    def _check_cover(self):
        """Refuse tiers that leave an excess out or cover it twice."""
        try:
            check_tiers(self._get_tiers())
        except RewardError as error:
            raise UserError(self._get_problem(error)) from error

    def _get_problem(self, error):
        values = {name: str(value) for name, value in error.params.items()}
        if error.code == "no_tier":
            return self.env._("Add at least one tier.")
        if error.code == "tier_start":
            return self.env._("The first tier begins at 0, not at %(lower)s.", **values)
        if error.code == "tier_gap":
            return self.env._(
                "Between %(upper)s and %(lower)s there is no tier: each begins where the one "
                "before ends.",
                **values,
            )
        if error.code == "tier_overlap":
            return self.env._(
                "A tier begins at %(lower)s before the one below has ended.", **values
            )
        if error.code == "tier_empty":
            return self.env._(
                "The tier from %(lower)s to %(upper)s is empty: it ends above its beginning.",
                **values,
            )
        return self.env._("The last tier has no upper end, so that every excess is covered.")
