from odoo.http import Controller, request

from .phone import PhonePages, phone_route


class PerformancePhoneReview(PhonePages, Controller):
    """Where every user starts: what waits for him, how his own reviews stand."""

    @phone_route("/performance", methods=["GET"])
    def home(self):
        values = {"title": request.env._("Performance"), "tab": "home"}
        values |= request.env["hr.performance.phone"]._get_home_values()
        return self._show("hr_performance.phone_home", values)

    @phone_route("/performance/more", methods=["GET"])
    def more(self):
        entries = request.env["hr.performance.phone"]._get_more_tabs()
        values = {"title": request.env._("More"), "tab": "more", "entries": entries}
        return self._show("hr_performance.phone_more", values)
