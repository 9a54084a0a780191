import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..tools.outbox import fill, placeholders


class HrPerformanceMessageType(models.Model):
    """A kind of message: its texts, and how it is told. Created as data by whoever needs one.

    The texts hold ``{placeholders}`` from a closed list, so that an administrator can word them
    anew and still reaches nothing but what the code gives.
    """

    _name = "hr.performance.message.type"
    _description = "Message Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True, help="Off: nobody is told. Tasks are still shown where they are worked on."
    )
    code = fields.Char(required=True, readonly=True, copy=False)
    subject = fields.Char("Subject Line", required=True, translate=True)
    body = fields.Text(required=True, translate=True)
    line = fields.Char(
        "Line in a Digest",
        translate=True,
        help="How it reads among others in one message. The subject where it is empty.",
    )
    placeholders = fields.Char(
        readonly=True, help="What the texts may contain in braces, such as {employee}."
    )
    example = fields.Text(
        translate=True,
        help="Values for the preview, one on each line, such as “employee: Anna”.",
    )
    urgent = fields.Boolean(help="Sent at once, also in quiet hours, and never in a digest.")
    digest = fields.Boolean(
        "In a Digest", help="Several to the same person are put together into one message."
    )
    private = fields.Boolean(
        help="Only the reader reads the text. Administrators see that there was a message and what "
        "became of it."
    )
    channel = fields.Selection(
        selection="_selection_channel",
        string="Usual Channel",
        help="The company's where it is empty. What the reader chose comes first.",
    )
    message_count = fields.Integer(compute="_compute_message_count")

    _code_unique = models.UniqueIndex("(code)", "There is a message type with this code already.")

    @api.model
    def _selection_channel(self):
        return (
            self.env["hr.performance.message"]._fields["channel"]._description_selection(self.env)
        )

    def _compute_message_count(self):
        counts = dict(
            self.env["hr.performance.message"]._read_group(
                [("type_id", "in", self.ids)], ["type_id"], ["__count"]
            )
        )
        for message_type in self:
            message_type.message_count = counts.get(message_type, 0)

    @api.constrains("subject", "body", "line", "placeholders")
    def _check_placeholders(self):
        for message_type in self:
            used = placeholders(message_type.subject, message_type.body, message_type.line)
            unknown = used - message_type._get_names()
            if unknown:
                raise ValidationError(
                    self.env._(
                        "%(type)s has no %(unknown)s. It may contain: %(known)s.",
                        type=message_type.name,
                        unknown=", ".join(f"{{{name}}}" for name in sorted(unknown)),
                        known=", ".join(f"{{{n}}}" for n in sorted(message_type._get_names())),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    @api.model
    @ormcache("code")
    def _get_id(self, code):
        # sudo: an id, kept for everybody
        return self.sudo().with_context(active_test=False).search([("code", "=", code)]).id

    @api.model
    def _get(self, code):
        """The type with a code.

        :raises ValueError: when there is none, which is a mistake in the code that tells
        """
        found = self._get_id(code)
        if not found:
            raise ValueError(f"There is no message type {code!r}")
        # sudo: the texts, for whoever causes a message
        return self.sudo().browse(found)

    def _get_names(self):
        """The placeholders that the texts may contain."""
        self.ensure_one()
        return set((self.placeholders or "").replace(",", " ").split())

    def _render(self, values):
        """``{subject, body, line}`` in the language of the context, with these texts filled in."""
        self.ensure_one()
        values = {name: "" for name in self._get_names()} | values
        subject = fill(self.subject, values)
        return {
            "subject": subject,
            "body": fill(self.body, values),
            "line": fill(self.line, values) if self.line else subject,
        }

    def _get_example(self):
        """Values for the preview, in the language of the context."""
        self.ensure_one()
        values = {name: f"[{name}]" for name in self._get_names()}
        for row in (self.example or "").splitlines():
            name, *value = re.split("[:：]", row, maxsplit=1)
            if value and name.strip() in values:
                values[name.strip()] = value[0].strip()
        return values
