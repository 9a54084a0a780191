from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class HrPerformanceConsent(models.Model):
    """What an employee agreed to: the words, their version, the day, and when he took it back."""

    _name = "hr.performance.consent"
    _description = "Consent"
    _inherit = ["hr.performance.access.mixin"]
    _order = "given_on desc, id desc"

    program_id = fields.Many2one(
        "hr.performance.program", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, index=True, ondelete="restrict"
    )
    version = fields.Integer(required=True, readonly=True, aggregator=None)
    text = fields.Html("What it says", required=True, readonly=True)
    given_on = fields.Datetime(required=True, readonly=True)
    withdrawn_on = fields.Datetime(readonly=True)
    effect = fields.Text("What Taking it back does", compute="_compute_effect")

    _given_unique = models.UniqueIndex(
        "(program_id, employee_id, version) WHERE withdrawn_on IS NULL",
        "This version is agreed to already.",
    )

    @api.depends("program_id", "version")
    def _compute_display_name(self):
        for consent in self:
            # sudo: the name of the programme, for its participants
            consent.display_name = self.env._(
                "%(program)s, version %(version)s",
                program=consent.sudo().program_id.name,
                version=consent.version,
            )

    @api.depends("program_id")
    @api.depends_context("lang")
    def _compute_effect(self):
        for consent in self:
            # sudo: on what the programme rests, for its participants
            consent.effect = consent.sudo().program_id._get_withdrawal_effect()

    @api.model
    def give(self, review_id, version):
        """Agree to the words of a programme as the current user read them on his own review."""
        review = self.env["hr.performance.review"].search(
            Domain("id", "=", review_id) & Domain("is_own", "=", True)
        )
        if not review:
            raise AccessError(self.env._("Everybody agrees for himself."))
        # sudo: what the programme says, for its participants
        program = review.sudo().program_id
        if not program.consent_asked or program.consent_version != version:
            raise UserError(self.env._("The words have changed. Read them again, then agree."))
        employee = review.sudo().employee_id
        # sudo: nobody writes consents but this method, which speaks for its own user alone
        consents = self.sudo()
        domain = Domain("program_id", "=", program.id) & Domain("employee_id", "=", employee.id)
        domain &= Domain("version", "=", version) & Domain("withdrawn_on", "=", False)
        if not consents.search_count(domain, limit=1):
            consents.create(
                {
                    "program_id": program.id,
                    "employee_id": employee.id,
                    "version": version,
                    "text": program.with_context(lang=self.env.user.lang).consent_text,
                    "given_on": fields.Datetime.now(),
                }
            )
        return True

    def action_withdraw(self):
        """Take the consent back; for the future, as what was done with it stays lawful."""
        self.check_access("read")
        if any(not consent.is_own for consent in self):
            raise AccessError(self.env._("Everybody takes back his own consent."))
        # sudo: as above
        given = self.sudo().filtered(lambda consent: not consent.withdrawn_on)
        given.withdrawn_on = fields.Datetime.now()
        given._stop_polls()
        given._tell_responsible()
        given._create_tasks()
        return True

    def _stop_polls(self):
        """His 360° reviews that run end without a result."""
        Poll = self.env["hr.performance.poll"]
        for consent in self:
            polls = Poll.search(
                Domain("employee_id", "=", consent.employee_id.id)
                & Domain("cycle_id.program_id", "=", consent.program_id.id)
                & Domain("state", "!=", "closed")
            )
            polls._stop()

    def _tell_responsible(self):
        self.env["hr.performance.message"]._queue(
            "consent_withdrawn",
            [
                {
                    "user": consent.program_id.user_id,
                    "key": f"consent {consent.id}",
                    "record": consent,
                    "values": {
                        "employee": consent.employee_id.name,
                        "program": consent.program_id.name,
                        "next": lambda env, c=consent: c.with_env(env)._get_next_step(),
                    },
                }
                for consent in self
                if consent.program_id.user_id
            ],
        )

    def _get_next_step(self):
        """What HR has to do now, in the language of the reader."""
        if self.program_id.consent_basis == "consent":
            return self.env._(
                "The reviews of this programme rest on consent: end the running review of this "
                "person, or say on what else it rests. A task was made for it."
            )
        return self.env._(
            "The reviews of this programme rest on the employment contract: they go on, and "
            "nothing else has to stop."
        )

    def _create_tasks(self):
        """Where a programme rests on consent, HR has to end what runs without it."""
        kind = self.env.ref("hr_performance.mail_activity_type_consent")
        today = fields.Date.context_today(self)
        model = self.env["ir.model"]._get_id("hr.performance.program")
        rows = []
        for consent in self.filtered(lambda c: c.program_id.consent_basis == "consent"):
            user = consent.program_id.user_id.filtered("active") or consent._get_administrator()
            _ = consent.with_context(lang=user.lang).env._
            rows.append(
                {
                    "activity_type_id": kind.id,
                    "res_model_id": model,
                    "res_id": consent.program_id.id,
                    "automated": True,
                    "user_id": user.id,
                    "date_deadline": today,
                    "summary": _(
                        "%s took the consent back: end the running review",
                        consent.employee_id.name,
                    ),
                }
            )
        activities = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        activities.create([row for row in rows if row["user_id"]])

    def _get_administrator(self):
        group = self.env.ref("hr_performance.group_hr_performance_manager")
        return self.env["res.users"].search(
            [("all_group_ids", "in", group.id), ("company_ids", "in", self.company_id.id)],
            order="id",
            limit=1,
        )
