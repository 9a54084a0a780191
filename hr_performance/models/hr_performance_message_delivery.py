import logging
import time
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta
from random import uniform

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.outbox import Outcome
from .hr_performance_work_item import CONCURRENCY_ERRORS

_logger = logging.getLogger(__name__)

#: How many readers are served in one transaction.
READERS = 100
MAX_ATTEMPTS = 5
#: Name of the lock under which messages are sent; any number of its own.
LOCK = 7_461_902_118
#: Minutes between two looks at what was handed over, and days after which nobody looks any more.
FETCH_MINUTES = 10
FETCH_DAYS = 3
#: The same text about the same record is not told again within this many hours.
REPEAT_HOURS = 24
#: So many lines of one type are written out in a digest.
DIGEST_LINES = 12


class HrPerformanceMessage(models.Model):
    """Sending what is due, by one process at a time.

    A batch is decided on in one transaction: what is not needed any more, what has to wait for the
    end of the quiet hours, what is put together. Inside the database it is sent in that same
    transaction. For a channel outside it is committed as "sending" first. Whatever is found in that
    state later was interrupted, and becomes "unknown": it is not sent again by itself.
    """

    _inherit = "hr.performance.message"

    @api.model
    def _cron_send(self):
        """Send what is due, fetch the outcome of what was handed over."""
        with self._sending_lock() as locked:
            if not locked:
                return
            self._retry(self._note_interrupted)
            more = True
            while more:
                outside, more = self._retry(self._send_next) or ({}, False)
                for code, ids in outside.items():
                    self._send_outside(code, self.browse(ids))
            self._retry(self._fetch_outcomes)
            self._trigger_rest()

    @api.model
    @contextmanager
    def _sending_lock(self):
        """Let one process send at a time; yields whether this is the one.

        The lock belongs to the connection: commits keep it, and it ends with its process. So
        whoever holds it knows that no other process is sending what is marked as being sent.
        """
        (locked,) = self.env.execute_query(SQL("SELECT pg_try_advisory_lock(%s)", LOCK))[0]
        try:
            yield locked
        finally:
            if locked:
                self.env.cr.rollback()
                self.env.execute_query(SQL("SELECT pg_advisory_unlock(%s)", LOCK))

    @api.model
    def _retry(self, method):
        """Call ``method`` again when another transaction came in between, as requests are."""
        for attempt in range(MAX_ATTEMPTS):
            try:
                return method()
            except CONCURRENCY_ERRORS:
                self.env.cr.rollback()
                self.env.invalidate_all()
                time.sleep(uniform(0, 2**attempt) / 10)
        return None

    @api.model
    def _commit(self, count=0):
        """Commit; the seconds that are left for this run."""
        return self.env["ir.cron"]._commit_progress(count)

    @api.model
    def _note_interrupted(self):
        """A process ended while it was sending these: nobody knows whether they arrived."""
        interrupted = self.search([("state", "=", "sending")])
        if interrupted:
            _logger.warning("Sending was interrupted, messages %s", interrupted.ids)
            interrupted.write(
                {"state": "unknown", "reason": self.env._("The sending was interrupted.")}
            )
        self._commit()

    @api.model
    def _trigger_rest(self):
        """Come back for what waits for its time, and for outcomes that are not known yet."""
        now = fields.Datetime.now()
        waiting = self.search([("state", "=", "waiting")], order="send_after", limit=1)
        if waiting:
            self._trigger(max(waiting.send_after, now + timedelta(seconds=10)))
        if self.search_count(self._get_fetch_domain(), limit=1):
            self._trigger(now + timedelta(minutes=FETCH_MINUTES))
        self._commit()

    # One batch

    @api.model
    def _send_next(self):
        """Decide on the next batch, and send what stays in the database; then commit.

        :return: ``({code: ids}, more)``: what is committed as being sent to channels outside, and
            whether there may be more that is due
        """
        batch = self._claim()
        if not batch:
            return {}, False
        outside = {}
        for code, messages in batch._decide().items():
            channel = self._get_channels()[code]
            for start in range(0, len(messages), channel._batch_size):
                part = messages[start : start + channel._batch_size]
                if not channel._is_outside:
                    part._note(part._try_send_inside(channel))
            if channel._is_outside:
                messages.write({"state": "sending", "reason": False})
                outside[code] = messages.ids
        return outside, bool(self._commit(len(batch)))

    @api.model
    def _claim(self):
        """What is due of the next readers, locked; all of a reader's at once, for his digest."""
        due = Domain("state", "=", "waiting") & Domain("send_after", "<=", fields.Datetime.now())
        readers = self._read_group(due, ["user_id"], ["id:min"], order="id:min", limit=READERS)
        users = [user.id for user, _first in readers]
        found = self.search(due & Domain("user_id", "in", users), order="id")
        return found.try_lock_for_update().sorted("id")

    def _decide(self):
        """``{code: messages}`` of what is to be sent now; notes what becomes of the rest."""
        messages = self._suppress_outdated()._suppress_repeated()._postpone()
        chosen = messages._put_together()._choose_channels()
        nobody = chosen.pop(False, self.browse())
        nobody._note(
            dict.fromkeys(nobody, Outcome("failed", self.env._("No channel reaches him.")))
        )
        for code, part in chosen.items():
            part.write({"channel": code})
        return chosen

    def _suppress(self, reason):
        self.write({"state": "suppressed", "reason": reason})

    def _suppress_outdated(self):
        """Leave out readers who left, records that are gone, and what is done already."""
        gone = self.filtered(lambda message: not message.user_id.active)
        gone._suppress(self.env._("The reader is no longer active."))
        outdated = self.browse()
        with_record = (self - gone).filtered("res_model")
        for model, messages in with_record.grouped("res_model").items():
            outdated += messages - messages._get_matching(model)
        outdated._suppress(self.env._("There is nothing to tell any more."))
        return self - gone - outdated

    def _get_matching(self, model):
        """Those of these messages whose record, of one model, still is as they tell.

        Each may have a condition of its own, such as the hour of an interview; they are checked
        on records that were read together.
        """
        matching = self.browse()
        if model not in self.env:
            return matching
        Model = self.env[model].with_context(active_test=False)
        records = Model.browse(list(set(self.mapped("res_id")))).exists()
        for _condition, messages in self.grouped(lambda m: repr(m.condition)).items():
            wanted = set(messages.mapped("res_id"))
            same = records.browse(wanted & set(records._ids)).with_prefetch(records._ids)
            if messages[0].condition:
                same = same.filtered_domain(Domain(messages[0].condition))
            matching += messages.filtered(lambda m, ids=set(same._ids): m.res_id in ids)
        return matching

    def _suppress_repeated(self):
        """Leave out what the reader was told already, or is told by another one of these."""
        since = fields.Datetime.now() - timedelta(hours=REPEAT_HOURS)
        recent = self.search(
            Domain("user_id", "in", self.user_id.ids)
            & Domain("type_id", "in", self.type_id.ids)
            & Domain("sent_on", ">=", since)
        )
        told = {message._get_content() for message in recent}
        repeated = self.browse()
        for message in self:
            content = message._get_content()
            if content in told:
                repeated += message
            told.add(content)
        repeated._suppress(self.env._("The same was told already."))
        return self - repeated

    def _get_content(self):
        self.ensure_one()
        record = (self.res_model, self.res_id)
        return (self.user_id.id, self.type_id.id, *record, self.raw_subject, self.raw_body)

    def _postpone(self):
        """Let what falls into quiet hours wait for their end."""
        now = fields.Datetime.now()
        postponed = self.browse()
        by_reader = self.filtered(lambda message: not message.urgent).grouped(
            lambda message: (message.user_id, message.company_id)
        )
        for (user, company), messages in by_reader.items():
            until = self._get_quiet_end(user, company, now)
            if until:
                messages.write({"send_after": until})
                postponed += messages
        return self - postponed

    def _put_together(self):
        """Make one message out of several to the same reader, where their type wants it."""
        loose = self.filtered(lambda message: not message.type_id.digest or message.urgent)
        groups = (self - loose).grouped(lambda message: (message.user_id, message.company_id))
        rows, parts = [], []
        for (user, company), messages in groups.items():
            if len(messages) == 1:
                loose += messages
            else:
                rows.append(messages._prepare_digest_row(user, company))
                parts.append(messages)
        digests = self._bulk_insert(rows)
        for digest, messages in zip(digests, parts, strict=True):
            messages.write({"state": "digested", "digest_id": digest.id, "reason": False})
        return loose + digests

    def _prepare_digest_row(self, user, company):
        item = {
            "user": user,
            "key": f"{min(self.ids)}-{max(self.ids)}-{len(self)}",
            "values": {
                "count": len(self),
                "summary": lambda env: ", ".join(
                    f"{kind.with_env(env).name}: {len(messages)}"
                    for kind, messages in self._by_type()
                ),
                "lines": self._word_lines,
            },
        }
        kind = self.env["hr.performance.message.type"]._get("digest")
        return self._prepare_row(kind, item) | {"company_id": company.id}

    def _by_type(self):
        """``[(type, messages)]`` in the order of the types."""
        return sorted(
            self.grouped("type_id").items(), key=lambda item: (item[0].sequence, item[0].id)
        )

    def _word_lines(self, env):
        """The lines of a digest, type by type."""
        blocks = []
        for kind, messages in self._by_type():
            lines = [f"• {message.raw_line}" for message in messages[:DIGEST_LINES]]
            if len(messages) > DIGEST_LINES:
                lines.append(env._("… and %s more", len(messages) - DIGEST_LINES))
            title = f"{kind.with_env(env).name} ({len(messages)})"
            blocks.append("\n".join([title, *lines]))
        return "\n\n".join(blocks)

    # Channels

    def _try_send_inside(self, channel):
        """Send within this transaction. An error undoes its part, so that it is tried again."""
        try:
            with self.env.cr.savepoint():
                outcomes = channel._send(self)
                self.env.flush_all()
            return outcomes
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            self.env.invalidate_all()
            if len(self) == 1:
                _logger.warning("Message %s was not sent", self.id, exc_info=True)
                return {self: Outcome("waiting", str(error))}
        outcomes = {}
        for message in self:  # one of them spoils it for the others
            outcomes |= message._try_send_inside(channel)
        return outcomes

    def _send_outside(self, code, messages):
        """Send what is committed as being sent, and commit the outcome of each call."""
        channel = self._get_channels()[code]
        for start in range(0, len(messages), channel._batch_size):
            part = messages[start : start + channel._batch_size]
            try:
                outcomes = channel._send(part)
            except Exception as error:
                _logger.warning("Nobody knows whether %s were sent", part, exc_info=True)
                outcomes = dict.fromkeys(part, Outcome("unknown", str(error)))
            # What a failed call left behind is undone; only the outcome is kept.
            self.env.cr.rollback()
            self.env.invalidate_all()
            if self._retry(lambda part=part, found=outcomes: part._note_outside(found)) is None:
                _logger.error("The outcome of %s could not be noted", part)

    def _note_outside(self, outcomes):
        lost = Outcome("unknown", self.env._("The channel did not say what became of it."))
        self._note({message: outcomes.get(message, lost) for message in self})
        self._commit()
        return True

    def _note(self, outcomes, tries=1):
        """Write down what became of messages, after so many tries more."""
        now = fields.Datetime.now()
        by_vals = defaultdict(self.browse)
        for message, outcome in outcomes.items():
            state, attempts = outcome.state, message.attempts + tries
            if state == "waiting" and attempts >= MAX_ATTEMPTS:
                state = "failed"
            vals = {"state": state, "attempts": attempts, "reason": outcome.reason or False}
            if outcome.reference:
                vals["reference"] = outcome.reference
            if state == "waiting":
                vals["send_after"] = now + timedelta(minutes=outcome.pause or 2**attempts)
            if state in ("sent", "accepted") and not message.sent_on:
                vals["sent_on"] = now
            by_vals[tuple(vals.items())] += message
        for vals, messages in by_vals.items():
            messages.write(dict(vals))

    # Outcomes that are known later

    @api.model
    def _get_fetch_domain(self):
        since = fields.Datetime.now() - timedelta(days=FETCH_DAYS)
        return Domain("state", "=", "accepted") & Domain("sent_on", ">=", since)

    @api.model
    def _fetch_outcomes(self):
        """Ask the channels what became of what they accepted."""
        self.search([("state", "=", "accepted")]).filtered_domain(~self._get_fetch_domain()).write(
            {"state": "unknown", "reason": self.env._("The channel never told the outcome.")}
        )
        channels = self._get_channels()
        accepted = self.search(self._get_fetch_domain(), order="id")
        for code, messages in accepted.grouped("channel").items():
            if code in channels:
                messages._note(messages._try_fetch(channels[code]), tries=0)
                self._commit()

    def _try_fetch(self, channel):
        try:
            with self.env.cr.savepoint():
                return channel._fetch(self)
        except CONCURRENCY_ERRORS:
            raise
        except Exception:
            _logger.warning("Outcomes could not be fetched from %s", channel._name, exc_info=True)
            return {}
