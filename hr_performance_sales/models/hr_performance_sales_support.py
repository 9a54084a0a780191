from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import plaintext2html

from odoo.addons.hr_performance.tools.decimals import plain, to_decimal

#: Days after which the activity of the supporter is due.
DUE_DAYS = 2


class HrPerformanceSalesSupport(models.Model):
    """A colleague asked to help with an opportunity.

    He gets an activity on it. When he has done it, he has the offered share of the deal, marked as
    help: the one mechanism by which plans count help and the ledger credits it.
    """

    _name = "hr.performance.sales.support"
    _description = "Customer Support"
    _order = "id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", "Asked by", required=True, readonly=True, index=True, ondelete="restrict"
    )
    supporter_id = fields.Many2one(
        "res.users",
        "Supporter",
        required=True,
        index=True,
        ondelete="restrict",
        domain=lambda self: self._get_supporter_domain(),
    )
    percent = fields.Float(
        "Share Offered (%)",
        default=5,
        digits=(16, 2),
        aggregator=None,
        help="The supporter is credited with this part of the deal when he has helped.",
    )
    note = fields.Text("What is Needed", required=True)
    state = fields.Selection(
        [("asked", "Asked"), ("done", "Done"), ("withdrawn", "Withdrawn")],
        default="asked",
        required=True,
        readonly=True,
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )
    done_on = fields.Datetime(readonly=True)

    _percent_range = models.Constraint(
        "CHECK (percent > 0 AND percent < 100)", "Offer a share between 0 % and 100 %."
    )
    _one_each = models.UniqueIndex(
        "(lead_id, supporter_id) WHERE state = 'asked'",
        "This colleague has been asked for the opportunity already.",
    )

    @api.model
    def _get_supporter_domain(self):
        """Colleagues who work with opportunities."""
        group = self.env.ref("sales_team.group_sale_salesman")
        return [
            ("all_group_ids", "in", group.id),
            ("id", "!=", self.env.uid),
            ("company_ids", "in", self.env.company.id),
        ]

    @api.model
    def _get_supporters(self):
        return self.env["res.users"].search(self._get_supporter_domain(), order="name", limit=200)

    # Asking

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # what a client sends of these is not taken
            for name in ("state", "activity_id", "done_on", "company_id"):
                vals.pop(name, None)
            if not self.env.su or not vals.get("user_id"):
                vals["user_id"] = self.env.uid
            # sudo: the company of a lead; whether the user reads it is checked below
            lead = self.env["crm.lead"].browse(vals.get("lead_id")).sudo()
            vals["company_id"] = (lead.company_id or self.env.company).id
        supports = super().create(vals_list)
        for support in supports:
            support._check_may_ask()
            support._add_activity()
        supports._tell_asked()
        return supports

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("A request for support is withdrawn, not changed."))
        return super().write(vals)

    def _check_may_ask(self):
        """Whoever gives a share of a deal has it."""
        self.ensure_one()
        self.lead_id.check_access("read")
        lead = self.lead_id.sudo()  # sudo: states and shares of a lead that the user reads
        if lead.won_status != "pending":
            raise UserError(self.env._("The opportunity is decided already."))
        if self.supporter_id == self.user_id:
            raise ValidationError(self.env._("Ask somebody else for support."))
        if not self.supporter_id.sudo().has_group("sales_team.group_sale_salesman"):
            raise ValidationError(
                self.env._("%s does not work with opportunities.", self.supporter_id.name)
            )
        # sudo: the companies of whom is asked
        if self.company_id not in self.supporter_id.sudo().company_ids:
            raise ValidationError(
                self.env._("%s does not work in this company.", self.supporter_id.name)
            )
        own = self._get_own_percent()
        if own <= to_decimal(self.percent):
            raise ValidationError(
                self.env._(
                    "You have %(own)s %% of this opportunity; offer less than that.",
                    own=plain(own),
                )
            )

    def _get_own_percent(self):
        """The share of the opportunity of whoever asks."""
        self.ensure_one()
        lead = self.sudo().lead_id  # sudo: shares of somebody who asked for support with it
        shares = lead.performance_share_ids
        if not shares:
            return Decimal(100) if lead.user_id == self.user_id else Decimal(0)
        own = shares.filtered(lambda share: share.user_id == self.user_id)
        return to_decimal(sum(own.mapped("percent")))

    def _add_activity(self):
        self.ensure_one()
        today = fields.Date.context_today(self)
        # sudo: the supporter need not reach the opportunity before he is asked. The outbox tells
        # him, so core sends no mail of its own.
        lead = self.sudo().lead_id.with_context(mail_activity_quick_update=True)
        self.sudo().activity_id = lead.activity_schedule(
            "hr_performance_sales.mail_activity_type_support",
            today + timedelta(days=DUE_DAYS),
            summary=self.env._("Support for %s", self.user_id.name),
            user_id=self.supporter_id.id,
            note=plaintext2html(self.note or ""),
        )

    def action_withdraw(self):
        """Take back what has not been done yet."""
        for support in self:
            support.check_access("read")
            if support.user_id != self.env.user:
                raise AccessError(self.env._("Whoever asked may withdraw it."))
            if support.state != "asked":
                raise UserError(self.env._("The support was given already."))
            # sudo: it moves by this button, whose it is was checked
            support.sudo().state = "withdrawn"
            support.sudo().activity_id.unlink()
        return True

    def action_done(self):
        """The supporter has helped."""
        for support in self:
            support.check_access("read")
            if support.supporter_id != self.env.user:
                raise AccessError(self.env._("%s was asked.", support.supporter_id.name))
            if support.state != "asked":
                raise UserError(self.env._("This is settled already."))
            # sudo: his own activity, which leads back to _note_done
            support.sudo().activity_id.with_user(self.env.user).action_done()
        return True

    # Done

    def _note_done(self):
        """Give the shares that were offered; the ledger and the plans follow them."""
        # sudo: the owner of the deal agreed to the share when he asked
        for support in self.sudo().filtered(lambda support: support.state == "asked"):
            support.write({"state": "done", "done_on": fields.Datetime.now()})
            if support._give_share():
                support._tell_done()

    def _give_share(self):
        """Give the offered share of the deal; return whether it could still be given."""
        self.ensure_one()
        if self.lead_id.won_status != "pending":
            return False  # credited already: sales managers alone change how it is shared
        shares = self.lead_id.performance_share_ids
        if shares.filtered(lambda share: share.user_id == self.supporter_id):
            return False  # he has a part of the deal already
        own = shares.filtered(lambda share: share.user_id == self.user_id)
        rest = self._get_own_percent() - to_decimal(self.percent)
        if rest <= 0:
            return False  # the deal was shared anew meanwhile
        if own:
            command = Command.update(own.id, {"percent": float(rest)})
        else:
            command = Command.create({"user_id": self.user_id.id, "percent": float(rest)})
        help_vals = {"percent": self.percent, "is_support": True}
        self.lead_id.performance_share_ids = [
            command,
            Command.create({"user_id": self.supporter_id.id, **help_vals}),
        ]
        return True

    # Words

    def _tell_asked(self):
        self.env["hr.performance.message"]._queue(
            "sales_support",
            [
                {
                    "user": support.supporter_id,
                    "key": f"{support.id}",
                    "record": support,
                    "values": support._get_words(),
                    "condition": [("state", "=", "asked")],
                    "about": support.user_id,
                }
                for support in self
            ],
        )

    def _tell_done(self):
        self.env["hr.performance.message"]._queue(
            "sales_support_done",
            [
                {
                    "user": support.user_id,
                    "key": f"{support.id}",
                    "record": support,
                    "values": support._get_words(),
                    "about": support.supporter_id,
                }
                for support in self
                if support.user_id != self.env.user
            ],
        )

    def _get_words(self):
        self.ensure_one()
        known = self.sudo()  # sudo: names of the deal, for whom it concerns
        return {
            "asker": known.user_id.name,
            "supporter": known.supporter_id.name,
            "opportunity": known.lead_id.name,
            "customer": known.lead_id.partner_id.name or known.lead_id.contact_name or "",
            "note": known.note,
            "share": plain(to_decimal(known.percent)),
        }

    def _get_page_values(self):
        """The request as the phone shows it."""
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            **self._get_words(),
            "id": self.id,
            "state": self.state,
            "state_text": states[self.state],
            "is_asker": self.user_id == self.env.user,
            "is_supporter": self.supporter_id == self.env.user,
        }
