from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import Controller, request

from .phone import Done, PhonePages, get_date, get_id, get_number, phone_route

SEARCH = "hr_performance_team_search"


class PerformancePhoneReview(PhonePages, Controller):
    """The start page, one's own reviews and results, and the people of a manager."""

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

    @phone_route("/performance/results", methods=["GET"])
    def results(self):
        values = {"title": request.env._("My results"), "tab": "results"}
        values |= request.env["hr.performance.review"].get_my_performance()
        return self._show("hr_performance.phone_results", values)

    # A review, one's own or of one's people

    @phone_route("/performance/review/<int:review_id>")
    def review(self, review_id, **form):
        review = self._get_record("hr.performance.review", review_id)

        def move(transition, notice):
            def act():
                review._transition(transition, form.get("reason"))
                return Done(notice)

            return act

        _ = request.env._
        return self._answer(
            "hr_performance.phone_review",
            lambda: self._get_review_page(review),
            {
                "refresh": lambda: review.action_refresh() and Done(_("Measured again")),
                "confirm_goals": move("confirm_goals", _("Goals confirmed")),
                "start_assessment": move("start_assessment", _("Assessment started")),
                "skip_self": move("skip_self", _("Self-assessment skipped")),
                "return": move("return_to_employee", _("Returned to the employee")),
                "give_consent": lambda: self._give_consent(review, form),
                "withdraw_consent": lambda: self._withdraw_consent(review),
                "save_self": lambda: self._save_self(review, form),
                "submit_self": lambda: self._save_self(review, form, submit=True),
                "save_scores": lambda: self._save_scores(review, form),
                "submit_scores": lambda: self._save_scores(review, form, submit=True),
            },
        )

    def _get_review_page(self, review):
        values = review._get_phone_values()
        own = values["is_own"]
        return {
            "title": values["name"] if own else values["employee"],
            "tab": "home" if own else "team",
            "back": "/performance" if own else "/performance/team",
            "review": values,
        }

    def _give_consent(self, review, form):
        request.env["hr.performance.consent"].give(review.id, get_id(form.get("version")))
        return Done(request.env._("Agreed"))

    def _withdraw_consent(self, review):
        consent = review._get_consent_values()
        if not consent or consent["state"] != "given":
            raise UserError(request.env._("There is no consent to take back."))
        request.env["hr.performance.consent"].browse(consent["id"]).action_withdraw()
        return Done(request.env._("Consent taken back"))

    def _save_self(self, review, form, submit=False):
        self._save_given(review, form, "self", "comment", "self_comment")
        if not submit:
            return Done(request.env._("Saved"))
        review.action_submit_self()
        return Done(request.env._("Self-assessment submitted"), "/performance")

    def _save_scores(self, review, form, submit=False):
        self._save_given(review, form, "manager", "reason", "manager_reason")
        if not submit:
            return Done(request.env._("Saved"))
        review.action_submit_scores()
        path = "/performance/team/score"
        return Done(request.env._("Scores of %s submitted", review.employee_id.name), path)

    def _save_given(self, review, form, who, words, field):
        """Write what somebody gave on the lines, and his comment on the whole.

        :param who: ``self`` or ``manager``
        :param words: how the inputs with his words on a line are called
        :param field: where these words are kept on the line
        """
        commands = []
        for line in review.line_ids:
            if f"{words}_{line.id}" in form:
                vals = self._get_given(line, form, who)
                vals[field] = form[f"{words}_{line.id}"].strip() or False
                commands += self._get_changes(line, vals)
        name = f"{who}_comment"
        comment = form.get(name, review[name] or "").strip()
        review.write({name: comment, "line_ids": commands})

    def _get_given(self, line, form, who):
        """The number of one line, or that there is none: an emptied field takes it back."""
        number = get_number(form.get(f"value_{line.id}"), line.name)
        return {f"{who}_set": number is not None, f"{who}_value": number or 0}

    def _get_changes(self, line, vals):
        """Only what is new is written, so that two people at once do not undo each other."""
        changed = {name: value for name, value in vals.items() if (line[name] or 0) != (value or 0)}
        for name in changed.keys() & {"self_value", "manager_value"}:
            # a number by itself counts as given
            changed[name.replace("value", "set")] = vals[name.replace("value", "set")]
        return [Command.update(line.id, changed)] if changed else []

    # The records behind a number

    @phone_route("/performance/line/<int:line_id>/records", methods=["GET"])
    def records(self, line_id):
        line = self._get_record("hr.performance.review.line", line_id)
        found = line._get_records_page(limit=100)
        if found is None:
            raise NotFound()
        values = {
            "title": line.name,
            "tab": "home" if line.is_own else "team",
            "back": f"/performance/review/{line.review_id.id}",
            "line": line._get_phone_values(),
            "names": found[0],
            "count": found[1],
        }
        return self._show("hr_performance.phone_records", values)

    # Evidence

    @phone_route("/performance/line/<int:line_id>/evidence")
    def add_evidence(self, line_id, **form):
        line = self._get_record("hr.performance.review.line", line_id)
        if not line.is_own or line.source != "evidence" or line.kind != "metric":
            raise NotFound()
        return self._answer(
            "hr_performance.phone_evidence_new",
            lambda: {
                "title": request.env._("Evidence"),
                "tab": "home",
                "back": f"/performance/review/{line.review_id.id}",
                "line": line._get_phone_values(),
                "date": line._get_evidence_day(),
            },
            {"send": lambda: self._send_evidence(line, form)},
        )

    def _send_evidence(self, line, form):
        files = self._get_files("files")
        text = form.get("description", "").strip()
        if not text and not files:
            raise UserError(request.env._("Write a sentence, or add a picture."))
        quantity = get_number(form.get("quantity"), request.env._("Quantity"))
        attachments = request.env["hr.performance.phone"]._create_attachments(files)
        request.env["hr.performance.evidence"].create(
            {
                "review_line_id": line.id,
                "date": get_date(form.get("date")) or line._get_evidence_day(),
                "description": text or request.env._("See the files."),
                "quantity": 1 if quantity is None else quantity,
                "attachment_ids": [Command.set(attachments.ids)],
            }
        )
        path = f"/performance/review/{line.review_id.id}"
        return Done(request.env._("Sent. Your manager decides about it."), path)

    @phone_route("/performance/evidence/<int:evidence_id>")
    def evidence(self, evidence_id, **form):
        evidence = self._get_record("hr.performance.evidence", evidence_id)
        back = f"/performance/review/{evidence.review_id.id}"

        def accept():
            evidence.action_accept()
            return Done(request.env._("Accepted"), back)

        def refuse():
            evidence.decision_reason = form.get("reason", "").strip()
            evidence.action_refuse()
            return Done(request.env._("Refused"), back)

        def take_back():
            evidence.unlink()
            return Done(request.env._("Taken back"), back)

        return self._answer(
            "hr_performance.phone_evidence",
            lambda: {
                "title": request.env._("Evidence"),
                "tab": "home" if evidence.is_own else "team",
                "back": back,
                "evidence": evidence._get_phone_values(),
            },
            {"accept": accept, "refuse": refuse, "take_back": take_back},
        )

    # The people of a manager

    @phone_route("/performance/team", "/performance/team/<string:code>")
    def team(self, code="all", page="1", **form):
        phone = request.env["hr.performance.phone"]
        if code not in phone._get_team_filters() or not phone._leads_people():
            raise NotFound()

        def search():
            # a name is data: it stays out of the address
            request.session[SEARCH] = form.get("name", "").strip()[:100]
            return Done()

        page = int(page) if page.isdecimal() and len(page) < 6 else 1
        return self._answer(
            "hr_performance.phone_team",
            lambda: {
                "title": request.env._("My team"),
                "tab": "team",
                **phone._get_team_page(code, page, request.session.get(SEARCH, "")),
            },
            {"search": search},
        )
