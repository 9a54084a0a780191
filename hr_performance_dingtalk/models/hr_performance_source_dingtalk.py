from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.hr_performance.tools.measurement import known, unknown

#: Results of single punches that a measure counts, and on which punch.
COUNTED = {
    "late": ("on", ("late",)),
    "late_minutes": ("on", ("late",)),
    "serious_late": ("on", ("serious_late",)),
    "early": ("off", ("early",)),
    "missing": (None, ("missing",)),
}
SERIOUS = ("serious_late", "absent_late")
#: Columns of the report that say the same; they are added up.
COLUMNS = {
    "late": ("late_times",),
    "late_minutes": ("late_minute",),
    "serious_late": ("serious_late_times",),
    "early": ("leave_early_times",),
    "absent": ("absenteeism_days",),
    "missing": ("on_work_lack_card_times", "off_work_lack_card_times"),
    "hours": ("attendance_work_time",),
}
SERIOUS_COLUMNS = {"late": ("serious_late_times", "absenteeism_late_times")}


class HrPerformanceSourceDingtalk(models.AbstractModel):
    """Punches and report cells that were read from DingTalk, added up.

    Single punches come first, for they name the days; the report serves people and periods for
    which no punch was read, and what punches do not tell. Who has neither is unknown. The last
    days, which DingTalk may still complete, are left out until they are final.
    """

    _name = "hr.performance.source.dingtalk"
    _inherit = ["hr.performance.source"]
    _description = "Metric Source: DingTalk Attendance"

    @api.model
    def _collect(self, metric, employees, date_from, date_to):
        measure = metric.dingtalk_measure
        punches = self._get_punches(metric, employees, date_from, date_to)
        cells = self._get_cells(metric, employees, date_from, date_to)
        prefer_cells = measure in ("absent", "hours")
        result = {}
        for employee_id in employees.ids:
            sources = [("punches", punches.get(employee_id)), ("report", cells.get(employee_id))]
            found = [(name, value) for name, value in sources if value and value[1]]
            if prefer_cells:
                found.reverse()
            if found:
                result[employee_id] = self._get_measurement(metric, *found[0])
            else:
                result[employee_id] = unknown("no_rows")
        return result

    @api.model
    def _get_settled(self):
        """``SQL`` of a table: up to which day the results of each connection are final."""
        # sudo: of the connections only the clock outside, for whoever measures
        connections = self.env["hr.performance.im.connection"].sudo()
        connections = connections.with_context(active_test=False).search(
            [("provider", "=", "dingtalk")]
        )
        return SQL(
            "(SELECT * FROM unnest(%s::int[], %s::date[]) AS u(connection_id, day))",
            connections.ids,
            [connection._get_provider()._get_settled_day(connection) for connection in connections],
        )

    @api.model
    def _get_measurement(self, metric, name, value):
        number, days, dates, read_on, waiting = value
        number = float(number or 0)
        detail = {"dingtalk": name, "days": [str(day) for day in dates or ()]}
        detail["read_on"] = str(read_on)[:10]
        if waiting:
            detail["waiting"] = [str(day) for day in waiting]
        return known(number, number, days, metric.scale_factor, metric.expected_sample, detail)

    @api.model
    def _get_punches(self, metric, employees, date_from, date_to):
        """``{employee id: (number, days known, days that counted, when read, days not final)}``.

        One query for everybody.
        """
        measure = metric.dingtalk_measure
        counted, number = self._get_counted(metric), SQL("count(*) FILTER (WHERE counted)")
        if measure == "late_minutes":
            number = SQL("COALESCE(sum(minutes) FILTER (WHERE counted), 0)")
        elif measure == "absent":
            number = SQL("count(DISTINCT work_date) FILTER (WHERE all_missing)")
        elif measure == "hours":
            number = SQL("sum(span)")
        query = SQL(
            """SELECT employee_id, %(number)s, count(DISTINCT work_date) FILTER (WHERE final),
                      array_agg(DISTINCT work_date ORDER BY work_date) FILTER (WHERE %(shown)s),
                      max(written),
                      array_agg(DISTINCT work_date ORDER BY work_date) FILTER (WHERE NOT final)
                 FROM (SELECT employee_id, work_date, minutes, work_date <= s.day AS final,
                              work_date <= s.day AND (%(counted)s) AS counted,
                              work_date <= s.day AND
                              bool_and(result = 'missing' AND NOT excused) OVER day AS all_missing,
                              CASE WHEN work_date <= s.day AND row_number() OVER day = 1 THEN
                                   extract(epoch FROM max(punched_at) OVER day
                                                    - min(punched_at) OVER day) / 3600 END AS span,
                              COALESCE(write_date, create_date) AS written
                         FROM hr_performance_dingtalk_punch p
                         JOIN %(settled)s s USING (connection_id)
                        WHERE employee_id = ANY(%(ids)s)
                          AND work_date BETWEEN %(first)s AND %(last)s
                       WINDOW day AS (PARTITION BY employee_id, work_date)) p
             GROUP BY employee_id""",
            number=number,
            counted=counted,
            settled=self._get_settled(),
            shown=SQL("all_missing") if measure == "absent" else SQL("counted"),
            ids=employees.ids,
            first=date_from,
            last=date_to,
        )
        self.env["hr.performance.dingtalk.punch"].flush_model()
        rows = self.env.execute_query(query)
        return {employee_id: tuple(rest) for employee_id, *rest in rows}

    @api.model
    def _get_counted(self, metric):
        if metric.dingtalk_measure not in COUNTED:
            return SQL("FALSE")
        check_type, results = COUNTED[metric.dingtalk_measure]
        if metric.dingtalk_serious and "late" in results:
            results = (*results, *SERIOUS)
        condition = SQL("NOT excused AND result = ANY(%s)", list(results))
        if check_type:
            condition = SQL("%s AND check_type = %s", condition, check_type)
        return condition

    @api.model
    def _get_cells(self, metric, employees, date_from, date_to):
        """As :meth:`_get_punches`, from the report."""
        measure = metric.dingtalk_measure
        aliases = COLUMNS[measure]
        if metric.dingtalk_serious:
            aliases += SERIOUS_COLUMNS.get(measure, ())
        query = SQL(
            """SELECT employee_id, sum(value) FILTER (WHERE final) / %(divisor)s,
                      count(DISTINCT work_date) FILTER (WHERE final),
                      array_agg(DISTINCT work_date ORDER BY work_date)
                          FILTER (WHERE final AND value > 0),
                      max(written),
                      array_agg(DISTINCT work_date ORDER BY work_date) FILTER (WHERE NOT final)
                 FROM (SELECT employee_id, work_date, value, work_date <= s.day AS final,
                              COALESCE(write_date, create_date) AS written
                         FROM hr_performance_dingtalk_cell c
                         JOIN %(settled)s s USING (connection_id)
                        WHERE employee_id = ANY(%(ids)s) AND alias = ANY(%(aliases)s)
                          AND work_date BETWEEN %(first)s AND %(last)s) c
             GROUP BY employee_id""",
            settled=self._get_settled(),
            divisor=60 if measure == "hours" else 1,
            ids=employees.ids,
            aliases=list(aliases),
            first=date_from,
            last=date_to,
        )
        self.env["hr.performance.dingtalk.cell"].flush_model()
        rows = self.env.execute_query(query)
        return {employee_id: tuple(rest) for employee_id, *rest in rows}

    @api.model
    def _has_records(self, metric):
        return True

    @api.model
    def _records_action(self, metric, employee, date_from, date_to, part="numerator"):
        """The punches of the period, or the cells of the report where there are no punches."""
        domain = [
            ("employee_id", "=", employee.id),
            ("work_date", ">=", str(date_from)),
            ("work_date", "<=", str(date_to)),
        ]
        for model in ("punch", "cell"):
            records = self.env[f"hr.performance.dingtalk.{model}"]
            if records.has_access("read") and records.search_count(domain, limit=1):
                return {
                    "type": "ir.actions.act_window",
                    "name": self.env._(
                        "%(metric)s: %(employee)s",
                        metric=metric.name,
                        # sudo: the name of somebody whose punches the reader may see
                        employee=employee.sudo().name,
                    ),
                    "res_model": records._name,
                    "view_mode": "list",
                    "views": [(False, "list")],
                    "domain": domain,
                    "context": {"create": False, "search_default_counted": 1},
                }
        return False

    @api.model
    def _check_config(self, metric):
        if not metric.dingtalk_measure:
            raise ValidationError(
                self.env._(
                    "%(metric)s: choose what is measured in DingTalk's attendance.",
                    metric=metric.name,
                )
            )
