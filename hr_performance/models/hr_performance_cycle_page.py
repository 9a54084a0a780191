from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

#: States in which missing data holds a result back; before, it may still come in.
HELD_STATES = ("manager", "calibration", "ready")
#: So many names of people are written out in the preview of a launch.
SHOWN_NAMES = 5


class HrPerformanceCycle(models.Model):
    """Figures that the form of a cycle shows besides those of the engine."""

    _inherit = "hr.performance.cycle"

    ready_count = fields.Integer("Ready to Publish", compute="_compute_waiting_counts")
    running_count = fields.Integer("Still Running", compute="_compute_waiting_counts")
    held_count = fields.Integer("Waiting for Data", compute="_compute_waiting_counts")

    def _compute_waiting_counts(self):
        domain = Domain("cycle_id", "in", self.ids)
        domain &= Domain("state", "in", ("goal", "progress", *HELD_STATES))
        counts = defaultdict(int)
        for cycle, state, blocked, count in self.env["hr.performance.review"]._read_group(
            domain, ["cycle_id", "state", "blocked"], ["__count"]
        ):
            held = blocked and state in HELD_STATES
            counts[cycle, "held" if held else state] += count
        for cycle in self:
            cycle.ready_count = counts[cycle, "ready"]
            cycle.running_count = counts[cycle, "goal"] + counts[cycle, "progress"]
            cycle.held_count = counts[cycle, "held"]

    @api.model
    def get_empty_list_help(self, help_message):
        return super().get_empty_list_help(self._offer_setup(help_message))

    @api.model
    def _offer_setup(self, help_message):
        """Add the way into the assistant for those who may set up a programme."""
        if not self.env.user.has_group("hr_performance.group_hr_performance_manager"):
            return help_message
        action = self.env.ref("hr_performance.hr_performance_setup_action")
        link = Markup('<p><a type="action" name="%s" class="btn btn-primary">%s</a></p>') % (
            action.id,
            self.env._("Set up the first programme"),
        )
        return Markup(help_message or "") + link

    # Preview

    def _get_launch_preview(self):
        """Who would be launched with which template and who would not, without launching.

        :return: values for ``hr.performance.setup.preview``
        """
        self.ensure_one()
        employees = self._get_participants()
        snapshots = employees._get_performance_snapshots(self._get_period(), self._get_today())
        snapshots = [s for s in snapshots if self._is_in_scope(s)]
        least = max(self.program_id.min_days, 1)
        present = [s for s in snapshots if s.days >= least]
        picked = self.env["hr.performance.template"]._pick(
            self.company_id,
            [(s.employee_id, s.job_id, s.department_id) for s in present],
            self.date_to,
            self.program_id.template_ids,
        )
        groups = defaultdict(list)
        for snapshot in snapshots:
            template = picked.get(snapshot.employee_id)
            if template:
                groups["template", template.display_name].append(snapshot.employee_id)
            for code in self._get_preview_codes(snapshot, template, snapshot in present):
                groups[code].append(snapshot.employee_id)
        names = {employee.id: employee.name for employee in employees}
        return [
            {
                "kind": kind,
                "label": label,
                "count": len(ids),
                "names": self._join_names([names[i] for i in ids]),
            }
            for (kind, label), ids in sorted(groups.items(), reverse=True)
        ]

    def _get_preview_codes(self, snapshot, template, present):
        """``[(kind, reason)]`` of what is worth knowing about a person before launching."""
        reasons = dict(
            self.env["hr.performance.cycle.issue"]._fields["code"]._description_selection(self.env)
        )
        if not present:
            return [("left_out", reasons["few_days"])]
        if not template:
            return [("left_out", reasons["no_template"])]
        codes = [] if snapshot.user_id else ["no_user"]
        codes += [] if snapshot.manager_id else ["no_manager"]
        return [("notice", reasons[code]) for code in codes]

    def _join_names(self, names):
        if len(names) <= SHOWN_NAMES:
            return ", ".join(names)
        return self.env._(
            "%(names)s and %(count)s more",
            names=", ".join(names[:SHOWN_NAMES]),
            count=len(names) - SHOWN_NAMES,
        )
