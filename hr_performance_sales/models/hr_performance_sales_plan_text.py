from odoo import api, models
from odoo.tools import formatLang

from odoo.addons.hr_performance.tools.decimals import plain, to_decimal


class HrPerformanceSalesPlan(models.Model):
    """The rule of a plan, and of a reward, in sentences for whom it pays."""

    _inherit = "hr.performance.sales.plan"

    def _format_amount(self, amount):
        """An amount in the currency of the plan; with more decimals where it has them."""
        self.ensure_one()
        exact = to_decimal(amount)
        digits = self.currency_id.decimal_places
        while digits < 4 and exact != round(exact, digits):
            digits += 1
        text = formatLang(self.env, float(exact), digits=digits)
        symbol = self.currency_id.symbol
        return f"{symbol}{text}" if self.currency_id.position == "before" else f"{text} {symbol}"

    @api.depends_context("lang")
    def _compute_rule_text(self):
        for plan in self:
            plan.rule_text = "\n".join(plan._get_rule_sentences())
            plan.source_text = plan._get_source_sentence()

    def _get_rule_sentences(self):
        self.ensure_one()
        return [
            sentence
            for sentence in (
                *self._get_minimum_sentences(),
                *self._get_line_sentences(),
                *self._get_eligibility_sentences(),
                *self._get_reward_sentences(),
                *self._get_team_sentences(),
            )
            if sentence
        ]

    def _get_minimum_sentences(self):
        yield self.env._(
            "First, your own sales reach your minimum target; equality meets it. Without a target "
            "of your own it is %s.",
            self._format_amount(self.minimum),
        )
        parts = []
        if self.prorate_employment:
            parts.append(self.env._("the days of your employment"))
        if self.prorate_absence:
            parts.append(self.env._("your absence"))
        if self.prorate_worktime:
            parts.append(self.env._("your working hours"))
        if parts:
            yield self.env._("The minimum is reduced by: %s.", ", ".join(parts))

    def _get_line_sentences(self):
        if self.second == "none":
            yield self.env._("There is no second target.")
            return
        if self.second == "fixed":
            line = self._format_amount(self.fixed_line)
        elif self.second == "median":
            line = self.env._("the median of your group")
        elif self.second == "percentile":
            line = self.env._("the value below which %s %% of your group lie", self.percentile)
        else:
            line = self.env._(
                "the value below which %s %% of the others in your group lie", self.percentile
            )
        if self.inclusive:
            yield self.env._("Second, your sales reach or pass the line: %s.", line)
        else:
            yield self.env._("Second, your sales are above the line, not equal to it: %s.", line)
        if self.second != "fixed":
            yield self._get_group_sentence()
        if self.group_by == "department":
            yield self.env._(
                "Who changes department during the period belongs to that of his last day, with "
                "all that he sold."
            )

    def _get_moved_sentence(self, department):
        return self.env._(
            "You changed department during the period: all your sales of it count in that of your "
            "last day, %s.",
            department.name,
        )

    def _get_group_sentence(self):
        groups = dict(self._fields["group_by"]._description_selection(self.env))
        small = dict(self._fields["small_group"]._description_selection(self.env))
        return self.env._(
            "Groups: %(groups)s. A group needs %(size)s eligible people; smaller ones: %(small)s.",
            groups=groups[self.group_by],
            size=self.min_size,
            small=small[self.small_group],
        )

    def _get_eligibility_sentences(self):
        if self.newcomer_days:
            yield self.env._(
                "Who is employed for fewer than %s days at the end of the period takes no part.",
                self.newcomer_days,
            )
        if self.exclude_managers:
            yield self.env._("Who leads people takes no part.")
        if self.has_absence_limit:
            yield self.env._(
                "Who is away for more than %s %% of the period takes no part.", self.max_absence
            )
        if not self.count_zeros and self.second in ("median", "percentile", "leave_one_out"):
            yield self.env._("People without sales do not count for the line.")
        if self.scale_amounts:
            yield self.env._("Part-time sales are compared as if they were full time.")

    def _get_reward_sentences(self):
        if self.reward_kind == "fixed":
            yield self.env._("Who passes both gets %s.", self._format_amount(self.reward_amount))
        elif self.reward_kind == "percent":
            yield self.env._(
                "Who passes both gets %s %% of what is above the line.",
                plain(to_decimal(self.reward_percent)),
            )
        else:
            yield self.env._("Who passes both gets, of what is above the line:")
            for tier in self.tier_ids._get_tiers():
                yield self._get_tier_sentence(tier)
        if self.has_accelerator:
            yield self.env._(
                "From %(percent)s %% of the minimum the reward is multiplied by %(factor)s.",
                percent=plain(to_decimal(self.accelerator_from)),
                factor=plain(to_decimal(self.accelerator)),
            )
        if self.cap:
            yield self.env._("At most %s is paid per person.", self._format_amount(self.cap))

    def _get_tier_sentence(self, tier):
        values = {
            "lower": self._format_amount(tier.lower),
            "upper": self._format_amount(tier.upper or 0),
            "percent": plain(tier.percent),
        }
        if tier.upper is None:
            text = self.env._("– from %(lower)s: %(percent)s %%", **values)
        else:
            text = self.env._("– from %(lower)s up to %(upper)s: %(percent)s %%", **values)
        if tier.bonus:
            return self.env._(
                "%(tier)s, and a bonus of %(bonus)s",
                tier=text,
                bonus=self._format_amount(tier.bonus),
            )
        return text

    def _get_team_sentences(self):
        if self.pool_percent:
            by = dict(self._fields["pool_by"]._description_selection(self.env))
            yield self.env._(
                "%(percent)s %% of what your group brings above the sum of its minimums is shared "
                "among those who met theirs: %(by)s.",
                percent=plain(to_decimal(self.pool_percent)),
                by=by[self.pool_by],
            )
        if self.collaboration_step:
            yield self.env._(
                "The reward grows by %(step)s %% with each deal of a colleague that you helped "
                "with, up to %(max)s %%.",
                step=plain(to_decimal(self.collaboration_step)),
                max=plain(to_decimal(self.collaboration_max)),
            )
        if self.is_pilot:
            yield self.env._("This is a pilot: it pays nothing.")
        elif self.settle_days:
            yield self.env._(
                "About refunds, cancellations and corrections within %s days after the plan's last "
                "period HR decides one by one.",
                self.settle_days,
            )

    def _get_source_sentence(self):
        """Where the amounts come from, and how soon results follow them."""
        self.ensure_one()
        sources = {
            "won": self.env._(
                "Won opportunities, with their expected revenue on the day they are won"
            ),
            "ordered": self.env._(
                "Order lines when the order is confirmed, less cancellations and credit notes when "
                "they happen"
            ),
            "invoiced": self.env._("Posted invoices less credit notes, on their dates"),
            "paid": self.env._("Payments of invoices, on the day on which they settle them"),
        }
        kinds = dict(self._fields["amount_kind"]._description_selection(self.env))
        return self.env._(
            "%(origin)s; %(kind)s, in %(currency)s at the rate of the document. Results follow "
            "within %(minutes)s min; they are final when the period is closed.",
            origin=sources[self.basis],
            kind=kinds[self.amount_kind],
            currency=self.currency_id.name,
            minutes=self.refresh_minutes,
        )

    # ------------------------------------------------------------
    # Explanations
    # ------------------------------------------------------------

    def _get_sentence(self, step):
        """A ``tools.dual_target.Step`` in a sentence."""
        self.ensure_one()
        texts = self._get_sentence_texts()
        money = {
            "amount", "compared", "minimum", "gap", "line", "paid", "cap", "lower", "part", "bonus"
        }  # fmt: skip
        values = {
            name: self._format_amount(abs(value) if name in ("gap",) else value)
            if name in money and value is not None
            else plain(value)
            if name in ("percent", "factor")
            else value
            for name, value in step.values.items()
        }
        return texts[step.code] % values

    def _get_sentence_texts(self):
        _ = self.env._
        return {
            "amount": _("Your sales of the period: %(amount)s."),
            "scaled": _("Compared as full time: %(compared)s."),
            "barred_manager": _("You lead people, so you take no part in this plan's reward."),
            "barred_newcomer": _(
                "You are a newcomer in the sense of the plan and take no part yet."
            ),
            "barred_absent": _("You were away for longer than the plan allows and take no part."),
            "barred_zero": _("You have no sales, and the plan counts only people with sales."),
            "minimum_met": _("Your minimum is %(minimum)s: met, %(gap)s above it."),
            "minimum_missed": _("Your minimum is %(minimum)s: missed by %(gap)s."),
            "own_line_passed": _(
                "The line of your group of %(size)s is %(line)s: passed, gap %(gap)s; place "
                "%(rank)s of %(count)s."
            ),
            "own_line_missed": _(
                "The line of your group of %(size)s is %(line)s: not passed, gap %(gap)s; place "
                "%(rank)s of %(count)s."
            ),
            "parent_line_passed": _(
                "Your group is too small for a line of its own. That of the group above, %(size)s "
                "people, is %(line)s: passed, gap %(gap)s."
            ),
            "parent_line_missed": _(
                "Your group is too small for a line of its own. That of the group above, %(size)s "
                "people, is %(line)s: not passed, gap %(gap)s."
            ),
            "fixed_passed": _("The second target is %(line)s: passed, gap %(gap)s."),
            "fixed_missed": _("The second target is %(line)s: not passed, gap %(gap)s."),
            "minimum_decides": _("There is no second target; the minimum decides."),
            "group_too_small": _(
                "The group is too small for a second target: it takes %(size)s eligible people, so "
                "that a line shows nobody's amount."
            ),
            "no_reward": _("So there is no reward."),
            "fixed": _("The reward is %(paid)s."),
            "percent": _("%(percent)s %% of what is above the line: %(paid)s."),
            "tier": _(
                "Tier from %(lower)s: %(percent)s %% of %(part)s, bonus %(bonus)s: %(paid)s."
            ),
            "accelerated": _(
                "From %(percent)s %% of the minimum, times %(factor)s: %(paid)s more."
            ),
            "collaboration": _("For deals of colleagues that you helped with: %(paid)s more."),
            "capped": _("The cap is %(cap)s: %(paid)s."),
            "total": _("Reward: %(paid)s."),
        }
