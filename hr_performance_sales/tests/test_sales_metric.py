from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import APRIL, MARCH
from .plan_common import PlanCase
from .test_sales_plan import SALES


@tagged("post_install", "-at_install")
class TestSalesMetric(PlanCase):
    """Results of sales plans as metrics of reviews. The median of SALES is 1,100."""

    def setUp(self):
        super().setUp()
        self.period = self._start()
        self._sell_all(*SALES)
        self._refresh(self.period)

    def test_attainment_and_relation(self):
        people = (self.anna, self.dora, self.gina)
        self.assertEqual(self._values("sales_attainment", *people), [90, 120, 0])
        found = [round(value, 4) for value in self._values("sales_line", *people)]
        self.assertEqual(found, [81.8182, 109.0909, 0])
        self.assertEqual(self._values("sales_attainment", self.anna, period=APRIL), [None])
        self.assertEqual(self._values("sales_attainment", self.carl), [None])

    def test_several_periods_are_added_up(self):
        with self.at("2026-04-10 10:00"):
            self.plan._open_periods()
            april = self.plan.period_ids.sorted("date_from")[-1:]
            self._sell(self.anna, 2100, "2026-04-05 10:00")
            self._refresh(april)
        both = (MARCH[0], APRIL[1])
        self.assertEqual(self._values("sales_attainment", self.anna, period=both), [150])
        (measured,) = self._measure("sales_attainment", self.anna, period=both)
        self.assertEqual((measured.numerator, measured.denominator, measured.sample),
                         (3000, 2000, 2))  # fmt: skip

    def test_pilots_do_not_count(self):
        pilot = self._create_plan(name="Pilot", is_pilot=True, minimum=10)
        self._refresh(self._start(pilot))
        self.assertEqual(self._values("sales_attainment", self.anna), [90])

    def test_closed_periods_only(self):
        metric = self._get_metric("sales_attainment").copy({"code": "t_closed"})
        metric.sales_closed = True
        self.assertEqual(self._values(metric, self.anna), [None])
        self._close(self.period)
        self._sell(self.anna, 500, "2026-03-30 10:00")  # late: the result is frozen
        self.assertEqual(self._values(metric, self.anna), [90])

    def test_without_a_second_target(self):
        self.plan.sudo().state = "draft"
        self.plan.write({"second": "none"})
        self.period._refresh()
        self.assertEqual(self._values("sales_line", self.anna), [None])

    def test_the_ready_made_template(self):
        """Anna sold 900: 90 % of her minimum and 81.82 % of the median, of 35 and 20 points."""
        template = self.env.ref("hr_performance_sales.template_sales_plan")
        self.assertEqual((template.result_share, template.process_share), (75, 25))
        template = template.copy({"company_id": self.company.id, "coverage_threshold": 0})
        template.action_set_ready()
        self.program.template_ids = template
        self._launch()
        review = self._review_of(self.anna)
        review._refresh()
        points = {line.metric_id.code: line.points for line in review.line_ids}
        self.assertEqual(
            (points["sales_attainment"], round(points["sales_line"], 2)), (31.5, 16.36)
        )

    def test_it_leads_to_the_result(self):
        action = self._get_metric("sales_attainment")._get_metric_records_action(self.anna, *MARCH)
        Result = self.env[action["res_model"]].with_user(self.anna.user_id)
        own = Result.search(action["domain"])
        self.assertEqual(own.employee_id, self.anna)
        self.env.invalidate_all()
        self.assertFalse(Result.with_user(self.bo.user_id).search(action["domain"]))

    def test_config(self):
        with self.assertRaises(ValidationError):
            self.env["hr.performance.metric"].create(
                {"name": "X", "code": "t_x", "source": "sales_plan"}
            )

    def test_salespeople_and_back_office_on_one_scale(self):
        """A review of half attainment, half quality: 90 % of 50 and 4 of 5 of 50 make 85."""
        metric = self._get_metric("sales_attainment")
        self.template.action_set_draft()
        self.template.line_ids = [
            Command.clear(),
            Command.create({"metric_id": metric.id, "weight": 50, "target": 100}),
            Command.create(
                {"metric_id": self.quality.id, "weight": 50, "target": 5, "method": "rating"}
            ),
        ]
        self.template.action_set_ready()
        self._launch()
        review = self._review_of(self.anna)
        review._refresh()
        line = self._line(review, metric)
        self.assertEqual((line.value, line.points), (90, 45))
