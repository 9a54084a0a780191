from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

SATISFACTION, CONVERSION = "imported_satisfaction", "imported_conversion"


class HrPerformanceDemo(models.AbstractModel):
    """Feedback and plans of the studio: what was said, what came of it, in its people's words.

    Zhang Wei's customers waited too long and gave 3.8: his manager's feedback became a plan that
    runs. Li Na's plan has worked: 4.2, 4.4, 4.5. Their numbers are measured like all others.
    """

    _inherit = "hr.performance.demo"

    @api.model
    def _forget(self):
        own = [("company_id", "=", self.env.company.id)]
        plans = self.env["hr.performance.plan"].search(own)
        plans.write({"state": "draft"})
        plans.unlink()
        self.env["hr.performance.feedback"].search(own).unlink()
        self.env["hr.performance.feedback.request"].search(own).unlink()
        return super()._forget()

    @api.model
    def _run_month(self, cycle):
        result = super()._run_month(cycle)
        self._make_feedback(cycle)
        self._make_running_plan(cycle)
        self._make_plan_that_worked(cycle)
        self._make_development_plan(cycle)
        return result

    @api.model
    def _make_feedback(self, cycle):
        last_month = cycle.date_from - timedelta(days=3)
        self._say(
            "wang.fang",
            "li.na",
            "回访做得及时，老客户转介绍明显多了，请在晨会上分享你的跟进方法。",
            rating="5",
            date=last_month,
        )
        self._say(
            "wang.fang",
            "zhao.min",
            "项目进度延迟了1天，需优化时间管理。",
            rating="2",
            date=last_month,
        )
        request = self._ask("sun.li", "li.na", cycle, "我的首次回复话术哪里还可以改进？")
        self._say(
            "li.na",
            "sun.li",
            "回复很快，语气也亲切；报价前先问清拍摄日期和人数，会更稳。",
            rating="4",
            request_id=request.id,
        )
        self._ask("sun.li", "zhang.wei", cycle, "上周末的带看，我配合得怎么样？")

    @api.model
    def _say(self, giver, employee, text, **vals):
        feedback = (
            self.env["hr.performance.feedback"]
            .with_user(self._get_user(giver))
            .create({"employee_id": self._get_employee(employee).id, "text": text, **vals})
        )
        return feedback.sudo()

    @api.model
    def _ask(self, asker, giver, cycle, question):
        return (
            self.env["hr.performance.feedback.request"]
            .with_user(self._get_user(asker))
            .create(
                {
                    "employee_id": self._get_employee(asker).id,
                    "giver_id": self._get_user(giver).id,
                    "question": question,
                    "deadline": cycle._get_today() + timedelta(days=4),
                }
            )
            .sudo()
        )

    @api.model
    def _get_month_line(self, cycle, login, code, months_ago):
        """The line of somebody in a month before the running one."""
        cycles = cycle.program_id.cycle_ids.sorted("date_from", reverse=True)
        review = self._get_reviews(cycles[months_ago])[login]
        return self._get_lines(review)[code]

    @api.model
    def _make_running_plan(self, cycle):
        """From feedback on the weak line to a plan; the first month says that it helps."""
        line = self._get_month_line(cycle, "zhang.wei", SATISFACTION, 1)
        manager = self._get_user("wang.fang")
        feedback = self._say(
            "wang.fang",
            "zhang.wei",
            "有客户反馈“拍摄时等待时间太长”，需优化流程。",
            rating="2",
            metric_id=line.metric_id.id,
            date=cycle.date_from - timedelta(days=2),
        )
        feedback.with_user(
            self._get_user("zhang.wei")
        ).reply = "明白，我会提前和客户、摄影师确认时间。"
        plan = self.env["hr.performance.plan"].browse(
            feedback.with_user(manager).action_create_plan()["res_id"]
        )
        start = cycle.date_from
        plan.with_user(manager).write(
            {
                "name": "缩短拍摄等待时间",
                "goal": "等待时间从30分钟缩短到15分钟，满意度回到4.5分。",
                "target": 4.5,
                "date_start": start,
                "date_end": fields.Date.add(start, months=3, days=-1),
                "step_ids": [
                    Command.create(
                        {
                            "name": "提前1天与客户确认拍摄时间",
                            "repeat": "daily",
                            "date_start": start,
                        }
                    ),
                    Command.create(
                        {
                            "name": "每天下班前与摄影团队核对第二天的安排",
                            "repeat": "workdays",
                            "date_start": start,
                        }
                    ),
                    Command.create(
                        {"name": "客户沟通课程", "is_training": True, "date_start": start}
                    ),
                ],
            }
        )
        plan.with_user(manager).action_start()
        self._check_in(plan, "zhang.wei")
        self._note(plan, "wang.fang", "等待时间已缩短到15分钟左右，客户的评价在回升，继续保持。")
        self._note(plan, "zhang.wei", "周末客户多的时候还会排队，我把上午的预约错开半小时。")

    @api.model
    def _make_plan_that_worked(self, cycle):
        line = self._get_month_line(cycle, "li.na", SATISFACTION, 3)
        conversion = self._get_month_line(cycle, "li.na", CONVERSION, 3).metric_id
        manager = self._get_user("wang.fang")
        plan = self.env["hr.performance.plan"].browse(
            line.with_user(manager).action_create_plan()["res_id"]
        )
        start = line.review_id.date_to + timedelta(days=1)
        plan.with_user(manager).write(
            {
                "name": "让客户更满意",
                "target": 4.5,
                "effect_metric_ids": conversion.ids,
                "date_start": start,
                "date_end": cycle.date_from - timedelta(days=1),
                "step_ids": [
                    Command.create(
                        {
                            "name": "拍摄后一周内回访",
                            "repeat": "weekly",
                            "mon": True,
                            "thu": True,
                            "date_start": start,
                        }
                    ),
                    Command.create(
                        {"name": "客户沟通课程", "is_training": True, "date_start": start}
                    ),
                ],
            }
        )
        plan.with_user(manager).action_start()
        self._check_in(plan, "li.na")
        self._note(plan, "wang.fang", "第一个月就到4.3分，回访的效果看得出来。")
        plan.with_user(manager).closing_note = "按时回访最有效，满意度和转化率一起上来了。"
        plan.with_user(manager).action_recover()
        plan.sudo().write({"started_on": start, "closed_on": plan.date_end})

    @api.model
    def _make_development_plan(self, cycle):
        user = self._get_user("sun.li")
        plan = (
            self.env["hr.performance.plan"]
            .with_user(user)
            .create(
                {
                    "name": "学会独立接待与报价",
                    "employee_id": self._get_employee("sun.li").id,
                    "goal": "三个月后能独立完成从咨询到签约。",
                    "date_start": cycle.date_from,
                    "date_end": fields.Date.add(cycle.date_from, months=3, days=-1),
                    "step_ids": [
                        Command.create(
                            {"name": "跟岗观察李娜的接待", "repeat": "weekly", "wed": True}
                        ),
                        Command.create({"name": "报价演练", "is_training": True}),
                    ],
                }
            )
        )
        plan.action_start()

    @api.model
    def _check_in(self, plan, login):
        """Most of the days on which something was due, as the employee."""
        plan = plan.with_user(self._get_user(login))
        today = min(self.env.company._get_performance_today(), plan.date_end)
        self.env["hr.performance.plan.checkin"].with_user(self._get_user(login)).create(
            [
                {"step_id": step.id, "date": day}
                for step in plan.step_ids
                for number, day in enumerate(step._get_due_days(today))
                if number % 5 != 3
            ]
        )

    @api.model
    def _note(self, plan, login, text):
        plan.with_user(self._get_user(login)).note_ids = [Command.create({"text": text})]
