from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from odoo.addons.hr_performance.tools.decimals import round_half_up, to_decimal

from ..tools.dual_target import Place
from ..tools.what_if import Colleague, Projection, add_sales, project, project_held


class HrPerformanceSalesDay(models.AbstractModel):
    """What a salesperson looks at in the morning: his target, his result, what would move it.

    Everything is about the current user. Of his colleagues he learns what the plan lets him see:
    with everybody's figures open, a what-if is what the plan would compute; else the line and the
    others stay as they stand, see ``tools/what_if.py``.
    """

    _name = "hr.performance.sales.day"
    _description = "Salesperson's Day"

    # ------------------------------------------------------------
    # What the page and the phone show
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_my_sales(self, result_id=None):
        """The page of the current user, all figures as text of his language.

        :param result_id: one of his results that run; by default the first
        """
        results = self._get_running_results()
        if not results:
            return {"results": [], "day": None}
        result = results.filtered(lambda r: r.id == result_id) or results[:1]
        return {
            "results": [{"id": r.id, "name": r.period_id.display_name} for r in results],
            "day": self._get_day_values(result),
        }

    @api.model
    @api.readonly
    def get_what_if(self, result_id, lead_ids, further=0, order_ids=()):
        """What it would mean if some of the own deals were closed, and sales beside them.

        :param result_id: one of the results of the user that run
        :param lead_ids: ids of his open opportunities
        :param further: an amount in the currency of the plan
        :param order_ids: ids of his open quotations, where the plan credits orders
        """
        result = self._get_running_results().filtered(lambda r: r.id == result_id)
        if not result:
            raise UserError(self.env._("This is not a running result of yours."))
        chosen = {"lead": set(lead_ids), "order": set(order_ids or ())}
        deals = [d for d in self._get_open_deals(result) if d.record.id in chosen[d.kind]]
        amount = sum((deal.amount for deal in deals), Decimal(0))
        amount += round_half_up(to_decimal(further or 0), result.currency_id.decimal_places)
        helped = sum(deal.is_support for deal in deals)
        scene = self._get_scene(result)
        return self._get_what_if_values(result, scene, self._project(scene, amount, helped), amount)

    @api.model
    def _get_running_results(self):
        """The own results in periods that run, of plans that pay."""
        domain = (
            Domain("is_own", "=", True)
            & Domain("period_id.state", "=", "open")
            & Domain("plan_id.is_pilot", "=", False)
        )
        results = self.env["hr.performance.sales.result"].search(domain)
        # sudo: the day of companies
        today = {c: c._get_performance_today() for c in results.company_id.sudo()}
        running = results.filtered(
            lambda r: r.period_id.date_from <= today[r.company_id.sudo()] <= r.period_id.date_to
        )
        return (running or results).sorted(lambda r: (r.period_id.date_from, r.id), reverse=True)

    @api.model
    def _get_day_values(self, result):
        scene = self._get_scene(result)
        plan = scene["plan"]
        money = plan._format_amount
        minimum, amount = to_decimal(result.minimum), to_decimal(result.amount)
        today = result.company_id.sudo()._get_performance_today()  # sudo: the day of the company
        return {
            "id": result.id,
            "name": result.period_id.display_name,
            "plan": plan.name,
            "period": result.period_id.name,
            "as_of": self._get_as_of(result),
            "days_left": self.env._(
                "%s days left", max((result.period_id.date_to - today).days, 0)
            ),
            "amount": money(amount),
            "minimum": money(minimum),
            "percent": self._get_percent(amount, minimum),
            "minimum_text": self.env._("✓ Reached")
            if result.meets_minimum
            else self.env._("%s to go", money(minimum - amount)),
            "meets_minimum": result.meets_minimum,
            "line": money(result.line) if result.has_line else "",
            "line_percent": self._get_percent(result.compared, result.line)
            if result.has_line
            else 0,
            "line_text": self._get_line_text(plan, result) if result.has_line else "",
            "is_above_line": bool(result.has_line and result.gap > 0),
            "is_rewarded": result.is_above,
            "place": self._get_place_text(result.rank, result.rank_count),
            "reward": money(result.total),
            "explanation": result._get_sentences(),
            "rule": (plan.rule_text or "").splitlines(),
            "source": plan.source_text,
            "leads": self._rank_deals(result, scene),
            "slider": self._get_slider(result),
            "is_estimate": plan.basis != "won",
        }

    @api.model
    def _get_as_of(self, result):
        if not result.computed_on:
            return ""
        when = format_datetime(self.env, result.computed_on, dt_format="short")
        return self.env._("As of %s", when)

    @api.model
    def _get_line_text(self, plan, result):
        gap = plan._format_amount(abs(result.gap))
        if result.gap > 0:
            return self.env._("✓ %s above it", gap)
        return self.env._("%s to go", gap)

    @api.model
    def _get_percent(self, amount, target):
        target = to_decimal(target)
        if target <= 0:
            return 100
        return int(min(max(100 * to_decimal(amount) / target, Decimal(0)), Decimal(100)))

    @api.model
    def _get_place_text(self, rank, count):
        if not rank:
            return ""
        return self.env._("Place %(rank)s of %(count)s", rank=rank, count=count)

    @api.model
    def _get_slider(self, result):
        """The end and the step of the slider: far enough to pass both targets."""
        goal = max(result.minimum, result.line if result.has_line else 0, result.amount, 1)
        step = 10 ** max(len(str(int(goal))) - 3, 0)
        return {"max": (int(goal * 1.5) // step + 1) * step, "step": step}

    # ------------------------------------------------------------
    # What if
    # ------------------------------------------------------------

    @api.model
    def _get_scene(self, result):
        """What a projection rests on: the person, the rule, and the others as far as they count."""
        # sudo: the rule of the plan, and colleagues' figures; what leaves here is what the plan
        # lets the person see
        known = result.sudo()
        plan, period = known.plan_id, known.period_id
        is_exact = plan.visibility == "full"
        paths = {known.group_ref: (known.group_ref,)}
        if is_exact and known.basis != "own" and plan.small_group == "parent":
            paths = period._get_paths()  # the line may be that of a group above
        if len(paths) > 1:
            # That line moves by people whom the leaderboard does not show.
            is_exact, paths = False, {known.group_ref: (known.group_ref,)}
        place = Place(
            key=known.employee_id.id,
            amount=to_decimal(known.amount),
            compared=to_decimal(known.compared),
            minimum=to_decimal(known.minimum),
            share=to_decimal(known.share),
            barred=known.barred or None,
            groups=paths[known.group_ref],
            helped=known.helped,
        )
        scene = {
            "plan": plan,
            "rule": plan._get_rule(),
            "place": place,
            "paths": paths,
            "digits": plan.currency_id.decimal_places,
            "is_exact": is_exact,
            "held": (to_decimal(known.line) if known.has_line else None, known.basis),
            "pool": to_decimal(known.pool_reward),
        }
        scene["others"] = self._get_others(known, scene)
        scene["now"] = self._project(scene, Decimal(0), 0)
        return scene

    @api.model
    def _get_others(self, result, scene):
        """The colleagues that the policy of the plan lets count."""
        if scene["plan"].visibility == "bands":
            return []
        shown = SQL("TRUE") if scene["is_exact"] else self._get_upper_sql(result)
        rows = self.env.execute_query(
            SQL(
                """SELECT group_ref, amount::text, compared::text, minimum::text, barred,
                          employee_id
                     FROM hr_performance_sales_result r
                    WHERE period_id = %s AND id <> %s AND group_ref = ANY(%s) AND %s
                 ORDER BY employee_id""",
                result.period_id.id,
                result.id,
                sorted(scene["paths"]),
                shown,
            )
        )
        return [
            Colleague(group, *(Decimal(text or 0) for text in amounts), barred, key)
            for group, *amounts, barred, key in rows
        ]

    @api.model
    def _get_upper_sql(self, result):
        """``SQL``: whether somebody of the group is in the upper half, which everybody sees."""
        return SQL(
            """r.rank < (SELECT h.rank FROM hr_performance_sales_result h
                          WHERE h.period_id = r.period_id AND h.group_ref = r.group_ref
                            AND h.rank IS NOT NULL ORDER BY h.rank OFFSET %s LIMIT 1)""",
            result.rank_count // 2,
        )

    @api.model
    def _project(self, scene, amount, helped):
        digits, rule, plan = scene["digits"], scene["rule"], scene["plan"]
        place = add_sales(scene["place"], rule, amount, helped, digits)
        if scene["is_exact"]:
            pool = (to_decimal(plan.pool_percent), plan.pool_by) if plan.pool_percent else None
            return project(place, rule, scene["others"], scene["paths"], pool, digits)
        upper = [colleague.compared for colleague in scene["others"]]
        return project_held(place, rule, scene["held"], upper, scene["pool"], digits)

    @api.model
    def _get_what_if_values(self, result, scene, projection: Projection, amount):
        outcome, money = projection.outcome, scene["plan"]._format_amount
        # whoever had no place before is one more
        count = result.rank_count + (not result.rank) if outcome.rank else 0
        return {
            "added": money(amount),
            "sum_text": self.env._(
                "%(amount)s in all, %(added)s more",
                amount=money(outcome.amount),
                added=money(amount),
            ),
            "meets_minimum": outcome.meets_minimum,
            "minimum_text": self.env._("✓ Minimum reached")
            if outcome.meets_minimum
            else self.env._("Minimum: %s to go", money(outcome.minimum - outcome.amount)),
            "line": money(outcome.line) if outcome.line is not None else "",
            "line_text": self._get_what_if_line_text(outcome, money),
            "is_above_line": outcome.line is not None and outcome.gap > 0,
            "is_rewarded": outcome.is_above,
            "place": self._get_place_text(outcome.rank, count) if outcome.rank else "",
            "reward": money(projection.total),
            "text": self._get_what_if_text(scene, projection, count),
            "note": ""
            if scene["is_exact"]
            else self.env._(
                "At most: the line is taken as it stands, and it moves up when the middle of the "
                "group sells more."
            ),
        }

    @api.model
    def _get_what_if_line_text(self, outcome, money):
        if outcome.line is None:
            return ""
        values = {"gap": money(abs(outcome.gap)), "line": money(outcome.line)}
        if outcome.gap > 0:
            return self.env._("✓ %(gap)s above the second target of %(line)s", **values)
        return self.env._("Second target %(line)s: %(gap)s to go", **values)

    @api.model
    def _get_what_if_text(self, scene, projection, count):
        """“Place 3 of 6, reward ¥…”, or what would still be missing."""
        outcome, money = projection.outcome, scene["plan"]._format_amount
        place = self._get_place_text(outcome.rank, count) if outcome.rank else ""
        if projection.total > 0:
            if scene["is_exact"]:
                reward = self.env._("reward %s", money(projection.total))
            else:
                reward = self.env._("reward up to %s", money(projection.total))
            return (
                self.env._("%(place)s, %(reward)s", place=place, reward=reward)
                if place
                else (reward[:1].upper() + reward[1:])
            )
        if not outcome.meets_minimum:
            missing = money(outcome.minimum - outcome.amount)
            return self.env._("To your minimum target it is %s more.", missing)
        if outcome.line is not None and outcome.gap <= 0:
            return self.env._("To the second target it is %s more.", money(abs(outcome.gap)))
        return self.env._("No reward")
