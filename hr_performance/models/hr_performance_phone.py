from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import uploads

#: Tabs that fit side by side at 360 pixels; what is more stands behind the last one.
BAR_SIZE = 5


class Tab(NamedTuple):
    """An entry of the bar at the bottom; ``icon`` is a name of ``hr_performance.phone_icon``."""

    sequence: int
    key: str
    label: str
    path: str
    icon: str


class Task(NamedTuple):
    """Something that waits for the user: what, where, until when."""

    title: str
    path: str
    text: str = ""
    deadline: fields.Date | None = None
    icon: str = "check"


class HrPerformancePhone(models.AbstractModel):
    """What the pages outside the backend show of all features together.

    A feature adds its tab and its due things by ``_inherit``::

        def _get_tasks(self):
            return super()._get_tasks() + [Task(...)]

    Everything is read under the rights of the user, in few queries whatever he leads.
    """

    _name = "hr.performance.phone"
    _description = "Performance on the Phone"

    @api.model
    def _get_tabs(self):
        """The entries of the bar as a list of :class:`Tab`, in any order."""
        tabs = [
            Tab(10, "home", self.env._("Home"), "/performance", "home"),
            Tab(60, "results", self.env._("Results"), "/performance/results", "chart"),
        ]
        if self._leads_people():
            tabs.append(Tab(20, "team", self.env._("Team"), "/performance/team", "team"))
        return tabs

    @api.model
    def _get_tasks(self):
        """What waits for the user as a list of :class:`Task`, in any order."""
        Review = self.env["hr.performance.review"]
        mine = Review.search(
            Domain("is_own", "=", True) & Domain("is_my_turn", "=", True), order="deadline, id"
        )
        titles = {"goal": self.env._("Confirm your goals"), "self": self.env._("Assess yourself")}
        tasks = [
            Task(
                titles[review.state],
                f"/performance/review/{review.id}",
                review.cycle_id.display_name,
                review.deadline,
            )
            for review in mine
        ]
        return tasks + self._get_scoring_tasks()

    @api.model
    def _get_scoring_tasks(self):
        """One task for each day until which people are to be scored, however many they are."""
        groups = self.env["hr.performance.review"]._read_group(
            Domain("state", "=", "manager") & Domain("has_manager_access", "=", True),
            ["deadline:day"],
            ["__count", "id:recordset"],
            order="deadline:day",
        )
        tasks = []
        for deadline, count, reviews in groups:
            one = count == 1
            title = (
                self.env._("Score %s", reviews.employee_id.name)
                if one
                else self.env._("Score %s people", count)
            )
            path = f"/performance/review/{reviews.id}" if one else "/performance/team/score"
            tasks.append(Task(title, path, "", deadline or None, "star"))
        return tasks

    @api.model
    def _get_review_links(self, review):
        """What more can be done with a review, as a list of :class:`Tab`, in any order.

        A feature adds its page here: an appeal against a published result, the interview.
        """
        return []

    @api.model
    def _create_attachments(self, files):
        """Keep files that came with a form, as the user's own and bound to nothing yet.

        :param files: ``[(name, content)]``
        :raises UserError: for a file that is not taken, in words
        """
        try:
            types = uploads.check_uploads(files)
        except uploads.UploadError as error:
            raise UserError(self._explain_upload(error)) from error
        return self.env["ir.attachment"].create(
            [
                {"name": name, "raw": content, "mimetype": mimetype}
                for (name, content), mimetype in zip(files, types, strict=True)
            ]
        )

    @api.model
    def _explain_upload(self, error):
        name, most = error.params.get("name"), error.params.get("most")
        texts = {
            "too_many": self.env._("Send %s files at most at a time.", most),
            "too_big": self.env._(
                "%(name)s is too big: %(most)s MB at most.", name=name, most=most
            ),
            "empty": self.env._("%s is empty.", name),
            "wrong_type": self.env._(
                "%s cannot be taken. Send a picture, a PDF or an office document.", name
            ),
        }
        return texts[error.code]

    @api.model
    def _leads_people(self):
        """Whether the user has a review of somebody else to look at as his manager."""
        domain = Domain("has_manager_access", "=", True) & Domain("state", "!=", "cancelled")
        return bool(self.env["hr.performance.review"].search(domain, limit=1))

    @api.model
    def _get_bar_tabs(self):
        """The tabs in order; those beyond the bar stand behind “More”."""
        tabs = sorted(self._get_tabs())
        if len(tabs) <= BAR_SIZE:
            return tabs
        more = Tab(99, "more", self.env._("More"), "/performance/more", "more")
        return [*tabs[: BAR_SIZE - 1], more]

    @api.model
    def _get_more_tabs(self):
        """The tabs that the bar has no room for."""
        tabs = sorted(self._get_tabs())
        return tabs[BAR_SIZE - 1 :] if len(tabs) > BAR_SIZE else []

    @api.model
    def _get_home_values(self):
        """Due things, the most urgent first, and the user's own reviews with their progress."""
        today = fields.Date.context_today(self)
        tasks = sorted(
            self._get_tasks(), key=lambda t: (t.deadline is None, t.deadline or today, t.title)
        )
        return {
            "tasks": [self._get_task_values(task, today) for task in tasks],
            **self.env["hr.performance.review"].get_my_performance(),
        }

    @api.model
    def _get_task_values(self, task, today):
        late = bool(task.deadline and task.deadline < today)
        due = ""
        if task.deadline:
            day = format_date(self.env, task.deadline)
            due = self.env._("Overdue since %s", day) if late else self.env._("By %s", day)
        return {**task._asdict(), "late": late, "due": due}
