import logging
import time
from datetime import timedelta
from random import uniform

from psycopg2 import errors

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH_SIZE = 1000
#: A source reads its records once for each item, whatever the number of people.
BATCH_SIZES = {"measure": 20_000, "recheck": 20_000}
MAX_ATTEMPTS = 5
#: Seconds until the next look when all that is left waits for another worker.
PAUSE = 10
#: Work that uses what is measured for everybody beforehand.
MEASURED = {"refresh", "assess"}
#: Work after which the cycle as a whole is ranked and moved on.
CONCLUDED = {"refresh", "assess", "publish", "close"}
#: Which work of the same cycle has to be over before.
PREDECESSORS = dict.fromkeys(MEASURED, {"measure"}) | {"conclude": {"measure"} | CONCLUDED}
CONCURRENCY_ERRORS = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
)


class HrPerformanceWorkItem(models.Model):
    """A piece of long work on a cycle: one kind of work for one range of ids.

    Each item is processed by one idempotent method ``_work_<kind>`` of the cycle, which neither
    commits nor loops over items. The scheduled job drives the items; another driver may call
    ``_process`` on many hosts at once. An item killed half-way is pending again.
    """

    _name = "hr.performance.work.item"
    _description = "Background Work"
    _order = "id"

    cycle_id = fields.Many2one(
        "hr.performance.cycle", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="cycle_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("launch", "Launch"),
            ("measure", "Measure"),
            ("refresh", "Refresh values"),
            ("assess", "Start assessment"),
            ("publish", "Publish"),
            ("close", "Close"),
            ("recheck", "Look for differences"),
            ("conclude", "Rank and conclude"),
        ],
        required=True,
    )
    first_id = fields.Integer(required=True, aggregator=None)
    last_id = fields.Integer(required=True, aggregator=None)
    size = fields.Integer()
    user_id = fields.Many2one(
        "res.users",
        "Asked by",
        required=True,
        default=lambda self: self.env.user,
        ondelete="cascade",
    )
    state = fields.Selection(
        [("pending", "Pending"), ("done", "Done"), ("failed", "Failed")],
        default="pending",
        required=True,
    )
    attempts = fields.Integer(aggregator=None)
    next_try = fields.Datetime(default=fields.Datetime.now, required=True)
    done_on = fields.Datetime()
    error = fields.Text()

    _range_unique = models.UniqueIndex("(cycle_id, kind, first_id)")
    _pending_idx = models.Index("(next_try) WHERE state = 'pending'")

    @api.depends("kind", "first_id", "last_id")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for item in self:
            item.display_name = f"{labels.get(item.kind)} {item.first_id}-{item.last_id}"

    def action_retry(self):
        """Try failed items again."""
        self.check_access("read")
        self.cycle_id.check_access("write")
        # sudo: nobody has write access to work items, the right is that of the cycle
        self.sudo().filtered(lambda item: item.state == "failed").write(
            {"state": "pending", "attempts": 0, "error": False, "next_try": fields.Datetime.now()}
        )
        for cycle in self.cycle_id:
            self.sudo()._insert_items(cycle, "conclude", [(0, 0, 0)])  # sudo: as above
        self._trigger()
        return True

    @api.model
    def _schedule(self, cycle, kind, ids):
        """Schedule work on records of a cycle, with what has to go before and after it.

        :param ids: sorted ids of the records
        :return: the items, in the order in which they are to be done
        """
        if not ids:
            return self.browse()
        items = self.browse()
        if kind in MEASURED:
            items += self._insert_items(
                cycle, "measure", self._split(ids, "measure", counted=False)
            )
        items += self._insert_items(cycle, kind, self._split(ids, kind))
        if kind in CONCLUDED:
            items += self._insert_items(cycle, "conclude", [(0, 0, 0)])
        return items

    @api.model
    def _split(self, ids, kind, counted=True):
        """``[(first id, last id, number of people)]``; not counted where others count them."""
        size = BATCH_SIZES.get(kind, BATCH_SIZE)
        batches = (ids[start : start + size] for start in range(0, len(ids), size))
        return [(batch[0], batch[-1], len(batch) if counted else 0) for batch in batches]

    @api.model
    def _insert_items(self, cycle, kind, rows):
        """Make items pending; scheduled twice is once."""
        query = SQL(
            """INSERT INTO hr_performance_work_item
                      (cycle_id, company_id, kind, first_id, last_id, size, user_id, state,
                       attempts, next_try, create_uid, create_date, write_uid, write_date)
               SELECT %(cycle)s, %(company)s, %(kind)s, f, l, s, %(uid)s, 'pending',
                      0, %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                 FROM unnest(%(first)s::int[], %(last)s::int[], %(size)s::int[]) AS r(f, l, s)
          ON CONFLICT (cycle_id, kind, first_id) DO UPDATE
                  SET state = 'pending', attempts = 0, error = NULL, last_id = EXCLUDED.last_id,
                      size = EXCLUDED.size, user_id = EXCLUDED.user_id,
                      next_try = EXCLUDED.next_try, write_date = EXCLUDED.write_date
            RETURNING id""",
            cycle=cycle.id,
            company=cycle.company_id.id,
            kind=kind,
            uid=self.env.uid,
            now=fields.Datetime.now(),
            first=[row[0] for row in rows],
            last=[row[1] for row in rows],
            size=[row[2] for row in rows],
        )
        items = self.browse(row[0] for row in self.env.execute_query(query))
        items.invalidate_recordset()
        return items

    @api.model
    def _trigger(self, at=None):
        # sudo: the scheduled job belongs to the system
        self.env.ref("hr_performance.ir_cron_process_work").sudo()._trigger(at)

    def _process(self):
        """Do the work of one item. Idempotent; neither commits nor swallows errors."""
        self.ensure_one()
        cycle = self.cycle_id.with_user(self.user_id).with_company(self.company_id)
        ids = Domain("id", ">=", self.first_id) & Domain("id", "<=", self.last_id)
        # sudo: whoever pressed the button was checked when the item was made
        getattr(cycle.sudo(), f"_work_{self.kind}")(ids)
        self.sudo().write({"state": "done", "done_on": fields.Datetime.now(), "error": False})

    def _process_now(self):
        """Process the items in the current transaction; for few people, who wait for it."""
        for item in self:
            item._process()

    @api.model
    def _claim(self):
        """The next due item, locked for this transaction; empty when there is none."""
        pending = self.search([("state", "=", "pending")], order="id")
        kinds = {(item.cycle_id, item.kind) for item in pending}
        now = fields.Datetime.now()
        due = pending.filtered(
            lambda item: item.next_try <= now
            and not any((item.cycle_id, kind) in kinds for kind in PREDECESSORS.get(item.kind, ()))
        )
        return due.try_lock_for_update(limit=1)

    @api.model
    def _cron_process(self):
        """Process due items one by one, each in a transaction of its own."""
        self.env["ir.cron"]._commit_progress(
            remaining=self.search_count([("state", "=", "pending")])
        )
        self._retry(self._schedule_rankings)
        while self._retry(self._process_next):
            pass
        self._trigger_rest()

    @api.model
    def _retry(self, method):
        """Call ``method`` again when another transaction came in between, as requests are.

        The server does not retry scheduled jobs. A new transaction sees what the other one did.
        """
        for attempt in range(MAX_ATTEMPTS):
            try:
                return method()
            except CONCURRENCY_ERRORS:
                self.env.cr.rollback()
                time.sleep(uniform(0, 2**attempt) / 10)
        return False

    @api.model
    def _process_next(self):
        """Process one item and commit; False when there is none, or no time left."""
        item = self._claim()
        if not item:
            return False
        item._try_process()
        return bool(self.env["ir.cron"]._commit_progress(1))

    @api.model
    def _schedule_rankings(self):
        """Rank the open cycles in which somebody gave a value since they were ranked."""
        for cycle in self.env["hr.performance.cycle"].search([("state", "=", "open")]):
            if cycle._is_rank_outdated():
                self._insert_items(cycle, "conclude", [(0, 0, 0)])
        self.env["ir.cron"]._commit_progress()

    def _try_process(self):
        """Process the item; note an error on it and try again later."""
        try:
            with self.env.cr.savepoint():
                self._process()
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            _logger.warning("Work item %s failed", self.id, exc_info=True)
            self.invalidate_recordset()
            self._fail(error)

    @api.model
    def _trigger_rest(self):
        """Come back for what is left: items to be tried again, or that wait for another worker."""
        waiting = self.search([("state", "=", "pending")], order="next_try", limit=1)
        if waiting:
            soon = fields.Datetime.now() + timedelta(seconds=PAUSE)
            self._trigger(at=max(waiting.next_try, soon))

    def _fail(self, error):
        attempts = self.attempts + 1
        self.write(
            {
                "attempts": attempts,
                "error": str(error),
                "state": "failed" if attempts >= MAX_ATTEMPTS else "pending",
                "next_try": fields.Datetime.now() + timedelta(minutes=2**attempts),
            }
        )
