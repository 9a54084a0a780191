from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, UserError
from odoo.http import Controller, request

from .phone import Done, PhonePages, phone_route

HOME = "/performance/answer"


class PerformancePhoneBallot(PhonePages, Controller):
    """Answering 360° reviews and pulses."""

    @phone_route(HOME, methods=["GET"])
    def ballots(self):
        ballots = request.env["hr.performance.ballot"].get_my_ballots()
        values = {"title": request.env._("To Answer"), "tab": "home", "back": "/performance"}
        return self._show("hr_performance.phone_ballots", values | {"ballots": ballots})

    @phone_route(f"{HOME}/<int:ballot_id>")
    def ballot(self, ballot_id, **form):
        ballot = self._find(ballot_id)
        if request.httprequest.method == "POST" and not ballot:
            return self._redirect(Done(request.env._("You have answered already."), HOME))
        if not ballot:
            raise NotFound()
        values = {"title": ballot["title"], "tab": "home", "back": HOME, "ballot": ballot}
        return self._answer(
            "hr_performance.phone_ballot",
            lambda: values,
            {"send": lambda: self._cast(ballot, form)},
        )

    def _find(self, ballot_id):
        ballots = request.env["hr.performance.ballot"].get_my_ballots()
        return next((ballot for ballot in ballots if ballot["id"] == ballot_id), None)

    def _cast(self, ballot, form):
        answers = {q["id"]: form.get(f"question_{q['id']}") for q in ballot["questions"]}
        request.env["hr.performance.ballot"].browse(ballot["id"]).cast(answers)
        return Done(request.env._("Thank you. Your answers are in."), HOME)

    def _take(self, action):
        """As for other forms, but without noting that it was taken.

        The key of a form stands beside its user and its time, and would be written together with
        the answers. It is not needed: a ballot is used up by itself.
        """
        try:
            with request.env.cr.savepoint():
                return action()
        except (AccessError, UserError) as error:
            return str(error)
