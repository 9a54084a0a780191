from collections import defaultdict
from datetime import date, datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date, format_datetime, formatLang, get_lang

from ..tools.outbox import next_time, quiet_until

HR = "hr_performance.group_hr_performance_manager"


class HrPerformanceMessage(models.Model):
    """One message to one person: the outbox of everything that people are told.

    Whoever has something to tell calls :meth:`_queue`. Who is told, when and by which channel is
    decided here; ``hr_performance_message_delivery`` sends.

    Who reads them: the reader himself, and HR administrators, except what is about themselves. The
    texts are kept in columns that nobody reaches; ``subject`` and ``body`` show them to the reader,
    and to administrators where the type is not private. As they are computed, no search, grouping
    or export goes around that. Nor does anybody reach whom a message is about: who is asked about
    whom is told by no list.
    """

    _name = "hr.performance.message"
    _description = "Message"
    _inherit = ["hr.performance.bulk.mixin"]
    _order = "id desc"

    type_id = fields.Many2one(
        "hr.performance.message.type", required=True, readonly=True, index=True, ondelete="cascade"
    )
    key = fields.Char(
        required=True, readonly=True, groups=fields.NO_ACCESS, export_string_translation=False
    )
    user_id = fields.Many2one(
        "res.users", "Reader", required=True, readonly=True, index=True, ondelete="cascade"
    )
    about_user_id = fields.Many2one(
        "res.users",
        "About",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    res_model = fields.Char("Record Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    condition = fields.Json(readonly=True, export_string_translation=False, groups=fields.NO_ACCESS)
    lang = fields.Char("Language", readonly=True)
    raw_subject = fields.Char(
        readonly=True, groups=fields.NO_ACCESS, export_string_translation=False
    )
    raw_body = fields.Text(readonly=True, groups=fields.NO_ACCESS, export_string_translation=False)
    raw_line = fields.Char(readonly=True, groups=fields.NO_ACCESS, export_string_translation=False)
    subject = fields.Char("Subject Line", compute="_compute_texts")
    body = fields.Text(compute="_compute_texts")
    urgent = fields.Boolean(readonly=True)
    channel = fields.Selection(
        [("inbox", "Odoo inbox"), ("email", "E-mail")],
        readonly=True,
        index="btree_not_null",
        help="Decided when it is sent.",
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("digested", "In a Digest"),
            ("sending", "Being Sent"),
            ("accepted", "Handed Over"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("unknown", "Unknown"),
            ("suppressed", "Not Needed"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
        help="Handed over: its channel tells the outcome later. Unknown: the sending was "
        "interrupted, and nobody can tell whether it arrived. Not needed: what it told was done, "
        "or told already, before it was sent.",
    )
    reason = fields.Text(readonly=True)
    reference = fields.Char(readonly=True, help="What the channel calls it.")
    digest_id = fields.Many2one(
        "hr.performance.message",
        "Digest",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    part_ids = fields.One2many("hr.performance.message", "digest_id", "Put Together From")
    send_after = fields.Datetime("Not Before", required=True, readonly=True)
    sent_on = fields.Datetime(readonly=True)
    attempts = fields.Integer(readonly=True, aggregator=None)

    _key_unique = models.UniqueIndex("(type_id, user_id, key)")
    _due_idx = models.Index("(send_after) WHERE state = 'waiting'")
    _sent_idx = models.Index("(user_id, type_id, sent_on) WHERE sent_on IS NOT NULL")

    @api.depends("type_id", "user_id")
    def _compute_display_name(self):
        for message in self:
            message.display_name = f"{message.type_id.name} · {message.user_id.name}"

    @api.depends_context("uid")
    def _compute_texts(self):
        is_hr = self.env.user.has_group(HR)
        for message, stored in zip(self, self.sudo(), strict=True):  # sudo: shown as decided here
            is_reader = stored.user_id == self.env.user
            shown = self.env.su or is_reader or (is_hr and not stored.type_id.private)
            message.subject = stored.raw_subject if shown else self.env._("(private)")
            message.body = stored.raw_body if shown else False

    # Telling

    @api.model
    def _queue(self, code, items):
        """Tell people something, in one batch. Told twice under one key is told once.

        :param code: of the ``hr.performance.message.type``
        :param items: list of dicts:

            ``user``: the reader, a ``res.users``; one who is not active is left out
            ``key``: text; a reader gets a type once under each key, ever
            ``record``: where the message leads, a record or None
            ``values``: ``{placeholder: value}``. Dates, numbers and records are written in the
            reader's language; a function is called with the reader's environment and returns a
            text; a left-out placeholder is empty
            ``send_after``: naive UTC datetime before which it is not sent
            ``condition``: domain as a list. The record still has to match it when the message is
            sent; otherwise it is not needed any more
            ``about``: ``res.users`` whom the text is about; the employee of the record where it
            has one. He sees it only as its reader
        :return: the messages that are new
        """
        message_type = self.env["hr.performance.message.type"]._get(code)
        # sudo: nobody writes messages but the outbox
        outbox = self.sudo()
        items = (
            [item for item in items if item["user"].sudo().active] if message_type.active else []
        )
        rows = [outbox._prepare_row(message_type, item) for item in items]
        messages = outbox._bulk_insert(rows, conflict=SQL("type_id, user_id, key"))
        if messages:
            self._trigger(min(messages.mapped("send_after")))
        return messages.sudo(False)

    @api.model
    def _prepare_row(self, message_type, item):
        # sudo: companies, to know whose hours of rest hold
        user = item["user"].sudo()
        record = (item.get("record") or self.browse()).sudo()
        company = ("company_id" in record._fields and record.company_id) or user.company_id
        env = self._get_reader_env(user)
        texts = message_type.with_env(env)._render(
            {name: self._word(env, value) for name, value in item.get("values", {}).items()}
        )
        about = item.get("about")
        if about is None and "employee_id" in record._fields:
            about = record.employee_id.user_id
        return {
            "type_id": message_type.id,
            "key": item["key"],
            "user_id": user.id,
            "about_user_id": about.id if about else False,
            "company_id": company.id,
            "res_model": record._name if record else False,
            "res_id": record.id,
            "condition": item.get("condition") or None,
            "lang": env.lang,
            "raw_subject": texts["subject"],
            "raw_body": texts["body"],
            "raw_line": texts["line"],
            "urgent": message_type.urgent,
            "state": "waiting",
            "attempts": 0,
            "send_after": self._get_moment(message_type, user, company, item.get("send_after")),
        }

    @api.model
    def _get_reader_env(self, user):
        """An environment that words things as the user reads them."""
        # a language that is no longer installed would stop the words of everybody
        context = {"lang": get_lang(self.env, user.lang).code, "tz": user.tz}
        return self.env(su=True, context=self.env.context | context)

    @api.model
    def _word(self, env, value):
        """A value as a text of the reader's language."""
        if callable(value):
            return value(env)
        if isinstance(value, models.BaseModel):
            return ", ".join(value.with_env(env).mapped("display_name"))
        if isinstance(value, datetime):
            return format_datetime(env, value, dt_format="short")
        if isinstance(value, date):
            return format_date(env, value)
        if isinstance(value, float):
            return formatLang(env, value)
        return "" if value is None or value is False else str(value)

    @api.model
    def _trigger(self, at=None):
        # sudo: the scheduled job belongs to the system
        self.env.ref("hr_performance.ir_cron_send_messages").sudo()._trigger(at)

    # When, and by which channel

    @api.model
    def _get_moment(self, message_type, user, company, send_after=None):
        """When a message may be sent: not before it is wanted, with the digest of the day where
        the reader gets one, and not in quiet hours."""
        moment = max(send_after or datetime.min, fields.Datetime.now())
        if message_type.urgent:
            return moment
        if message_type.digest and self._get_rhythm(user, company) == "daily":
            moment = next_time(moment, self._get_tz(user, company), company.performance_digest_hour)
        return self._get_quiet_end(user, company, moment) or moment

    @api.model
    def _get_quiet_end(self, user, company, moment):
        """When the quiet hours end in which the moment lies; None when it lies in none."""
        return quiet_until(
            moment,
            self._get_tz(user, company),
            company.performance_quiet_from,
            company.performance_quiet_to,
        )

    @api.model
    def _get_tz(self, user, company):
        """The time zone of the reader, else that of the company."""
        return user.tz or company._get_performance_tz()

    @api.model
    def _get_rhythm(self, user, company):
        return user.performance_digest or company.performance_digest

    @api.model
    def _get_channels(self):
        """``{code: channel}``: the abstract models behind the selection, built-in ones first."""
        return {
            code: self.env[f"hr.performance.channel.{code}"]
            for code, _label in self._fields["channel"].selection
            if f"hr.performance.channel.{code}" in self.env
        }

    def _choose_channels(self):
        """``{code: messages}``: what the reader chose, else the type, else the company, else any
        other that reaches him. Under False those whom nothing reaches."""
        channels = self._get_channels()
        reachable = {
            code: channel._get_reachable(self.user_id) for code, channel in channels.items()
        }
        chosen = defaultdict(self.browse)
        for message in self:
            wanted = (
                message.user_id.performance_channel,
                message.type_id.channel,
                message.company_id.performance_channel,
                *channels,
            )
            codes = (c for c in wanted if c in channels and message.user_id in reachable[c])
            chosen[next(codes, False)] += message
        return chosen

    def _get_url(self):
        """Where the message leads: an address that opens the record, with the reader's rights."""
        self.ensure_one()
        # sudo: the public address of the server
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        if not self.res_model or not self.res_id:
            return base
        return f"{base}/mail/view?model={self.res_model}&res_id={self.res_id}"

    # Buttons

    def action_retry(self):
        """Send failed messages again."""
        return self._send_again("failed")

    def action_send_again(self):
        """Send messages again of which nobody knows whether they arrived."""
        return self._send_again("unknown")

    def _send_again(self, state):
        self._check_administrator()
        messages = self.filtered(lambda message: message.state == state)
        # sudo: nobody has write access to messages, the right was checked
        messages.sudo().write(
            {
                "state": "waiting",
                "attempts": 0,
                "reason": False,
                "reference": False,
                "send_after": fields.Datetime.now(),
            }
        )
        self._trigger()
        return True

    def action_mark_sent(self):
        """Note that messages arrived of which it was not known."""
        self._check_administrator()
        messages = self.filtered(lambda message: message.state == "unknown")
        # sudo: as above
        messages.sudo().write({"state": "sent", "sent_on": fields.Datetime.now()})
        return True

    def action_open_record(self):
        """Open what the message is about, with the rights of whoever opens it."""
        self.ensure_one()
        self.check_access("read")
        if not self.res_model or not self.res_id:
            raise UserError(self.env._("This message leads to no record."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _check_administrator(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(HR):
            raise AccessError(self.env._("Messages are looked after by HR administrators."))
