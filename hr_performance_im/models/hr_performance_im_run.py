import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.hr_performance.models.hr_performance_work_item import CONCURRENCY_ERRORS

from ..tools import errors
from .hr_performance_im_provider import Trouble

_logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
OPEN = ("waiting", "running")


class HrPerformanceImRun(models.Model):
    """One run of reading or writing, step by step; the log of a connection.

    A step is idempotent and neither commits nor loops over runs. What comes next is kept in
    ``position`` in the same transaction, so a run that is killed goes on where it was.
    """

    _name = "hr.performance.im.run"
    _description = "Messenger Run"
    _order = "id desc"

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    kind = fields.Selection([("people", "People"), ("event", "Events")], "What", required=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("refused", "Refused"),
        ],
        default="waiting",
        required=True,
    )
    user_id = fields.Many2one("res.users", "Asked by", ondelete="set null")
    date_from = fields.Date("From")
    date_to = fields.Date("To")
    started_on = fields.Datetime()
    ended_on = fields.Datetime()
    position = fields.Json(export_string_translation=False)
    next_try = fields.Datetime(default=fields.Datetime.now, required=True)
    attempts = fields.Integer(aggregator=None)
    planned_calls = fields.Integer(aggregator=None)
    calls_used = fields.Integer(aggregator="sum")
    calls_left = fields.Integer("Calls Left Afterwards", aggregator=None)
    read_count = fields.Integer("Read", aggregator="sum")
    created_count = fields.Integer("New", aggregator="sum")
    changed_count = fields.Integer("Corrected", aggregator="sum")
    unchanged_count = fields.Integer("Unchanged", aggregator="sum")
    skipped_count = fields.Integer("Skipped", aggregator="sum")
    note = fields.Text()
    error_ids = fields.One2many("hr.performance.im.run.error", "run_id")
    error_count = fields.Integer(compute="_compute_error_count")
    missing_employee_ids = fields.Many2many(
        "hr.employee",
        "hr_performance_im_run_missing_rel",
        "run_id",
        "employee_id",
        "People Without Data",
        help="People for whom the messenger gave nothing in the window. They are unknown, which "
        "is not perfect.",
    )
    missing_count = fields.Integer("Without Data", aggregator=None)

    _open_unique = models.UniqueIndex(
        "(connection_id, kind) WHERE state IN ('waiting', 'running') AND kind <> 'event'",
        "Such a run is under way already.",
    )

    @api.depends("kind", "create_date")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            run.display_name = f"{labels.get(run.kind, '')} {run.id or ''}".strip()

    def _compute_error_count(self):
        Error = self.env["hr.performance.im.run.error"]
        # sudo: their number; what they say is for administrators
        groups = Error.sudo()._read_group([("run_id", "in", self.ids)], ["run_id"], ["count:sum"])
        counts = {run.id: count for run, count in groups}
        for run in self:
            run.error_count = counts.get(run.id, 0)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_retry(self):
        """Go on with failed runs where they stopped."""
        self.connection_id.check_access("write")
        failed = self.filtered(lambda run: run.state in ("failed", "refused"))
        # sudo: nobody has write access to runs, the right is that of the connection
        for run in failed.sudo():
            run.write({"state": "waiting", "attempts": 0, "next_try": fields.Datetime.now()})
            run._plan()
        self._trigger()
        return True

    def action_cancel(self):
        """Give up runs that wait or failed."""
        self.connection_id.check_access("write")
        # sudo: as above
        self.sudo().filtered(lambda run: run.state in OPEN).write(
            {"state": "failed", "ended_on": fields.Datetime.now(), "note": self.env._("Given up")}
        )
        return True

    def _open(self):
        self.ensure_one()
        return self._get_records_action()

    # ------------------------------------------------------------
    # Beginning
    # ------------------------------------------------------------

    @api.model
    def _start(self, connection, kind, position=None, days=0, date_from=None, date_to=None):
        """Plan a run; one of the kind that is open already is returned instead.

        A run that the calls left in the month cannot finish is refused beforehand.
        """
        domain = [("connection_id", "=", connection.id), ("kind", "=", kind)]
        run = self.search([*domain, ("state", "in", OPEN)], limit=1)
        if run:
            if position and run.state == "waiting":
                run.position = position
            self._trigger()
            return run
        today = connection._get_outside_today()
        run = self.create(
            {
                "connection_id": connection.id,
                "kind": kind,
                "position": position,
                "user_id": self.env.uid,
                "date_from": date_from or today - timedelta(days=days),
                "date_to": date_to or today,
            }
        )
        run._plan()
        self._trigger()
        return run

    def _plan(self):
        """Estimate the calls, and refuse what the month cannot pay for."""
        self.ensure_one()
        connection = self.connection_id
        connection.invalidate_recordset(["calls_used", "calls_left"])
        self.planned_calls = connection._get_provider()._plan(self)
        if connection.budget and self.planned_calls > connection.calls_left:
            self.write(
                {
                    "state": "refused",
                    "ended_on": fields.Datetime.now(),
                    "calls_left": connection.calls_left,
                    "note": self.env._(
                        "It would need %(planned)s calls and %(left)s are left this month. Read "
                        "fewer days or fewer people, raise the budget, or wait for next month.",
                        planned=self.planned_calls,
                        left=connection.calls_left,
                    ),
                }
            )

    @api.model
    def _start_events(self, connection):
        """The run in whose name events are processed now."""
        return self.create(
            {
                "connection_id": connection.id,
                "kind": "event",
                "date_from": connection._get_outside_today(),
                "date_to": connection._get_outside_today(),
            }
        )

    @api.model
    def _get_clients(self):
        return Clients(self.env)

    @api.model
    def _trigger(self, at=None):
        # sudo: the scheduled job belongs to the system
        self.env.ref("hr_performance_im.ir_cron_process_runs").sudo()._trigger(at)

    # ------------------------------------------------------------
    # Working
    # ------------------------------------------------------------

    @api.model
    def _cron_process(self):
        """Do the steps that are due one by one, each in a transaction of its own."""
        retry = self.env["hr.performance.work.item"]._retry
        clients = self._get_clients()
        retry(self._begin_due)
        try:
            while retry(lambda: self._process_next(clients)):
                pass
        finally:
            clients.close()
        self._trigger_rest()

    @api.model
    def _begin_due(self):
        self.env["hr.performance.im.schedule"]._start_due()
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(self._get_due_domain()))

    @api.model
    def _get_due_domain(self):
        return [
            ("state", "in", OPEN),
            ("kind", "!=", "event"),
            ("next_try", "<=", fields.Datetime.now()),
            ("connection_id.active", "=", True),
            ("connection_id.state", "!=", "paused"),
        ]

    @api.model
    def _process_next(self, clients):
        """Do one step and commit; False when there is none, or no time left."""
        run = self._claim()
        if not run:
            return False
        run._try_step(clients)
        left = self.search_count(self._get_due_domain())
        return bool(self.env["ir.cron"]._commit_progress(1, remaining=left))

    @api.model
    def _claim(self):
        """The next run that is due, locked for this transaction."""
        return self.search(self._get_due_domain(), order="id").try_lock_for_update(limit=1)

    def _try_step(self, clients):
        """Do one step of the run."""
        self._try(clients, self._step)

    def _try(self, clients, step):
        """Do something; an error is noted on the run, and tried again where that may help.

        :param step: called with the client; True when the run is finished
        """
        self.ensure_one()
        if self.state == "waiting":
            self.write({"state": "running", "started_on": self.started_on or fields.Datetime.now()})
        budget, before = clients.get_budget(self.connection_id), 0
        try:
            before = budget.calls
            with self.env.cr.savepoint():
                finished = step(clients.get(self.connection_id))
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            self.env.invalidate_all()
            self._fail(error)
        else:
            if self.attempts:
                self.attempts = 0
            if finished:
                self._finish()
        if budget.calls != before:
            self.write(
                {
                    "calls_used": self.calls_used + budget.calls - before,
                    "calls_left": budget.left or 0,
                }
            )

    def _step(self, client):
        """One step of the kind of run; True when the run is finished."""
        provider = self.connection_id._get_provider()
        return getattr(provider, f"_step_{self.kind}")(self, client)

    def _finish(self):
        self.write({"state": "done", "ended_on": fields.Datetime.now(), "position": False})

    def _fail(self, error):
        trouble = self._read_trouble(self.connection_id, error)
        if trouble is None:
            _logger.warning("Run %s failed: %s", self.id, type(error).__name__, exc_info=True)
            trouble = Trouble(type(error).__name__, str(error), "", "retry", 60)
        self._note(trouble)
        self.attempts += 1
        # events are tried again by a run of their own
        if trouble.action == "stop" or self.attempts >= MAX_ATTEMPTS or self.kind == "event":
            self.write(
                {"state": "failed", "ended_on": fields.Datetime.now(), "note": trouble.advice}
            )
        else:
            wait = max(trouble.wait or 0, 30 * 2**self.attempts)
            self.next_try = fields.Datetime.now() + timedelta(seconds=wait)

    @api.model
    def _read_trouble(self, connection, error):
        """What an error means; None for one that is a mistake of the program."""
        if isinstance(error, errors.ApiError):
            return connection._get_provider()._read_error(error)
        if isinstance(error, UserError):
            return Trouble("setting", str(error), str(error))
        return None

    def _note(self, trouble, example=None):
        """Keep an error by its kind, with what to do; the same kind is counted."""
        self.ensure_one()
        known = self.error_ids.filtered(lambda e: e.code == trouble.code)[:1]
        if known:
            known.count += 1
            return
        self.env["hr.performance.im.run.error"].create(
            {
                "run_id": self.id,
                "code": trouble.code,
                "message": trouble.message,
                "advice": trouble.advice,
                "example": example,
            }
        )

    def _skip(self, error, example=None):
        """Leave out one record because of an error; errors that are not about it go on."""
        trouble = self._read_trouble(self.connection_id, error)
        if trouble is None or trouble.action != "skip":
            raise error
        self._note(trouble, example)
        self._count(skipped=1)

    def _count(self, **numbers):
        """Add to the counts of the run."""
        for name, number in numbers.items():
            if number:
                self[f"{name}_count"] += number

    def _count_brought(self, brought):
        self._count(
            read=brought.read,
            created=len(brought.created),
            changed=len(brought.changed),
            unchanged=brought.unchanged,
        )

    @api.model
    def _trigger_rest(self):
        """Come back for runs that wait for a retry."""
        domain = [("state", "in", OPEN), ("connection_id.state", "!=", "paused")]
        waiting = self.search(domain, order="next_try", limit=1)
        if waiting:
            soon = fields.Datetime.now() + timedelta(seconds=10)
            self._trigger(at=max(waiting.next_try, soon))

    @api.autovacuum
    def _gc_runs(self):
        """Keep a year of the log."""
        limit = fields.Datetime.now() - timedelta(days=366)
        old = self.search([("state", "not in", OPEN), ("create_date", "<", limit)], limit=1000)
        old.unlink()
        return len(old), len(old) == 1000


class Clients:
    """The clients of one call of the scheduled job, one for each connection."""

    def __init__(self, env):
        self._env, self._clients, self._budgets = env, {}, {}

    def get(self, connection):
        """The client of a connection, opened when it is needed first."""
        if connection.id not in self._clients:
            provider, budget = connection._get_provider(), self.get_budget(connection)
            self._clients[connection.id] = provider._open_client(connection, budget)
        return self._clients[connection.id]

    def get_budget(self, connection):
        """Its budget."""
        if connection.id not in self._budgets:
            usage = self._env["hr.performance.im.usage"]
            self._budgets[connection.id] = usage._get_budget(connection)
        return self._budgets[connection.id]

    def close(self):
        """Close the connections."""
        for client in self._clients.values():
            client.close()
