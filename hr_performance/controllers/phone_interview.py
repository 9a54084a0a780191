from odoo.http import Controller, request

from .phone import Done, PhonePages, phone_route


class PerformancePhoneInterview(PhonePages, Controller):
    """Preparing and acknowledging an interview."""

    @phone_route("/performance/interview/<int:interview_id>")
    def interview(self, interview_id, **form):
        interview = self._get_record("hr.performance.interview", interview_id)

        def save_topics():
            interview.employee_topics = form.get("topics", "").strip()
            return Done(request.env._("Saved"))

        def acknowledge():
            interview.employee_comment = form.get("comment", "").strip()
            interview.action_acknowledge()
            return Done(request.env._("Acknowledged"))

        return self._answer(
            "hr_performance.phone_interview",
            lambda: {
                "title": request.env._("Interview"),
                "tab": "home" if interview.is_own else "team",
                "back": f"/performance/review/{interview.review_id.id}",
                "interview": interview._get_page_values(),
            },
            {"save_topics": save_topics, "acknowledge": acknowledge},
        )
