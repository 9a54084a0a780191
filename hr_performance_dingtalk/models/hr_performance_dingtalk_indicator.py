from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.outward import PERIOD_TYPES, IndicatorValue

#: Of fewer people a value would show what single persons reached.
FEWEST = 3
#: Results that stand; earlier ones are nobody's business outside.
STANDING = ("published", "closed")


class HrPerformanceDingtalkIndicator(models.Model):
    """An indicator of DingTalk's performance product that gets its values from results in Odoo.

    It has one value for each period: the score, or what a metric reached, of all people of a
    programme or a department. It goes out when every result of the period is published. Sending a
    period again overwrites it there, so nothing is lost or doubled by trying again.
    """

    _name = "hr.performance.dingtalk.indicator"
    _description = "Indicator in DingTalk"
    _order = "connection_id, name, id"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "hr.performance.im.connection",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('provider', '=', 'dingtalk')]",
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    code = fields.Char(
        "Indicator Code", required=True, help="As the library of indicators in DingTalk names it."
    )
    program_id = fields.Many2one(
        "hr.performance.program",
        "Programme",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    department_id = fields.Many2one(
        "hr.department",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="With the departments below it. Empty: the whole programme.",
    )
    metric_id = fields.Many2one(
        "hr.performance.metric",
        "Metric",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="Empty: the score of the results.",
    )
    aggregate = fields.Selection(
        [("avg", "Average"), ("sum", "Sum")], "Of All People", default="avg", required=True
    )
    value_ids = fields.One2many("hr.performance.dingtalk.indicator.value", "indicator_id")

    _code_unique = models.UniqueIndex(
        "(connection_id, code) WHERE active", "This indicator gets its values already."
    )

    @api.constrains("program_id")
    def _check_program(self):
        for indicator in self:
            if indicator.program_id.cadence not in PERIOD_TYPES:
                raise ValidationError(
                    self.env._(
                        "%(program)s: DingTalk knows months, quarters, half-years and years, not "
                        "periods of a number of days.",
                        program=indicator.program_id.name,
                    )
                )

    def action_push(self):
        """Send the values of all indicators of the connection now."""
        self.ensure_one()
        self.check_access("write")
        return self.connection_id._start_run("indicator")._open()

    # ------------------------------------------------------------
    # Values
    # ------------------------------------------------------------

    def _get_due(self):
        """Values that DingTalk does not have as they are.

        :return: list of (cycle, ``tools.outward.IndicatorValue``, number of people), oldest first
        """
        self.ensure_one()
        known = {value.cycle_id.id: value.value for value in self.value_ids}
        return [
            (cycle, value, people)
            for cycle, value, people in self._get_values()
            if known.get(cycle.id) != value.value
        ]

    def _get_values(self):
        cycles = self.env["hr.performance.cycle"].search(
            [("program_id", "=", self.program_id.id)], order="date_from"
        )
        reviews = self._get_reviews(cycles)
        open_cycles = reviews.filtered(lambda review: review.state not in STANDING).cycle_id
        numbers = self._get_numbers(reviews)
        period_type = PERIOD_TYPES[self.program_id.cadence]
        values = []
        for cycle in cycles - open_cycles:
            found = numbers.get(cycle.id, [])
            if len(found) >= FEWEST:
                number = sum(found) / (len(found) if self.aggregate == "avg" else 1)
                period = f"{cycle.date_from} 00:00:00"
                text = f"{number:.4f}".rstrip("0").rstrip(".")
                values.append((cycle, IndicatorValue(period_type, period, text), len(found)))
        return values

    def _get_reviews(self, cycles):
        domain = Domain("cycle_id", "in", cycles.ids) & Domain("state", "!=", "cancelled")
        if self.department_id:
            domain &= Domain("department_id", "child_of", self.department_id.id)
        return self.env["hr.performance.review"].search_fetch(
            domain, ["cycle_id", "state", "total", "scored"]
        )

    def _get_numbers(self, reviews):
        """``{cycle id: [number of each person who has one]}``"""
        numbers = {}
        if not self.metric_id:
            for review in reviews.filtered("scored"):
                numbers.setdefault(review.cycle_id.id, []).append(review.total)
            return numbers
        lines = self.env["hr.performance.review.line"].search(
            [("review_id", "in", reviews.ids), ("metric_id", "=", self.metric_id.id)]
        )
        for line in lines.filtered(lambda line: line.is_known and not line.excluded):
            numbers.setdefault(line.review_id.cycle_id.id, []).append(line.actual)
        return numbers

    def _note_sent(self, due):
        """Remember what DingTalk has now.

        :param due: as :meth:`_get_due` gives it
        """
        known = {value.cycle_id: value for value in self.value_ids}
        now = fields.Datetime.now()
        new = []
        for cycle, value, people in due:
            vals = {"value": value.value, "people": people, "sent_on": now}
            if cycle in known:
                known[cycle].write(vals)
            else:
                new.append({"indicator_id": self.id, "cycle_id": cycle.id, **vals})
        self.env["hr.performance.dingtalk.indicator.value"].create(new)
