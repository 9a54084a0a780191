from odoo import api, models

from odoo.addons.hr_performance.models.hr_performance_demo import CHINESE

NAMES = {"plan_studio": "门店销售双目标奖励", "plan_studio_pilot": "超中位数部分的十分之一"}


class HrPerformanceDemo(models.AbstractModel):
    """The sales plan of the studio: three closed months, of which two are paid, and this one.

    Everything is computed from the orders of the story; who starts, closes, approves and pays does
    so by the buttons, with his own rights.
    """

    _inherit = "hr.performance.demo"

    @api.model
    def _load_sales_plan(self):
        """Run the plans of the studio, once."""
        plan = self._ref("hr_performance_sales.plan_studio")
        if plan.exists() and plan.state == "draft" and self._has_sales():
            self._as_studio()._run_sales_plans()

    @api.model
    def _run_sales_plans(self):
        hr = self._get_user("chen.jing")
        for name, chinese in NAMES.items():
            plan = self._ref(f"hr_performance_sales.{name}")
            if self._get_language() == CHINESE:
                self._set_chinese(plan, "name", chinese)
            plan.date_from = self._get_periods()[0].date_from
            plan.with_user(hr).action_start()
        self._close_months(self._ref("hr_performance_sales.plan_studio"), hr)
        self._close_months(self._ref("hr_performance_sales.plan_studio_pilot"), hr)

    @api.model
    def _close_months(self, plan, hr):
        """Close what is over; the first two months are approved and paid, the third waits."""
        months = plan.period_ids.sorted("date_from")[:-1]
        for number, month in enumerate(months):
            month.with_user(hr).action_close()
            if plan.is_pilot:
                continue
            self._answer_statements(month, number)
            if number < len(months) - 1:
                month.with_user(plan.approver_id).action_check()
                month.with_user(hr).action_approve()
                month.with_user(hr).action_pay()

    @api.model
    def _answer_statements(self, month, number):
        """Who sold most says that it is right; in the last month somebody misses an order."""
        statements = month.statement_ids.sorted(lambda s: (-s.amount, s.id))
        best, last = statements[:1], statements[-1:]
        best.with_user(best.employee_id.user_id).action_acknowledge()
        if number == 2 and last.line_ids:
            line = last.line_ids[:1].with_user(last.employee_id.user_id)
            line._dispute("这笔订单由我和郑雪共同完成，请核对分成比例。")
