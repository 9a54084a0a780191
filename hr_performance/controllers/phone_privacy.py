from odoo.http import Controller, request

from .phone import Done, PhonePages, phone_route


class PerformancePhonePrivacy(PhonePages, Controller):
    """One's own data: to download, who opened it, and what one agreed to."""

    @phone_route("/performance/my-data")
    def my_data(self, consent_id=None, **form):
        def withdraw():
            consent = self._get_record("hr.performance.consent", int(consent_id))
            consent.action_withdraw()
            return Done(request.env._("Your consent is taken back. HR is told."))

        return self._answer(
            "hr_performance.phone_my_data", self._get_my_data, {"withdraw": withdraw}
        )

    def _get_my_data(self):
        own = [("is_own", "=", True)]
        return {
            "title": request.env._("My data"),
            "tab": "data",
            "entries": request.env["hr.performance.access.log"].search(own, limit=30),
            "consents": request.env["hr.performance.consent"].search(own),
        }
