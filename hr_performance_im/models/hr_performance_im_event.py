from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 200
MAX_ATTEMPTS = 5


class HrPerformanceImEvent(models.Model):
    """What the messenger told us about: one row for each event, stored before it is answered.

    An event is never data. It says what to read again, so that repeated, late and disordered events
    do no harm.
    """

    _name = "hr.performance.im.event"
    _description = "Messenger Event"
    _order = "id desc"
    _rec_name = "kind"

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    external_id = fields.Char("Event ID", required=True)
    kind = fields.Char("Event", required=True)
    payload = fields.Json()
    received_on = fields.Datetime(default=fields.Datetime.now, required=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("done", "Done"),
            ("ignored", "Not Needed"),
            ("failed", "Failed"),
        ],
        default="pending",
        required=True,
    )
    attempts = fields.Integer(aggregator=None)
    error = fields.Text()

    _external_unique = models.UniqueIndex("(connection_id, external_id)")
    _pending_idx = models.Index("(connection_id, id) WHERE state = 'pending'")

    @api.model
    def _receive(self, connection, external_id, kind, payload):
        """Store an event; the same one a second time changes nothing.

        :return: True when it is new
        """
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO hr_performance_im_event
                          (connection_id, company_id, external_id, kind, payload, received_on,
                           state, attempts, create_uid, create_date, write_uid, write_date)
                   VALUES (%(connection)s, %(company)s, %(key)s, %(kind)s, %(payload)s, %(now)s,
                           'pending', 0, %(uid)s, %(now)s, %(uid)s, %(now)s)
              ON CONFLICT (connection_id, external_id) DO NOTHING
                RETURNING id""",
                connection=connection.id,
                company=connection.company_id.id,
                key=external_id,
                kind=kind,
                payload=self._fields["payload"].convert_to_column(payload, self),
                now=now,
                uid=self.env.uid,
            )
        )
        if rows:
            # sudo: the scheduled job belongs to the system
            self.env.ref("hr_performance_im.ir_cron_process_events").sudo()._trigger()
        return bool(rows)

    def action_retry(self):
        """Process failed events again."""
        self.check_access("read")
        self.connection_id.check_access("write")
        # sudo: nobody has write access to events, the right is that of the connection
        failed = self.sudo().filtered(lambda event: event.state == "failed")
        failed.write({"state": "pending", "attempts": 0, "error": False})
        # sudo: the scheduled job belongs to the system
        self.env.ref("hr_performance_im.ir_cron_process_events").sudo()._trigger()
        return True

    @api.model
    def _cron_process(self):
        """Read again what the waiting events are about, some at a time."""
        retry = self.env["hr.performance.work.item"]._retry
        domain = [("state", "=", "pending"), ("connection_id.state", "=", "live")]
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        Run = self.env["hr.performance.im.run"]
        clients = Run._get_clients()
        try:
            for connection in self.search(domain).connection_id:
                while retry(lambda c=connection: self._process_next(c, clients)):
                    pass
        finally:
            clients.close()

    @api.model
    def _process_next(self, connection, clients):
        """Process the next events of a connection and commit; False when there are none."""
        domain = [("connection_id", "=", connection.id), ("state", "=", "pending")]
        events = self.search(domain, order="id", limit=BATCH).try_lock_for_update()
        if not events:
            return False
        run = self.env["hr.performance.im.run"]._start_events(connection)
        run._try(clients, lambda client: self._handle(connection, client, run, events))
        if run.state == "failed":
            events._fail(run.error_ids[:1].advice)
            self.env["ir.cron"]._commit_progress(len(events))
            return False
        return bool(self.env["ir.cron"]._commit_progress(len(events)))

    @api.model
    def _handle(self, connection, client, run, events):
        handled = connection._get_provider()._handle_events(run, client, events)
        handled.write({"state": "done", "error": False})
        (events - handled).write({"state": "ignored"})
        return True

    def _fail(self, advice):
        for event in self:
            attempts = event.attempts + 1
            state = "failed" if attempts >= MAX_ATTEMPTS else "pending"
            event.write({"attempts": attempts, "state": state, "error": advice})

    @api.autovacuum
    def _gc_events(self):
        """Forget events after the time in which the messenger may repeat them."""
        limit = fields.Datetime.now() - timedelta(days=60)
        old = self.search([("state", "!=", "pending"), ("received_on", "<", limit)], limit=5000)
        old.unlink()
        return len(old), len(old) == 5000
