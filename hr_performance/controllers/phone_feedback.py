from odoo.exceptions import UserError
from odoo.http import Controller, request

from .phone import Done, PhonePages, get_id, phone_route

HOME = "/performance/feedback"


class PerformancePhoneFeedback(PhonePages, Controller):
    """Giving, asking for and reading feedback."""

    # Reading

    @phone_route(HOME, methods=["GET"])
    def feedback_received(self):
        return self._show_list("received")

    @phone_route(f"{HOME}/given", methods=["GET"])
    def feedback_given(self):
        return self._show_list("given")

    @phone_route(f"{HOME}/team", methods=["GET"])
    def feedback_team(self):
        return self._show_list("team")

    @phone_route(f"{HOME}/requests", methods=["GET"])
    def feedback_requests(self):
        requests = request.env["hr.performance.feedback.request"].search([], limit=100)
        values = {
            "title": request.env._("Feedback"),
            "tab": "feedback",
            "which": "requests",
            "leads": request.env["hr.performance.phone"]._leads_people(),
            "requests": [r._get_page_values() for r in requests],
        }
        return self._show("hr_performance.phone_feedback_requests", values)

    def _show_list(self, which):
        feedbacks = request.env["hr.performance.feedback"]._get_page_list(which)
        values = {
            "title": request.env._("Feedback"),
            "tab": "feedback",
            "which": which,
            "leads": request.env["hr.performance.phone"]._leads_people(),
            "feedbacks": [feedback._get_page_values() for feedback in feedbacks],
        }
        return self._show("hr_performance.phone_feedback_list", values)

    @phone_route(f"{HOME}/<int:feedback_id>")
    def feedback(self, feedback_id, **form):
        feedback = self._get_record("hr.performance.feedback", feedback_id)
        _ = request.env._

        def reply():
            feedback.reply = form.get("reply") or False
            return Done(_("Answer sent"))

        def plan():
            action = feedback.action_create_plan()
            return Done("", f"/performance/plan/{action['res_id']}")

        return self._answer(
            "hr_performance.phone_feedback",
            lambda: {
                "title": _("Feedback"),
                "tab": "feedback",
                "back": HOME,
                "feedback": feedback._get_page_values(),
            },
            {
                "reply": reply,
                "release": lambda: feedback.action_release() and Done(_("Released")),
                "plan": plan,
            },
        )

    # Giving

    @phone_route(f"{HOME}/give", f"{HOME}/give/<int:employee_id>")
    def feedback_give(self, employee_id=0, **form):
        Feedback = request.env["hr.performance.feedback"]

        def give():
            Feedback.create({"employee_id": self._get_person(form).id, **self._get_words(form)})
            return Done(request.env._("Feedback given"), f"{HOME}/given")

        return self._answer(
            "hr_performance.phone_feedback_give",
            lambda: {
                "title": request.env._("Give feedback"),
                "tab": "feedback",
                "back": HOME,
                "people": Feedback._get_page_people(),
                "person": employee_id,
                **self._get_choices(),
            },
            {"give": give},
        )

    @phone_route(f"{HOME}/request/<int:request_id>")
    def feedback_request(self, request_id, **form):
        asked = self._get_record("hr.performance.feedback.request", request_id)
        _ = request.env._

        def answer():
            request.env["hr.performance.feedback"].create(
                {
                    "employee_id": asked.employee_id.id,
                    "request_id": asked.id,
                    "metric_id": asked.metric_id.id,
                    "dimension_id": asked.dimension_id.id,
                    "rating": form.get("rating") or "0",
                    "text": form.get("text") or "",
                }
            )
            return Done(_("Feedback given"), f"{HOME}/requests")

        def decline():
            asked.decline_reason = form.get("decline_reason") or False
            asked.action_decline()
            return Done(_("Declined"), f"{HOME}/requests")

        def cancel():
            asked.action_cancel()
            return Done(_("Taken back"), f"{HOME}/requests")

        return self._answer(
            "hr_performance.phone_feedback_request",
            lambda: {
                "title": _("Request"),
                "tab": "feedback",
                "back": f"{HOME}/requests",
                "asked": asked._get_page_values(),
                "ratings": self._get_ratings(),
            },
            {"answer": answer, "decline": decline, "cancel": cancel},
        )

    # Asking

    @phone_route(f"{HOME}/ask")
    def feedback_ask(self, **form):
        Ask = request.env["hr.performance.feedback.ask"]

        def ask():
            employee = request.env.user.employee_id
            if not employee:
                raise UserError(request.env._("Your user account is not linked to an employee."))
            Ask.create(
                {
                    "employee_id": employee.id,
                    "user_ids": self._get_asked_users(form).ids,
                    "question": form.get("question"),
                    "deadline": form.get("deadline") or Ask._default_deadline(),
                }
            ).action_ask()
            return Done(request.env._("Asked"), f"{HOME}/requests")

        return self._answer(
            "hr_performance.phone_feedback_ask",
            lambda: {
                "title": request.env._("Ask for feedback"),
                "tab": "feedback",
                "back": f"{HOME}/requests",
                "people": request.env["hr.performance.feedback"]._get_page_people(with_user=True),
                "asked": request.httprequest.form.getlist("person"),
                "deadline": Ask._default_deadline(),
            },
            {"ask": ask},
        )

    # What was chosen and typed

    def _get_person(self, form):
        """The person chosen, or named where he is not among those near."""
        if form.get("other"):
            return request.env["hr.performance.feedback"]._find_person(form["other"])
        chosen = get_id(form.get("person"))
        if not chosen:
            raise UserError(request.env._("Choose whom the feedback is for."))
        return request.env["hr.employee"].browse(chosen)

    def _get_asked_users(self, form):
        chosen = map(get_id, request.httprequest.form.getlist("person"))
        people = request.env["hr.employee"].browse(filter(None, chosen))
        if form.get("other"):
            people |= request.env["hr.performance.feedback"]._find_person(form["other"])
        return people.user_id

    def _get_words(self, form):
        about = form.get("about") or ""
        field = {"m": "metric_id", "d": "dimension_id"}.get(about[:1])
        words = {"rating": form.get("rating") or "0", "text": form.get("text") or ""}
        subject = get_id(about[1:])
        return words | ({field: subject} if field and subject else {})

    def _get_ratings(self):
        return [(str(number), str(number)) for number in range(1, 6)]

    def _get_choices(self):
        dimensions = request.env["hr.performance.dimension"].search([])
        metrics = request.env["hr.performance.metric"].search(
            [("company_id", "in", [False, *request.env.companies.ids])], limit=100
        )
        return {
            "ratings": self._get_ratings(),
            "subjects": [
                ("", request.env._("Nothing in particular")),
                *((f"d{dimension.id}", dimension.name) for dimension in dimensions),
                *((f"m{metric.id}", metric.name) for metric in metrics),
            ],
        }
