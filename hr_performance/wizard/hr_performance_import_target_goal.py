from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..models.hr_performance_review_scoring import _get_rule
from ..tools import scoring
from ..tools.import_rows import Entry

#: States in which a target may still be set.
GOAL_STATES = ("goal", "progress")


class HrPerformanceImportTargetGoal(models.AbstractModel):
    """Targets of the reviews of a running cycle, one for each employee and metric.

    The target is that of the whole period; who joined or left within it gets his part, as with the
    targets of the templates.
    """

    _name = "hr.performance.import.target.goal"
    _inherit = ["hr.performance.import.target"]
    _description = "Import of Targets"

    @api.model
    def _get_guessed_roles(self):
        return ("email", "number", "name", "employee", "metric", "target")

    @api.model
    def _check_rights(self, wizard):
        if not self.env.user.has_group("hr_performance.group_hr_performance_user"):
            raise AccessError(self.env._("Only HR officers import targets."))
        wizard.cycle_id.check_access("write")

    @api.model
    def _check_mapping(self, wizard, mapping):
        if not wizard.cycle_id:
            raise UserError(self.env._("Choose the cycle whose reviews get the targets."))
        if wizard.cycle_id.company_id != wizard.company_id:
            raise UserError(self.env._("The cycle belongs to another company."))
        self._check_metric_mapping(
            wizard, mapping, "target", self.env._("Choose the column with the target.")
        )
        return super()._check_mapping(wizard, mapping)

    @api.model
    def _prepare(self, run, rows):
        employees = self._find_employees(run, rows)
        entries = []
        for row in rows:
            for metric, header, cell in self._get_metric_cells(run, row, "target"):
                target = self._read_number(run, row, header, cell, metric)
                if row.number in run.problems:
                    continue
                key = (employees[row.number], metric.id)
                if self._is_own(key[0]):
                    message = self.env._("Your own targets are for somebody else to set.")
                    run.refuse(row, header, cell, message)
                elif not self._refuse_repeated(run, row, key):
                    vals = {"base_target": round(float(target), 4), "header": header, "cell": cell}
                    entries.append(Entry(row.number, key[0], key, vals))
        return entries

    @api.model
    def _compare(self, run, entries):
        """Find the line of each entry. One query."""
        known = self._read_lines(run, entries)
        people = {employee_id for employee_id, _metric_id in known}
        for entry in entries:
            line = known.get(entry.key)
            if line and line["state"] in GOAL_STATES and line["metric_id"]:
                self._compare_one(run, entry, line)
                continue
            if entry.employee_id not in people:
                message = self.env._("The employee has no review in this cycle.")
            elif line:
                message = self.env._("The review is past the running period: its targets stand.")
            else:
                message = self.env._("The review of the employee has no line for this metric.")
            run.refuse(entry, entry.vals["header"], entry.vals["cell"], message)

    @api.model
    def _read_lines(self, run, entries):
        """``{(employee id, metric id): values of the line}``; metric 0 stands for the review."""
        self.env["hr.performance.review"].flush_model()
        self.env["hr.performance.review.line"].flush_model()
        query = SQL(
            """SELECT r.employee_id, COALESCE(l.metric_id, 0), l.id, r.id, r.state,
                      l.weight::float8,
                      CASE WHEN l.has_start THEN l.start_value::float8 END, l.rule::text,
                      l.target::float8, l.base_target::float8, r.participation::float8,
                      m.cumulative
                 FROM hr_performance_review r
            LEFT JOIN hr_performance_review_line l ON l.review_id = r.id AND l.kind = 'metric'
            LEFT JOIN hr_performance_metric m ON m.id = l.metric_id
                WHERE r.cycle_id = %s AND r.employee_id = ANY(%s) AND r.state <> 'cancelled'""",
            run.wizard.cycle_id.id,
            list({entry.employee_id for entry in entries}),
        )
        names = ("metric_id", "id", "review_id", "state", "weight", "start", "rule")
        names += ("target", "base_target", "participation", "cumulative")
        return {
            (employee_id, rest[0]): dict(zip(names, rest, strict=True))
            for employee_id, *rest in self.env.execute_query(query)
        }

    @api.model
    def _compare_one(self, run, entry, line):
        full = entry.vals["base_target"]
        prorate = run.wizard.cycle_id.program_id.prorate and line["cumulative"]
        target = round(full * line["participation"], 4) if prorate else full
        try:
            _get_rule(line["rule"], line["weight"], target, line["start"]).validate()
        except scoring.RuleError:
            run.refuse(
                entry,
                entry.vals["header"],
                entry.vals["cell"],
                self.env._("The rule of this metric cannot work with this target."),
            )
            return
        entry.record_id = line["id"]
        entry.vals |= {"target": target, "review_id": line["review_id"]}
        entry.before = {"base_target": line["base_target"], "target": line["target"]}
        same = (full, target) == (line["base_target"], line["target"])
        entry.change = "same" if same else "changed"

    @api.model
    def _import_entries(self, run, entries):
        if not entries:
            return
        # sudo: targets belong to the engine once goals are confirmed; the right was checked
        lines = self.env["hr.performance.review.line"].sudo()
        lines._bulk_update(
            [
                {
                    "id": entry.record_id,
                    "target": entry.vals["target"],
                    "base_target": entry.vals["base_target"],
                }
                for entry in entries
            ]
        )
        reviews = lines.review_id.browse({entry.vals["review_id"] for entry in entries})
        # touched, so that a transition at the same moment conflicts instead of overlooking it
        reviews.write({"touched_on": fields.Datetime.now()})
        reviews._score()
        self._note_changes(run, entries, reviews)

    @api.model
    def _note_changes(self, run, entries, reviews):
        """The employee reads in the history of the review what was changed, and by which file."""
        texts = {}
        for entry in entries:
            text = self._describe(run, entry)
            texts.setdefault(entry.vals["review_id"], []).append(text)
        reviews._message_log_batch(
            {
                review_id: self.env._(
                    "Targets imported from %(file)s: %(targets)s",
                    file=run.wizard.filename,
                    targets="; ".join(parts),
                )
                for review_id, parts in texts.items()
            }
        )

    @api.model
    def _describe(self, run, entry):
        metric, currency = run.metrics.browse(entry.key[1]), run.company.currency_id
        text = self.env._(
            "%(metric)s: %(target)s",
            metric=metric.name,
            target=metric._format(entry.vals["base_target"], currency),
        )
        if entry.change == "changed" and entry.before["base_target"] is not None:
            before = metric._format(entry.before["base_target"], currency)
            text = self.env._("%(text)s (was %(before)s)", text=text, before=before)
        return text

    @api.model
    def _get_done_action(self, wizard):
        return wizard.cycle_id.action_view_reviews()

    @api.model
    def _get_sample(self):
        metric = self.env["hr.performance.metric"].search([("source", "!=", "formula")], limit=1)
        headers = [self.env._("Work Email"), self.env._("Metric"), self.env._("Target")]
        name = metric.name or self.env._("Visits")
        return headers, [["anna@example.com", name, 40], ["bo@example.com", name, 35]]
