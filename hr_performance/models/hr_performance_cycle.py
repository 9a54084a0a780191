from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date

from ..tools import workflow
from ..tools.period import Period, elapsed_share

#: Up to this many people a launch or publication is done at once, while the user waits.
DIRECT_LIMIT = 300


class HrPerformanceCycle(models.Model):
    """One period of a programme: launching, measuring, publishing and closing its reviews."""

    _name = "hr.performance.cycle"
    _description = "Performance Cycle"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"

    name = fields.Char(
        required=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    program_id = fields.Many2one(
        "hr.performance.program", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="program_id.company_id", store=True, index=True, precompute=True
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("open", "Open"),
            ("published", "Published"),
            ("closed", "Closed"),
        ],
        default="draft",
        required=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    step_ids = fields.One2many("hr.performance.cycle.step", "cycle_id")
    review_ids = fields.One2many("hr.performance.review", "cycle_id")
    issue_ids = fields.One2many("hr.performance.cycle.issue", "cycle_id")
    work_item_ids = fields.One2many("hr.performance.work.item", "cycle_id")
    launched_on = fields.Datetime(readonly=True, copy=False)
    refreshed_on = fields.Datetime("Values as of", readonly=True, copy=False)
    ranked_on = fields.Datetime(readonly=True, copy=False)
    review_count = fields.Integer(compute="_compute_review_counts")
    scored_count = fields.Integer("Past Manager Scoring", compute="_compute_review_counts")
    published_count = fields.Integer(compute="_compute_review_counts")
    blocked_count = fields.Integer("Held Back", compute="_compute_review_counts")
    overdue_count = fields.Integer(compute="_compute_review_counts")
    progress = fields.Float(compute="_compute_review_counts")
    issue_count = fields.Integer(compute="_compute_issue_count")
    work_total = fields.Integer(compute="_compute_work")
    work_done = fields.Integer(compute="_compute_work")
    work_failed = fields.Integer(compute="_compute_work")
    work_progress = fields.Float(compute="_compute_work")

    _period_unique = models.UniqueIndex(
        "(program_id, date_from)", "This programme has a cycle for this period already."
    )
    _period_order = models.Constraint(
        "CHECK (date_from <= date_to)", "A period ends on or after its first day."
    )

    @api.depends("date_from", "date_to", "program_id")
    def _compute_name(self):
        """Made once: another cadence of the programme does not rename what was held before."""
        for cycle in self:
            if cycle.date_from and cycle.date_to:
                cycle.name = cycle._get_period_name()

    @api.depends("name", "program_id.name")
    def _compute_display_name(self):
        # sudo: the name of the programme, for whoever sees the cycle
        for cycle in self:
            cycle.display_name = f"{cycle.name} · {cycle.sudo().program_id.name}"

    def _get_period_name(self):
        """A name that reads the same in every language: 2026-10, 2026-Q4, 2026-H2, 2026."""
        self.ensure_one()
        year, month = self.date_from.year, self.date_from.month
        names = {
            "monthly": f"{year}-{month:02}",
            "quarterly": f"{year}-Q{(month + 2) // 3}",
            "half_yearly": f"{year}-H{(month + 5) // 6}",
            "yearly": f"{year}",
        }
        return names.get(self.program_id.cadence) or f"{self.date_from} – {self.date_to}"

    def _compute_review_counts(self):
        counts = defaultdict(lambda: defaultdict(int))
        Review = self.env["hr.performance.review"]
        domain = Domain("cycle_id", "in", self.ids) & Domain("state", "!=", "cancelled")
        for cycle, state, count in Review._read_group(domain, ["cycle_id", "state"], ["__count"]):
            counts[cycle][state] = count
        blocked = dict(
            Review._read_group(domain & Domain("blocked", "=", True), ["cycle_id"], ["__count"])
        )
        overdue = dict(
            Review._read_group(domain & Domain("is_overdue", "=", True), ["cycle_id"], ["__count"])
        )
        for cycle in self:
            by_state = counts[cycle]
            cycle.review_count = sum(by_state.values())
            cycle.scored_count = sum(
                by_state[state] for state in ("calibration", "ready", "published", "closed")
            )
            cycle.published_count = by_state["published"] + by_state["closed"]
            cycle.progress = (
                100 * cycle.scored_count / cycle.review_count if cycle.review_count else 0.0
            )
            cycle.blocked_count = blocked.get(cycle, 0)
            cycle.overdue_count = overdue.get(cycle, 0)

    def _compute_issue_count(self):
        # sudo: the number only; who may see the issues sees them through their own rights
        counts = dict(
            self.env["hr.performance.cycle.issue"]
            .sudo()
            ._read_group([("cycle_id", "in", self.ids)], ["cycle_id"], ["__count"])
        )
        for cycle in self:
            cycle.issue_count = counts.get(cycle, 0)

    def _compute_work(self):
        # sudo: the numbers only
        rows = (
            self.env["hr.performance.work.item"]
            .sudo()
            ._read_group([("cycle_id", "in", self.ids)], ["cycle_id", "state"], ["size:sum"])
        )
        sizes = {(cycle, state): size for cycle, state, size in rows}
        for cycle in self:
            done = sizes.get((cycle, "done"), 0)
            failed = sizes.get((cycle, "failed"), 0)
            total = done + failed + sizes.get((cycle, "pending"), 0)
            cycle.work_total, cycle.work_done, cycle.work_failed = total, done, failed
            cycle.work_progress = 100 * done / total if total else 100.0

    @api.constrains("program_id", "date_from", "date_to")
    def _check_overlap(self):
        """No day belongs to two cycles of a programme, or its people are reviewed for it twice."""
        for cycle in self:
            other = self.search(
                Domain("program_id", "=", cycle.program_id.id)
                & Domain("id", "!=", cycle.id)
                & Domain("date_from", "<=", cycle.date_to)
                & Domain("date_to", ">=", cycle.date_from),
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "%(cycle)s has days of this period already. Choose days after %(day)s.",
                        cycle=other.display_name,
                        day=format_date(self.env, other.date_to),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        cycles = super().create(vals_list)
        for cycle in cycles.filtered(lambda cycle: not cycle.step_ids):
            cycle.step_ids = [
                Command.create(vals)
                for vals in cycle.program_id.step_ids._prepare_cycle_step_vals(
                    cycle.date_from, cycle.date_to
                )
            ]
        return cycles

    def write(self, vals):
        if {"date_from", "date_to", "program_id"} & vals.keys() and any(
            cycle.state != "draft" for cycle in self
        ):
            raise UserError(
                self.env._("The period of a cycle is fixed once it is launched. Open a new cycle.")
            )
        if "state" in vals and not self.env.su:
            raise UserError(self.env._("A cycle moves by its buttons: launch, publish and close."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_launched(self):
        if any(cycle.review_ids for cycle in self):
            raise UserError(
                self.env._("A cycle with reviews cannot be deleted. Cancel its reviews instead.")
            )

    # Buttons

    def action_launch(self):
        """Launch the reviews; again for people who joined since or could not be launched."""
        self._check_officer()
        closed = self.filtered(lambda cycle: cycle.state == "closed")
        if closed:
            raise UserError(
                self.env._("%(cycles)s is closed.", cycles=", ".join(closed.mapped("display_name")))
            )
        self._launch()
        return self._notify_work(self.env._("Launching the reviews"))

    def action_refresh(self):
        self._check_officer()
        self._schedule("refresh", workflow.LIVE_STATES)
        return self._notify_work(self.env._("Refreshing the values"))

    def action_start_assessment(self):
        """End the running period for those still in it, before its last day if need be."""
        self._check_officer()
        self._schedule("assess", ("goal", "progress"))
        return self._notify_work(self.env._("Starting the assessment"))

    def action_publish(self):
        """Publish every result that is ready and not held back."""
        self._check_officer()
        self._schedule("publish", ("ready",))
        return self._notify_work(self.env._("Publishing the results"))

    def action_close(self):
        """Close the cycle: nothing in it moves any more without being reopened."""
        self._check_officer()
        self._check_closable()
        for cycle in self:
            if cycle.appeals_until:
                raise UserError(
                    self.env._(
                        "People may appeal until %(date)s. Closing before takes this from them: "
                        "use “Close before the Time” if that is what you want.",
                        date=format_date(self.env, cycle.appeals_until),
                    )
                )
        return self._close()

    def action_close_early(self):
        """Close before the time for appeals is over, which ends it for everybody; noted."""
        self._check_officer()
        self._check_closable()
        for cycle in self.filtered("appeals_until"):
            cycle.message_post(
                body=self.env._(
                    "Closed by hand before the time for appeals ended on %s.",
                    format_date(self.env, cycle.appeals_until),
                )
            )
        return self._close()

    def _check_closable(self):
        for cycle in self:
            left = cycle.review_ids.filtered_domain([("state", "in", workflow.OPEN_STATES)])
            if left:
                raise UserError(
                    self.env._(
                        "%(count)s reviews of %(cycle)s are not published yet. Publish or cancel "
                        "them first.",
                        count=len(left),
                        cycle=cycle.display_name,
                    )
                )

    def _close(self):
        self._schedule("close", ("published",))
        for cycle in self.filtered(lambda cycle: cycle.state == "open" and not cycle.review_count):
            # sudo: the state is the engine's; there is no result whose closing would move it
            cycle.sudo().state = "closed"
        return self._notify_work(self.env._("Closing the cycle"))

    def action_recheck(self):
        """Measure the published results again, to see what the records say today."""
        self._check_officer()
        self._schedule("recheck", workflow.FROZEN_STATES)
        return self._notify_work(self.env._("Looking for differences"))

    def action_view_reviews(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_performance.hr_performance_review_action"
        )
        return dict(action, domain=[("cycle_id", "=", self.id)], context={})

    def action_view_issues(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("People to look at"),
            "res_model": "hr.performance.cycle.issue",
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": [("cycle_id", "=", self.id)],
        }

    def action_view_work(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Background Work"),
            "res_model": "hr.performance.work.item",
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": [("cycle_id", "=", self.id)],
        }

    def _check_officer(self):
        self.check_access("write")

    def _notify_work(self, title):
        """Tell what goes on in the background; nothing when all of it is done already."""
        # sudo: the number of items only
        waiting = self.sudo().work_item_ids.filtered(lambda item: item.state == "pending")
        if not waiting:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title,
                "message": self.env._(
                    "%(count)s people are processed in the background. The bar on the cycle shows "
                    "how far it is.",
                    count=sum(waiting.mapped("size")),
                ),
                "type": "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # Work in the background

    def _schedule(self, kind, states):
        """Schedule work on the reviews in these states, directly when they are few."""
        reviews = self.env["hr.performance.review"].sudo()  # sudo: ids only, checked by the caller
        for cycle in self:
            domain = Domain("cycle_id", "=", cycle.id) & Domain("state", "in", states)
            cycle._run(kind, reviews.search(domain, order="id").ids)

    def _run(self, kind, ids):
        self.ensure_one()
        # sudo: nobody writes work items but the engine
        WorkItem = self.env["hr.performance.work.item"].sudo()
        items = WorkItem._schedule(self, kind, ids)
        if len(ids) <= DIRECT_LIMIT:
            items._process_now()
        else:
            items._trigger()

    def _get_used_steps(self):
        self.ensure_one()
        return set(self.step_ids.mapped("code"))

    def _get_deadlines(self):
        """``{(cycle id, state): deadline}``"""
        by_code = {(step.cycle_id.id, step.code): step.deadline for step in self.step_ids}
        deadlines = {
            (cycle.id, state): by_code.get((cycle.id, code))
            for cycle in self
            for state, code in workflow.STEP_OF_STATE.items()
        }
        return deadlines | {(cycle.id, "progress"): cycle.date_to for cycle in self}

    def _sync_deadlines(self):
        """Carry moved deadlines over to the reviews in their steps."""
        # sudo: the deadline of a review follows that of its cycle, whoever moved it
        reviews = self.env["hr.performance.review"].sudo()
        for (cycle_id, state), deadline in self._get_deadlines().items():
            reviews.search([("cycle_id", "=", cycle_id), ("state", "=", state)]).write(
                {"deadline": deadline, "reminded": False, "escalated": False}
            )

    # Launching

    def _launch(self):
        """Open the cycles and launch who is missing. Idempotent."""
        for cycle in self.sudo():  # sudo: the state is moved by the engine, rights were checked
            employees = cycle._get_participants()
            if not employees:
                raise UserError(
                    self.env._(
                        "Nobody takes part in %(cycle)s. Check the company, departments, jobs and "
                        "tags of the programme.",
                        cycle=cycle.display_name,
                    )
                )
            if cycle.state == "draft":
                cycle.write({"state": "open", "launched_on": fields.Datetime.now()})
            cycle._run("launch", employees.ids)

    def _get_participants(self):
        """Employees who may take part, leavers of the period among them, ordered by id."""
        self.ensure_one()
        return (
            self.env["hr.employee"]
            .with_context(active_test=False)
            .search(self._get_participant_domain(), order="id")
        )

    def _get_participant_domain(self):
        self.ensure_one()
        program = self.program_id.with_context(active_test=False)
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("active", "=", True) | Domain("departure_date", ">=", self.date_from)
        if program.category_ids:
            domain &= Domain("category_ids", "in", program.category_ids.ids)
        if program.employee_ids:
            domain &= Domain("id", "in", program.employee_ids.ids)
        return domain

    def _work_launch(self, ids):
        """Create the missing reviews of the participants in this range of employee ids."""
        self.ensure_one()
        Employee = self.env["hr.employee"].with_context(active_test=False)
        employees = Employee.search(self._get_participant_domain() & ids, order="id")
        self._launch_batch(employees)

    def _launch_batch(self, employees):
        """Create reviews with their lines for employees without one; note who has none and why."""
        self.ensure_one()
        snapshots = employees._get_performance_snapshots(self._get_period(), self._get_today())
        snapshots = [s for s in snapshots if self._is_in_scope(s)]
        present = [s for s in snapshots if s.days >= max(self.program_id.min_days, 1)]
        templates = self.env["hr.performance.template"]._pick(
            self.company_id,
            [(s.employee_id, s.job_id, s.department_id) for s in present],
            self.date_to,
            self.program_id.template_ids,
        )
        launched = [s for s in present if s.employee_id in templates]
        Review = self.env["hr.performance.review"]
        reviews = Review._create_from_snapshots(self, launched, templates)
        self._note_issues(employees, snapshots, present, templates)
        reviews._trigger_reminders()
        return reviews

    def _get_period(self):
        self.ensure_one()
        return Period(self.date_from, self.date_to)

    def _get_elapsed_share(self):
        """Part of the period that is over, 0 to 1."""
        self.ensure_one()
        return elapsed_share(self._get_period(), self._get_today())

    def _get_today(self):
        self.ensure_one()
        return self.company_id._get_performance_today()

    def _is_in_scope(self, snapshot):
        """Whether the department and job of the period are among those of the programme."""
        program = self.program_id
        if program.job_ids and snapshot.job_id not in program.job_ids.ids:
            return False
        return not program.department_ids or any(
            department.id in snapshot.department_path for department in program.department_ids
        )

    def _note_issues(self, employees, snapshots, present, templates):
        """Replace the issues of these employees by those of this launch."""
        rows = [(s, "few_days") for s in snapshots if s not in present]
        rows += [(s, "no_template") for s in present if s.employee_id not in templates]
        rows += [(s, "no_user") for s in present if s.employee_id in templates and not s.user_id]
        rows += [
            (s, "no_manager") for s in present if s.employee_id in templates and not s.manager_id
        ]
        Issue = self.env["hr.performance.cycle.issue"]
        Issue.search(
            Domain("cycle_id", "=", self.id) & Domain("employee_id", "in", employees.ids)
        ).unlink()
        Issue.create(
            [
                {"cycle_id": self.id, "employee_id": s.employee_id, "code": code, "days": s.days}
                for s, code in rows
            ]
        )

    # Measuring and scoring

    # Each works on the records of one range of ids, is idempotent and does not commit. What is
    # measured before and ranked after all of them together is left out by the context.

    def _get_batch(self, states, ids):
        """The reviews of the range that are in these states."""
        self.ensure_one()
        domain = Domain("cycle_id", "=", self.id) & Domain("state", "in", states) & ids
        Review = self.env["hr.performance.review"]
        batch = Review.with_context(performance_batch=True, tracking_disable=True)
        return batch.search(domain, order="id")

    def _work_measure(self, ids):
        """Measure the live reviews of the range."""
        self._get_batch(workflow.LIVE_STATES, ids)._measure()

    def _work_refresh(self, ids):
        """Take over what was measured into the live reviews of the range, and score them anew."""
        self._get_batch(workflow.LIVE_STATES, ids)._refresh()

    def _work_recheck(self, ids):
        """Measure the frozen reviews anew: their lines keep the values, the difference shows."""
        self._get_batch(workflow.FROZEN_STATES, ids)._measure()

    def _work_assess(self, ids):
        """Take the reviews from the running period to the assessment."""
        self._get_batch(("goal", "progress"), ids)._transition("start_assessment")

    def _work_publish(self, ids):
        self._get_batch(("ready",), ids)._publish()

    def _work_close(self, ids):
        self._get_batch(("published",), ids)._transition("close")

    def _work_conclude(self, ids):
        """Rank the cycle and move it on, now that the work on all of its reviews is done."""
        self.ensure_one()
        self._rank()
        self.ranked_on = fields.Datetime.now()
        self._follow_reviews()
        measured = self.work_item_ids.filtered(lambda i: i.kind == "measure" and i.state == "done")
        if measured:
            self.refreshed_on = max(measured.mapped("done_on"))

    def _follow_reviews(self):
        """Move the cycle to published and closed when no review is left behind."""
        self.ensure_one()
        states = set(
            state
            for (state,) in self.env["hr.performance.review"]._read_group(
                [("cycle_id", "=", self.id), ("state", "!=", "cancelled")], ["state"]
            )
        )
        if states and states <= set(workflow.FROZEN_STATES):
            self.state = "published" if "published" in states else "closed"

    def _rank(self):
        """Rank the scored reviews inside their groups; equal scores share a place (1, 2, 2, 4).

        Results that are out already, but without a place, get the one that employees see.
        """
        self.ensure_one()
        Review = self.env["hr.performance.review"]
        Review.flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_review r
                      SET (full_rank, full_count, grade_id, rank, rank_count, rank_band)
                        = ROW(n.place, n.people, full_grade_id, %(shown)s)
                     FROM (%(places)s) n
                    WHERE r.id = n.id AND state = 'published' AND COALESCE(rank, 0) = 0
                      AND rank_band IS NULL
                      AND (grade_id IS DISTINCT FROM full_grade_id OR %(display)s <> 'none')""",
                places=self._get_places(),
                shown=self._get_shown_rank(SQL("n.place"), SQL("n.people")),
                display=self.program_id.rank_display,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_review r SET full_rank = n.place, full_count = n.people
                     FROM (%s) n
                    WHERE r.id = n.id
                      AND (full_rank, full_count) IS DISTINCT FROM (n.place, n.people)""",
                self._get_places(),
            )
        )
        Review.invalidate_model(
            ["full_rank", "full_count", "grade_id", "rank", "rank_count", "rank_band"]
        )

    def _get_places(self):
        """``SQL`` of the place of each scored review, and of how many people."""
        group = {
            "department": SQL("department_id"),
            "job": SQL("job_id"),
            "template": SQL("template_id"),
            "cycle": SQL("cycle_id"),
        }[self.program_id.rank_group]
        return SQL(
            """SELECT id, rank() OVER (PARTITION BY %(group)s ORDER BY total DESC) place,
                      count(*) OVER (PARTITION BY %(group)s) people
                 FROM hr_performance_review
                WHERE cycle_id = %(cycle)s AND scored AND state <> 'cancelled'""",
            group=group,
            cycle=self.id,
        )

    def _get_shown_rank(self, place, people):
        """``SQL`` of the columns rank, rank_count, rank_band that employees see of a place."""
        self.ensure_one()
        if self.program_id.rank_display == "exact":
            return SQL("%s, %s, NULL", place, people)
        if self.program_id.rank_display == "none":
            return SQL("NULL, NULL, NULL")
        return SQL(
            """NULL, NULL, CASE WHEN %(place)s * 3 <= %(people)s THEN 'upper'
                                WHEN %(place)s * 3 <= 2 * %(people)s THEN 'middle'
                                WHEN %(place)s > 0 THEN 'lower' END""",
            place=place,
            people=people,
        )

    def _rank_soon(self):
        """Have the cycles ranked in the background.

        Whoever gives a value must not write the ranks of all the others, who give theirs at the
        same moment.
        """
        self.env["hr.performance.work.item"]._trigger()

    def _is_rank_outdated(self):
        """Whether somebody gave a value since the cycle was ranked."""
        self.ensure_one()
        touched = Domain("cycle_id", "=", self.id) & Domain("touched_on", "!=", False)
        if self.ranked_on:
            touched &= Domain("touched_on", ">=", self.ranked_on)
        return bool(self.env["hr.performance.review"].search_count(touched, limit=1))

    # Scheduled jobs

    @api.model
    def _cron_advance(self):
        """Daily: launch joiners, end periods that are over, close after the appeal window."""
        for cycle in self.search([("state", "in", ("open", "published"))]):
            try:
                with self.env.cr.savepoint():
                    cycle._advance(cycle._get_today())
            except UserError as error:
                cycle.message_post(body=str(error))
            self.env["ir.cron"]._commit_progress(1)

    def _advance(self, today):
        self.ensure_one()
        if self.state == "open" and self.program_id.auto_open and today <= self.date_to:
            self._launch()
        if self.state == "open" and today > self.date_to:
            self._schedule("assess", ("goal", "progress"))
        self._close_after_appeals(today)

    def _close_after_appeals(self, today):
        deadline = self._get_deadlines().get((self.id, "published"))
        if self.state == "published" and (not deadline or today > deadline):
            self._schedule("close", ("published",))

    @api.model
    def _cron_refresh(self):
        """Hourly: live progress of the cycles whose reviews still follow their sources."""
        for cycle in self.search([("state", "=", "open")]):
            cycle._schedule("refresh", workflow.LIVE_STATES)
            self.env["ir.cron"]._commit_progress(1)
