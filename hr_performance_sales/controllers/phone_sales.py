from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import Controller, request

from odoo.addons.hr_performance.controllers.phone import (
    Done,
    PhonePages,
    get_date,
    get_id,
    get_number,
    phone_route,
)

HOME = "/performance/sales"
#: More than anybody counts; what is too much for a day is said by the report itself.
MAX_COUNT = 10**6


class PerformancePhoneSales(PhonePages, Controller):
    """A salesperson's day: where he stands, what would move it, his reports, help for customers."""

    @phone_route(HOME, f"{HOME}/<int:result_id>")
    def sales(self, result_id=None, **form):
        values = {
            "title": request.env._("My sales"),
            "tab": "sales",
            "then": None,
            "chosen": set(),
            **request.env["hr.performance.sales.day"].get_my_sales(result_id),
        }
        if request.httprequest.method == "POST":
            if form.get("do") != "what_if" or not values["day"]:
                raise NotFound()
            values |= self._get_what_if(values["day"], form)
        return self._show("hr_performance_sales.phone_sales", values)

    def _get_what_if(self, day, form):
        """What was ticked and what it would mean. Nothing is written, so no key is taken."""
        ticked = {
            kind: [*filter(None, map(get_id, request.httprequest.form.getlist(kind)))]
            for kind in ("lead", "order")
        }
        chosen = {f"{kind}_{record_id}" for kind, ids in ticked.items() for record_id in ids}
        found = {"form": form, "chosen": chosen}
        try:
            further = get_number(form.get("further"), request.env._("Further sales")) or 0
            Day = request.env["hr.performance.sales.day"]
            then = Day.get_what_if(day["id"], ticked["lead"], further, ticked["order"])
            return {**found, "then": then}
        except UserError as error:
            return {**found, "problem": str(error)}

    @phone_route(f"{HOME}/report")
    def report(self, **form):
        _ = request.env._

        def send():
            counts = {
                name: min(int(get_number(form.get(name), label) or 0), MAX_COUNT)
                for name, label in (("visits", _("Visits")), ("contacts", _("Contacts")))
            }
            vals = {
                "partner_id": get_id(form.get("partner")),
                "note": (form.get("note") or "").strip(),
                "market_note": (form.get("market_note") or "").strip(),
                **counts,
            }
            day = get_date(form.get("date"))
            if day:
                vals["date"] = day
            request.env["hr.performance.sales.report"].create(vals)
            return Done(_("Reported"))

        return self._answer(
            "hr_performance_sales.phone_sales_report",
            lambda: {
                "title": _("Report visits"),
                "tab": "sales",
                "back": HOME,
                **request.env["hr.performance.sales.day"]._get_report_values(),
            },
            {"send": send},
        )

    @phone_route(f"{HOME}/lead/<int:lead_id>")
    def lead(self, lead_id, **form):
        """An own opportunity: asking a colleague for support with it."""
        lead = self._get_record("crm.lead", lead_id)
        _ = request.env._

        def ask():
            supporter = get_id(form.get("supporter"))
            if not supporter:
                raise UserError(_("Choose whom to ask."))
            request.env["hr.performance.sales.support"].create(
                {
                    "lead_id": lead.id,
                    "supporter_id": supporter,
                    "percent": float(get_number(form.get("percent"), _("Share offered")) or 0),
                    "note": (form.get("note") or "").strip(),
                }
            )
            return Done(_("Asked for support"))

        return self._answer(
            "hr_performance_sales.phone_sales_lead",
            lambda: {
                "title": lead.name,
                "tab": "sales",
                "back": HOME,
                **request.env["hr.performance.sales.day"]._get_support_values(lead),
            },
            {"ask": ask},
        )

    @phone_route(f"{HOME}/support/<int:support_id>")
    def support(self, support_id, **form):
        """What somebody is asked to help with, or has asked for."""
        support = self._get_record("hr.performance.sales.support", support_id)
        _ = request.env._
        return self._answer(
            "hr_performance_sales.phone_sales_support",
            lambda: {
                "title": _("Customer support"),
                "tab": "sales",
                "back": HOME,
                "support": support._get_page_values(),
            },
            {
                "done": lambda: support.action_done() and Done(_("Thank you for helping")),
                "withdraw": lambda: support.action_withdraw() and Done(_("Withdrawn")),
            },
        )
