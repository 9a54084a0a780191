from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.hr_performance.tools import story
from odoo.addons.hr_performance.tools.period import elapsed_share

from .project_task import DONE

FOLDER = "hr_performance_project/demo"
WORK = {
    "liu.yang": ("外景拍摄", "棚拍", "儿童抓拍", "证件照"),
    "zhao.min": ("精修", "调色", "相册排版", "样片输出"),
}


class HrPerformanceDemo(models.AbstractModel):
    """The tasks of the people who take and edit the photos of the studio."""

    _inherit = "hr.performance.demo"

    @api.model
    def _load_tasks(self):
        """Make the tasks of the months once, then the reviews that measure them."""
        if self._ref("program_demo") and not self._has_tasks():
            self._as_studio()._make_tasks()
            self._load()

    @api.model
    def _has_tasks(self):
        project = self._ref("hr_performance_project.project_studio")
        tasks = self.env["project.task"].with_context(active_test=False)
        return bool(project and tasks.search_count([("project_id", "=", project.id)], limit=1))

    @api.model
    def _get_metric_map(self):
        result = super()._get_metric_map()
        if self._has_tasks():
            live = self._ref("hr_performance_project.metric_task_punctuality")
            result = result | {self._ref("metric_tasks_on_time"): live}
        return result

    @api.model
    def _get_story_folders(self):
        return [*super()._get_story_folders(), FOLDER]

    @api.model
    def _make_tasks(self):
        periods, today = self._get_periods(), self.env.company._get_performance_today()
        vals_list = []
        for row in self._read("figures"):
            if row["login"] in WORK:
                period = periods[-1 - int(row["months_ago"])]
                elapsed = float(elapsed_share(period, today))
                vals_list += self._get_tasks_vals(row, period, elapsed)
        quiet = {"mail_auto_subscribe_no_notify": True}
        self.env["project.task"].with_context(**quiet).create(vals_list)

    @api.model
    def _get_tasks_vals(self, row, period, elapsed):
        """The tasks that one person had to finish in a period; the late ones lie among them."""
        now = fields.Datetime.now()
        number = story.part_of(int(row["tasks"]), elapsed)
        late = round(number * (1 - int(row["on_time"]) / int(row["tasks"])))
        step = number // late if late else number + 1
        vals_list = []
        moments = story.moments(number, period.date_from, period.date_to, now)
        for index, deadline in enumerate(moments):
            is_late = late and index % step == 0 and index // step < late
            done = deadline + timedelta(days=1 + index % 2) if is_late else deadline
            vals_list.append(self._get_task_vals(row["login"], index, deadline, done, now))
        return vals_list

    @api.model
    def _get_task_vals(self, login, index, deadline, done, now):
        """A task; it is still open where it would be done in the future only."""
        work = WORK[login]
        vals = {
            "name": f"{work[index % len(work)]} {deadline:%m%d}-{index + 1:02}",
            "project_id": self._ref("hr_performance_project.project_studio").id,
            "company_id": self.env.company.id,
            "user_ids": [Command.set(self._get_user(login).ids)],
            "date_deadline": deadline,
            "stage_id": self._ref("hr_performance_project.stage_open").id,
        }
        if done <= now:
            stage = self._ref("hr_performance_project.stage_delivered")
            vals |= {"stage_id": stage.id, "state": DONE, "performance_done_on": done}
        return vals
