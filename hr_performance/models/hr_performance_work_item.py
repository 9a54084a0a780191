import logging
from datetime import timedelta
from random import uniform

from psycopg2 import errors

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH_SIZE = 1000
MAX_ATTEMPTS = 5
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
            ("refresh", "Refresh values"),
            ("assess", "Start assessment"),
            ("publish", "Publish"),
            ("close", "Close"),
            ("recheck", "Look for differences"),
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
        self._trigger()
        return True

    @api.model
    def _schedule(self, cycle, kind, ids, batch_size=BATCH_SIZE):
        """Split sorted ``ids`` into items and make them pending; scheduled twice is once."""
        starts = range(0, len(ids), batch_size)
        rows = [
            (ids[i], ids[min(i + batch_size, len(ids)) - 1], len(ids[i : i + batch_size]))
            for i in starts
        ]
        if not rows:
            return self.browse()
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
        getattr(cycle.sudo(), f"_work_{self.kind}")(ids)
        self.sudo().write({"state": "done", "done_on": fields.Datetime.now(), "error": False})

    def _process_now(self):
        """Process the items in the current transaction; for few people, who wait for it."""
        for item in self:
            item._process()

    @api.model
    def _claim(self):
        """The next due item, locked for this transaction; empty when there is none."""
        domain = [("state", "=", "pending"), ("next_try", "<=", fields.Datetime.now())]
        return self.search(domain, order="id", limit=20).try_lock_for_update(limit=1)

    @api.model
    def _cron_process(self):
        """Process due items one by one, each in a transaction of its own."""
        Cron = self.env["ir.cron"]
        domain = [("state", "=", "pending"), ("next_try", "<=", fields.Datetime.now())]
        Cron._commit_progress(remaining=self.search_count(domain))
        while item := self._claim():
            try:
                with self.env.cr.savepoint():
                    item._process()
            except CONCURRENCY_ERRORS:
                # Scheduled jobs are not retried by the server: leave the item to the next round.
                self.env.cr.rollback()
                item._postpone()
            except Exception as error:
                _logger.warning("Work item %s failed", item.id, exc_info=True)
                item.invalidate_recordset()
                item._fail(error)
            if not Cron._commit_progress(1):
                break
        waiting = self.search([("state", "=", "pending")], order="next_try", limit=1)
        if waiting:
            self._trigger(at=waiting.next_try)

    def _postpone(self):
        self.next_try = fields.Datetime.now() + timedelta(seconds=uniform(1, 5))

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
