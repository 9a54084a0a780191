from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import Controller, request

from .phone import Done, PhonePages, get_id, get_number, phone_route


class PerformancePhoneAppeal(PhonePages, Controller):
    """Writing an appeal, following it, answering it."""

    @phone_route("/performance/review/<int:review_id>/appeal")
    def new_appeal(self, review_id, **form):
        review = self._get_record("hr.performance.review", review_id)
        if not review.is_own:
            raise NotFound()
        return self._answer(
            "hr_performance.phone_appeal_new",
            lambda: {
                "title": request.env._("Appeal"),
                "tab": "results",
                "back": f"/performance/review/{review.id}",
                "review": review._get_page_values(),
                "subjects": self._get_subjects(review),
                # sudo: the terms are the same for everybody; the programme itself is HR's
                "terms": review.cycle_id.program_id.sudo().step_ids._get_appeal_terms(),
            },
            {"submit": lambda: self._submit(review, form)},
        )

    def _get_subjects(self, review):
        """What can be disputed still, as options of a choice."""
        lines = review.line_ids.filtered("can_appeal")
        options = [(line.id, line.name) for line in lines]
        whole = not review._get_appeal_problem(review.line_ids.browse())
        return [("", request.env._("The whole result")), *options] if whole else options

    def _submit(self, review, form):
        text = form.get("reason", "").strip()
        if not text:
            raise UserError(request.env._("Say what is wrong, and why."))
        line = form.get("line_id", "")
        files = request.env["hr.performance.phone"]._create_attachments(self._get_files("files"))
        appeal = request.env["hr.performance.appeal"].create(
            {
                "review_id": review.id,
                "line_id": get_id(line) or False,
                "reason": text,
                "attachment_ids": [Command.set(files.ids)],
            }
        )
        appeal.action_submit()
        return Done(
            request.env._(
                "Sent. Your manager answers by %s.", appeal._get_page_values()["deadline"]
            ),
            f"/performance/appeal/{appeal.id}",
        )

    @phone_route("/performance/appeal/<int:appeal_id>")
    def appeal(self, appeal_id, **form):
        appeal = self._get_record("hr.performance.appeal", appeal_id)
        _ = request.env._

        def move(name, notice):
            def act():
                appeal._transition(name, form.get("text", "").strip())
                return Done(notice)

            return act

        return self._answer(
            "hr_performance.phone_appeal",
            lambda: self._get_appeal_page(appeal),
            {
                "withdraw": move("withdraw", _("Withdrawn")),
                "accept": move("accept", _("Answer accepted")),
                "take_to_hr": move("take_to_hr", _("HR looks at it now")),
                "upheld": lambda: self._decide(appeal, form, "upheld"),
                "changed": lambda: self._decide(appeal, form, "changed"),
            },
        )

    def _get_appeal_page(self, appeal):
        values = appeal._get_page_values()
        return {
            "title": request.env._("Appeal") if values["is_own"] else values["employee"],
            "tab": "results" if values["is_own"] else "team",
            "back": f"/performance/review/{appeal.review_id.id}" if appeal.review_id else "",
            "appeal": values,
            "changes": appeal._get_change_values(),
        }

    def _decide(self, appeal, form, outcome):
        values = {}
        for line in appeal._get_change_values() if outcome == "changed" else ():
            number = get_number(form.get(f"value_{line['id']}"), line["name"])
            if number is not None:
                values[line["id"]] = number
        appeal._decide(outcome, form.get("answer", "").strip(), values)
        return Done(request.env._("Answered"))
