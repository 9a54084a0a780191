from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import Controller, request

from .phone import Done, PhonePages, get_id, get_number, phone_route

HOME = "/performance/plans"


class PerformancePhonePlan(PhonePages, Controller):
    """Plans: their steps ticked off, their effect, what manager and employee say about them."""

    @phone_route(HOME, methods=["GET"])
    def plans(self):
        Plan = request.env["hr.performance.plan"]
        values = {
            "title": request.env._("Plans"),
            "tab": "plans",
            "groups": Plan._get_page_groups(),
        }
        return self._show("hr_performance.phone_plans", values)

    @phone_route(f"{HOME}/new")
    def plan_new(self, **form):
        def create():
            steps = [line.strip() for line in (form.get("steps") or "").splitlines()]
            plan = request.env["hr.performance.plan"].create(
                {
                    "name": form.get("name") or "",
                    "goal": form.get("goal"),
                    "step_ids": [Command.create({"name": step}) for step in steps if step],
                }
            )
            plan.action_start()
            return Done(request.env._("Plan started"), f"/performance/plan/{plan.id}")

        return self._answer(
            "hr_performance.phone_plan_new",
            lambda: {"title": request.env._("New plan"), "tab": "plans", "back": HOME},
            {"create": create},
        )

    @phone_route("/performance/plan/<int:plan_id>")
    def plan(self, plan_id, **form):
        plan = self._get_record("hr.performance.plan", plan_id)
        _ = request.env._

        def note():
            plan.note_ids = [Command.create({"text": (form.get("text") or "").strip()})]
            return Done(_("Noted"))

        def end():
            plan.closing_note = form.get("closing_note") or False
            plan.action_end()
            return Done(_("Plan ended"))

        def recover():
            if form.get("closing_note"):
                plan.closing_note = form["closing_note"]
            plan.action_recover()
            return Done(_("Plan closed"))

        return self._answer(
            "hr_performance.phone_plan",
            lambda: {
                "title": plan.name,
                "tab": "plans",
                "back": HOME,
                "plan": plan._get_page_values(),
            },
            {
                "check_in": lambda: self._check_in(plan, form),
                "enter": lambda: self._enter(plan, form),
                "note": note,
                "start": lambda: plan.action_start() and Done(_("Plan started")),
                "recover": recover,
                "end": end,
                "refresh": lambda: plan.action_refresh() and Done(_("Measured again")),
            },
        )

    @phone_route("/performance/plan/step/<int:step_id>")
    def plan_step(self, step_id, **form):
        """A step of somebody else's plan, for whoever does it."""
        step = self._get_record("hr.performance.plan.step", step_id)
        return self._answer(
            "hr_performance.phone_plan_step",
            lambda: {
                "title": step.name,
                "tab": "plans",
                "back": HOME,
                "step": step._get_page_values(),
            },
            {"check_in": lambda: self._tick(step, form)},
        )

    def _check_in(self, plan, form):
        chosen = get_id(form.get("step"))
        return self._tick(plan.step_ids.filtered(lambda step: step.id == chosen), form)

    def _tick(self, step, form):
        if not step:
            raise UserError(request.env._("The step does not exist any more."))
        step.env["hr.performance.plan.checkin"].create(
            {"step_id": step.id, "date": step._get_today(), "note": form.get("note") or False}
        )
        return Done(request.env._("Done for today"))

    def _enter(self, plan, form):
        chosen = get_id(form.get("checkpoint"))
        point = plan.checkpoint_ids.filtered(lambda p: p.id == chosen)
        value = get_number(form.get("value"), plan.metric_id.name)
        if not point or value is None:
            raise UserError(request.env._("Give the value."))
        point.value = value
        return Done(request.env._("Saved"))
