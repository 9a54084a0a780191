from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.project_task import DONE


class HrPerformanceTask(models.Model):
    """A task with a deadline, once for each assignee: done or not, on time, how many days late.

    Days are those of the company: what is done on the day of the deadline is on time. An open task
    is as late as it is today, from the day after its deadline on; until then it does not count.
    Left out are cancelled tasks, private ones, templates, and archived ones that were never done.
    """

    _name = "hr.performance.task"
    _inherit = ["hr.performance.access.mixin"]
    _description = "Task of an Assignee"
    _auto = False
    _order = "date_deadline desc, id desc"
    _depends = {
        "hr.employee": ["company_id", "user_id"],
        "project.project": ["is_template"],
        "project.task": [
            "active",
            "company_id",
            "date_deadline",
            "has_template_ancestor",
            "is_template",
            "performance_done_on",
            "project_id",
            "state",
            "user_ids",
        ],
        "res.users": ["company_id"],
    }

    task_id = fields.Many2one("project.task", readonly=True)
    project_id = fields.Many2one("project.project", readonly=True)
    user_id = fields.Many2one("res.users", "Assignee", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date_deadline = fields.Datetime("Deadline", readonly=True)
    done_on = fields.Datetime(readonly=True)
    is_done = fields.Boolean("Done", readonly=True)
    is_due = fields.Boolean(
        "Counts", readonly=True, help="Done, or open after the day of its deadline."
    )
    is_on_time = fields.Boolean("Done on Time", readonly=True)
    delay_days = fields.Integer("Days Late", readonly=True, aggregator="avg")
    has_task_access = fields.Boolean(
        compute="_compute_has_task_access",
        search="_search_has_task_access",
        export_string_translation=False,
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT link.id, task.id AS task_id, task.project_id, link.user_id,
                   employee.id AS employee_id, place.company_id, task.date_deadline,
                   task.performance_done_on AS done_on, day.done IS NOT NULL AS is_done,
                   day.done IS NOT NULL OR day.due < day.today AS is_due,
                   COALESCE(day.done <= day.due, FALSE) AS is_on_time,
                   GREATEST(0, COALESCE(day.done, day.today) - day.due) AS delay_days
              FROM project_task task
              JOIN project_project project ON project.id = task.project_id
              JOIN project_task_user_rel link ON link.task_id = task.id
              JOIN res_users assignee ON assignee.id = link.user_id
        CROSS JOIN LATERAL (
                   SELECT COALESCE(task.company_id, assignee.company_id) AS company_id) place
              JOIN %(zones)s ON zone.company_id = place.company_id
        CROSS JOIN LATERAL (
                   SELECT (task.date_deadline AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date AS due,
                          (task.performance_done_on AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date
                          AS done,
                          (%(now)s AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date AS today) day
         LEFT JOIN hr_employee employee
                ON employee.user_id = link.user_id AND employee.company_id = place.company_id
             WHERE task.date_deadline IS NOT NULL AND task.state <> '1_canceled'
               AND (task.active OR task.state = %(done)s)
               AND project.is_template IS NOT TRUE AND task.is_template IS NOT TRUE
               AND task.has_template_ancestor IS NOT TRUE
            """,
            zones=self.env["res.company"]._get_performance_zones_sql(),
            now=fields.Datetime.now(),
            done=DONE,
        )

    @api.depends("task_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.task_id.display_name

    @api.depends("task_id")
    @api.depends_context("uid")
    def _compute_has_task_access(self):
        # sudo: record rules are evaluated with this field, its domain is the rule itself
        visible = self.sudo().search(Domain("id", "in", self.ids) & self._get_task_access_domain())
        for row in self:
            row.has_task_access = row in visible

    def _search_has_task_access(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_task_access_domain()

    @api.model
    def _get_task_access_domain(self):
        """Rows of the tasks that the current user may open."""
        tasks = self.env["project.task"].sudo(False)
        return Domain("task_id", "in", tasks._search([], active_test=False))

    def action_open_task(self):
        """The task itself, with the reader's own rights."""
        self.ensure_one()
        self.check_access("read")
        return self.task_id._get_records_action()
