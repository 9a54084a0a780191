from odoo import api, models

from odoo.addons.hr_performance_im.tools import errors

from ..tools import events as tools


class HrPerformanceImProviderDingtalk(models.AbstractModel):
    """Events: each names objects, which are read again."""

    _inherit = "hr.performance.im.provider.dingtalk"

    @api.model
    def _handle_events(self, run, client, events):
        pulls, meant, codes = {}, events.browse(), {}
        for event in events:
            stored = tools.Event(event.external_id, event.kind, "", None, event.payload or {})
            for pull in stored.pulls:
                pulls.setdefault(pull.kind, []).append(pull)
                codes[pull.id] = (event.payload or {}).get("processcode")
                meant |= event
        people = [pull.id for kind in (tools.USER, tools.LEAVER) for pull in pulls.get(kind, ())]
        if people:
            self._read_again(run, client, people)
        if people or tools.DEPARTMENT in pulls:
            self._follow_people(run, whole=tools.DEPARTMENT in pulls)
        days = {(pull.id, pull.day) for pull in pulls.get(tools.DAY, ()) if pull.day}
        if days:
            self._read_days_again(run, client, days)
        instances = {pull.id: codes[pull.id] for pull in pulls.get(tools.INSTANCE, ())}
        if instances:
            self._read_instances_again(run, client, instances)
        return meant

    @api.model
    def _follow_people(self, run, whole):
        """Look for differences of the people; after a change of departments read all of them."""
        position = None if whole else {"phase": "matches"}
        run._start(run.connection_id, "people", position)

    # Pushes that failed

    @api.model
    def _step_failed_event(self, run, client):
        """Fetch what DingTalk could not deliver. It forgets what it handed out: store at once."""
        try:
            for page in client.failed_events():
                for event in page:
                    new = self.env["hr.performance.im.event"]._receive(
                        run.connection_id, event.id, event.type, event.payload
                    )
                    run._count(read=1, created=int(new), unchanged=int(not new))
        except errors.ApiError as error:
            run._skip(error)
        return True

    @api.model
    def _get_default_schedule(self):
        return [
            *super()._get_default_schedule(),
            {"kind": "failed_event", "interval": 6, "sequence": 50},
        ]
