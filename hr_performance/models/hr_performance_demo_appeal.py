from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Command


class HrPerformanceDemo(models.AbstractModel):
    """Appeals and interviews of the studio: one of each outcome, one that waits."""

    _inherit = "hr.performance.demo"

    @api.model
    def _forget(self):
        reviews = self._ref("program_demo").cycle_ids.review_ids
        reviews.interview_ids.event_id.unlink()
        plans = reviews.interview_ids.agreement_ids.plan_id
        reviews.interview_ids.write({"state": "cancelled"})
        result = super()._forget()
        plans.write({"state": "draft"})
        plans.unlink()
        return result

    @api.model
    def _after_publishing(self, cycle, reviews, months_ago):
        result = super()._after_publishing(cycle, reviews, months_ago)
        self._dispute(cycle, reviews, months_ago)
        self._talk(reviews, months_ago)
        return result

    @api.model
    def _run_month(self, cycle):
        result = super()._run_month(cycle)
        self._talk(self._get_reviews(cycle), 0)
        return result

    # Appeals

    @api.model
    def _dispute(self, cycle, reviews, months_ago):
        """What people appealed against, with the window of the month open while they do."""
        step = cycle.step_ids.filtered(lambda step: step.code == "appeal")
        deadline, step.deadline = step.deadline, cycle._get_today()
        for row in self._read("appeals"):
            if int(row["months_ago"]) == months_ago:
                self._appeal(reviews[row["login"]], row)
        step.deadline = deadline

    @api.model
    def _appeal(self, review, row):
        metric = self._ref(f"metric_{row['metric']}")
        line = review.line_ids.filtered(lambda line: line.metric_id == metric)[:1]
        user, decider = self._get_user(row["login"]), self._get_decider(review)
        appeal = self.env["hr.performance.appeal"].with_user(user)
        appeal = appeal.create(
            {"review_id": review.id, "line_id": line.id, "reason": row["reason"]}
        )
        appeal.action_submit()
        if row["course"] == "withdrawn":
            appeal.action_withdraw()
        elif row["course"] == "changed":
            values = {line.id: float(row["value"])}
            appeal.with_user(decider)._decide("changed", row["answer"], values)
            appeal.action_accept()
        elif row["course"] == "second":
            appeal.with_user(decider)._decide("upheld", row["answer"])
            appeal._transition("take_to_hr", row["second_reason"])
            officer = self._get_user("chen.jing")
            appeal.with_user(officer)._decide("upheld", row["second_answer"])

    @api.model
    def _date_back(self, cycle):
        result = super()._date_back(cycle)
        for appeal in cycle.review_ids.appeal_ids.filtered(lambda a: a.state == "closed"):
            days = {"submitted_on": 9, "answered_on": 12, "second_on": 16, "closed_on": 17}
            appeal.write(
                {
                    name: min(
                        datetime.combine(cycle.date_to + timedelta(days=number), time(2, 0)),
                        fields.Datetime.now(),
                    )
                    for name, number in days.items()
                    if appeal[name]
                }
            )
        return result

    # Interviews

    @api.model
    def _talk(self, reviews, months_ago):
        for row in self._read("interviews"):
            if int(row["months_ago"]) == months_ago:
                self._interview(reviews[row["login"]], row)

    @api.model
    def _interview(self, review, row):
        """An interview as its row says; those that were held began some days ago."""
        user, holder = self._get_user(row["login"]), self._get_decider(review)
        planned = row["state"] == "planned"
        day = review.cycle_id._get_today() + timedelta(days=3 if planned else -2)
        metric = self._ref(f"metric_{row['agreement_metric']}") if row["agreement_metric"] else None
        line = review.line_ids.filtered(lambda line: line.metric_id == metric)[:1]
        agreement = {"name": row["agreement"], "actor": row["actor"], "line_id": line.id}
        # the agenda is written in the language of who prepares it
        interview = self.env["hr.performance.interview"].with_context(lang=holder.lang)
        interview = interview.with_user(holder)
        interview = interview.create(
            {
                "review_id": review.id,
                "start": datetime.combine(day, time(2, 0)),
                "location": row["location"],
                "notes": row["notes"],
                "agreement_ids": [Command.create(agreement)] if row["agreement"] else [],
            }
        )
        if row["note"]:
            interview.private_note = row["note"]
        if row["topics"]:
            interview.with_user(user).employee_topics = row["topics"]
        if not planned:
            interview.action_hold()
        if row["state"] == "acknowledged":
            interview.with_user(user).employee_comment = row["comment"]
            interview.with_user(user).action_acknowledge()
