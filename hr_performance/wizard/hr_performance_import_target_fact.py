from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.import_rows import Entry, as_text, looks_like_fractions
from ..tools.period import Period

MAX_KEY = 200
MAX_TEXT = 1000
#: Numbers of percent metrics that are looked at for fractions.
FRACTION_SAMPLE = 200


class HrPerformanceImportTargetFact(models.AbstractModel):
    """Rows that metrics are measured by.

    A row is known by its outside id, else by employee and day, so that the same file imported twice
    changes nothing and a corrected file corrects.
    """

    _name = "hr.performance.import.target.fact"
    _inherit = ["hr.performance.import.target"]
    _description = "Import of Rows"

    @api.model
    def _get_guessed_roles(self):
        roles = ("email", "number", "name", "employee", "metric", "date", "value", "weight")
        return (*roles, "external_id", "description")

    @api.model
    def _get_metric_domain(self, wizard):
        return super()._get_metric_domain(wizard) & Domain("source", "=", "fact")

    @api.model
    def _get_foreign_message(self, metrics):
        return self.env._(
            "%(metrics)s: not measured by imported rows. Set the source of the metric to “Imported "
            "rows”, or choose another metric.",
            metrics=", ".join(metrics.mapped("name")),
        )

    @api.model
    def _check_rights(self, wizard):
        facts = self.env["hr.performance.fact"]
        if not (facts.has_access("create") and facts.has_access("write")):
            raise AccessError(self.env._("Only HR officers import rows."))

    @api.model
    def _check_mapping(self, wizard, mapping):
        self._check_metric_mapping(
            wizard, mapping, "value", self.env._("Choose the column with the value.")
        )
        if "date" not in mapping and not wizard.date:
            raise UserError(
                self.env._("Choose the column with the day, or enter the day of all rows.")
            )
        return super()._check_mapping(wizard, mapping)

    # Reading

    @api.model
    def _prepare(self, run, rows):
        employees = self._find_employees(run, rows)
        entries = []
        for row in rows:
            day = self._read_day(run, row)
            common = {
                "weight": self._read_weight(run, row),
                "description": as_text(run.mapping.cell(row, "description"))[:MAX_TEXT],
                "date": day.date_to if isinstance(day, Period) else day,
            }
            for metric, header, cell in self._get_metric_cells(run, row, "value"):
                value = self._read_number(run, row, header, cell, metric)
                if row.number not in run.problems:
                    vals = {"metric_id": metric.id, "value": float(value), **common}
                    self._note_fraction(run, metric, value)
                    entries += self._get_entry(run, row, employees[row.number], vals)
        return entries

    @api.model
    def _read_weight(self, run, row):
        cell, header = run.mapping.cell(row, "weight"), run.mapping.header("weight")
        if cell is None:
            return 1.0
        weight = self._read_number(run, row, header, cell)
        if weight is not None and weight <= 0:
            run.refuse(row, header, cell, self.env._("A weight must be above zero."))
        return float(weight or 1)

    @api.model
    def _get_entry(self, run, row, employee_id, vals):
        """A list of the entry, or of none for a row that is refused."""
        key = as_text(run.mapping.cell(row, "external_id"))
        if len(key) > MAX_KEY:
            header = run.mapping.header("external_id")
            run.refuse(row, header, key, self.env._("An outside ID has at most 200 characters."))
            return []
        if not key:
            natural = (employee_id, vals["metric_id"], vals["date"])
            key = f"auto/{employee_id}/{vals['date']}"
            if run.wizard.same_rows == "keep":
                place = run.seen[natural] = run.seen.get(natural, 0) + 1
                key = key if place == 1 else f"{key}/{place}"
            elif self._refuse_repeated(run, row, natural):
                return []
        elif self._refuse_repeated(run, row, (vals["metric_id"], key)):
            return []
        vals["external_id"] = key
        return [Entry(row.number, employee_id, (vals["metric_id"], key), vals)]

    @api.model
    def _note_fraction(self, run, metric, value):
        """Keep the first numbers of percent metrics, to look at them as a whole."""
        if metric.unit == "percent":
            numbers = run.cache.setdefault("fractions", {}).setdefault(metric.name, [])
            if len(numbers) < FRACTION_SAMPLE:
                numbers.append(value)

    @api.model
    def _get_note(self, run):
        suspects = [
            name
            for name, numbers in run.cache.get("fractions", {}).items()
            if looks_like_fractions(numbers)
        ]
        if not suspects:
            return False
        return self.env._(
            "%(metrics)s: all values lie between 0 and 1. They are read as they stand: 0.45 is "
            "0.45 %%, not 45 %%.",
            metrics=", ".join(suspects),
        )

    # Comparing and writing

    @api.model
    def _compare(self, run, entries):
        known = {
            (metric_id, key): rest
            for metric_id, key, *rest in self.env["hr.performance.fact"]._find_by_key(
                [entry.key for entry in entries]
            )
        }
        for entry in entries:
            if entry.key not in known:
                continue
            company_id, employee_id, day, value, weight, description = known[entry.key]
            if company_id != run.company.id:
                self._refuse_foreign(run, entry)
                continue
            vals = entry.vals
            before = (employee_id, day, value, weight, description or "")
            after = (entry.employee_id, vals["date"], vals["value"], vals["weight"])
            entry.change = "same" if before == (*after, vals["description"]) else "changed"
            entry.before = {"value": value}
        for entry in entries:
            if entry.change != "same" and self._is_own(entry.employee_id):
                message = self.env._("Your own numbers are for somebody else to bring in.")
                run.refuse(entry, "", None, message)

    @api.model
    def _refuse_foreign(self, run, entry):
        run.refuse(
            entry,
            run.mapping.header("external_id"),
            entry.vals["external_id"],
            self.env._(
                "A row of another company has this outside ID. Put something of your company in "
                "front of it."
            ),
        )

    @api.model
    def _import_entries(self, run, entries):
        reference = (run.wizard.filename or "")[:MAX_KEY]
        self.env["hr.performance.fact"]._bring_in(
            [
                {
                    **entry.vals,
                    "employee_id": entry.employee_id,
                    "company_id": run.company.id,
                    "weighted_value": entry.vals["value"] * entry.vals["weight"],
                    "import_ref": reference,
                }
                for entry in entries
            ]
        )

    @api.model
    def _finish(self, run):
        """Measure the running reviews soon, rather than at the next full hour."""
        if run.counts["new"] or run.counts["changed"]:
            # sudo: only asks the scheduled job to come earlier
            self.env.ref("hr_performance.ir_cron_refresh").sudo()._trigger()

    # Showing

    @api.model
    def _describe(self, run, entry):
        metric, currency = run.metrics.browse(entry.vals["metric_id"]), run.company.currency_id
        text = self.env._(
            "%(metric)s: %(value)s, %(day)s",
            metric=metric.name,
            value=metric._format(entry.vals["value"], currency),
            day=format_date(self.env, entry.vals["date"]),
        )
        if entry.change == "changed" and entry.before["value"] != entry.vals["value"]:
            before = metric._format(entry.before["value"], currency)
            text = self.env._("%(text)s (was %(before)s)", text=text, before=before)
        return text

    @api.model
    def _get_done_action(self, wizard):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_fact_action"
        )
        return dict(action, domain=[("import_ref", "=", (wizard.filename or "")[:MAX_KEY])])

    @api.model
    def _get_sample(self):
        metric = self.env["hr.performance.metric"].search([("source", "=", "fact")], limit=1)
        name = metric.name or self.env._("Visits")
        headers = [self.env._("Work Email"), self.env._("Metric"), self.env._("Date")]
        headers += [self.env._("Value"), self.env._("Outside ID"), self.env._("Description")]
        return headers, [
            ["anna@example.com", name, "2026-03-02", 12, "A-1001", self.env._("Shop at the park")],
            ["bo@example.com", name, "2026-03-02", 9, "A-1002", ""],
        ]
