from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.hr_performance_message import HR


class HrPerformanceMessagePreview(models.TransientModel):
    """What a reader would receive, and when and where; and a test sent to oneself.

    Of what waits for him the real text is shown, as far as whoever asks may read it. Otherwise the
    texts of the type with example values, in his language.
    """

    _name = "hr.performance.message.preview"
    _description = "Message Preview"

    type_id = fields.Many2one("hr.performance.message.type", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Reader",
        required=True,
        default=lambda self: self.env.user,
        domain=lambda self: [("share", "=", False), ("company_ids", "in", self.env.company.ids)],
    )
    message_ids = fields.Many2many(
        "hr.performance.message", string="Waiting for This Reader", compute="_compute_preview"
    )
    is_example = fields.Boolean(compute="_compute_preview")
    lang = fields.Char("Language", compute="_compute_preview")
    channel = fields.Selection(selection="_selection_channel", compute="_compute_preview")
    send_after = fields.Datetime("Not Before", compute="_compute_preview")
    subject = fields.Char("Subject Line", compute="_compute_preview")
    body = fields.Text(compute="_compute_preview")

    @api.model
    def _selection_channel(self):
        return self.env["hr.performance.message.type"]._selection_channel()

    @api.depends("type_id", "user_id")
    @api.depends_context("uid")
    def _compute_preview(self):
        for preview in self:
            preview.update(preview._get_preview())

    def _get_preview(self):
        """Values of the computed fields."""
        self.ensure_one()
        fields_shown = ("message_ids", "is_example", "lang", "channel", "send_after")
        empty = dict.fromkeys((*fields_shown, "subject", "body"), False)
        if not self.type_id or not self.user_id:
            return empty
        self._check_administrator()
        message_type = self.type_id._origin or self.type_id
        user = self.user_id._origin or self.user_id
        Message = self.env["hr.performance.message"]
        # with the rights of whoever asks: what others are told about him is not among these
        waiting = Message.search(
            [
                ("type_id", "=", message_type.id),
                ("user_id", "=", user.id),
                ("state", "=", "waiting"),
            ],
            order="send_after, id",
        )
        # sudo: texts and decisions of the outbox; a private text is not taken from what waits
        outbox = Message.sudo()
        row = outbox._prepare_row(message_type.sudo(), self._get_example_item(message_type, user))
        sample = outbox.new(row)
        (channel,) = sample._choose_channels()
        shown = {"subject": row["raw_subject"], "body": row["raw_body"]}
        is_real = waiting and not message_type.private
        if is_real and message_type.digest and len(waiting) > 1:
            digest = waiting.sudo()._prepare_digest_row(user, waiting[0].company_id)
            shown = {"subject": digest["raw_subject"], "body": digest["raw_body"]}
        elif is_real:
            shown = {"subject": waiting[0].subject, "body": waiting[0].body}
        return empty | {
            "message_ids": waiting,
            "is_example": not is_real,
            "lang": self.env["res.lang"]._get_data(code=row["lang"]).name or row["lang"],
            "channel": channel,
            "send_after": waiting[:1].send_after or row["send_after"],
            **shown,
        }

    @api.model
    def _get_example_item(self, message_type, user):
        outbox = self.env["hr.performance.message"].sudo()  # sudo: the reader's language only
        env = outbox._get_reader_env(user.sudo())
        values = message_type.sudo().with_env(env)._get_example()
        return {"user": user, "key": "example", "values": values}

    def action_send_to_me(self):
        """Send the text with example values to whoever asks, by his own channel, at once."""
        self.ensure_one()
        self._check_administrator()
        item = self._get_example_item(self.type_id, self.env.user)
        item["key"] = f"test {fields.Datetime.now()} {self.id}"
        message = self.env["hr.performance.message"]._queue(self.type_id.code, [item]).sudo()
        if not message:
            raise UserError(self.env._("This type is switched off: nobody is told."))
        # sudo: the engine's columns; a test is no task, so that it waits for nothing
        message.write(
            {
                "raw_subject": self.env._(
                    "Test, %(time)s: %(subject)s",
                    time=fields.Datetime.context_timestamp(self, fields.Datetime.now()).strftime(
                        "%H:%M:%S"
                    ),
                    subject=message.raw_subject,
                ),
                "urgent": True,
                "send_after": fields.Datetime.now(),
            }
        )
        message._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("The test is on its way to you."),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_administrator(self):
        if not self.env.user.has_group(HR):
            raise AccessError(self.env._("Messages are looked after by HR administrators."))
