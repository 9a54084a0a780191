from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

OFFICER = "hr_performance.group_hr_performance_user"
#: What the asker changes while nobody has answered; what the asked person writes.
ASKER_FIELDS = {"question", "deadline"}
GIVER_FIELDS = {"decline_reason"}
ENGINE_FIELDS = {"state", "requester_id", "closed_on", "company_id"}
REMIND_DAYS = 2


class HrPerformanceFeedbackRequest(models.Model):
    """One person asked for feedback about an employee, by the employee, his manager or HR."""

    _name = "hr.performance.feedback.request"
    _description = "Feedback Request"
    _inherit = ["hr.performance.access.mixin"]
    _order = "deadline, id"
    _check_company_auto = True

    employee_id = fields.Many2one(
        "hr.employee",
        "About",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user.employee_id,
    )
    requester_id = fields.Many2one(
        "res.users",
        "Asked by",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        default=lambda self: self.env.user,
        ondelete="cascade",
    )
    giver_id = fields.Many2one(
        "res.users",
        "Asked",
        required=True,
        index=True,
        domain="[('share', '=', False)]",
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True, precompute=True
    )
    question = fields.Text(help="What you would like to hear about.")
    metric_id = fields.Many2one(
        "hr.performance.metric", index="btree_not_null", ondelete="set null", check_company=True
    )
    dimension_id = fields.Many2one(
        "hr.performance.dimension", index="btree_not_null", ondelete="set null"
    )
    deadline = fields.Date("Until", required=True, default=lambda self: self._default_deadline())
    state = fields.Selection(
        [
            ("asked", "Asked"),
            ("answered", "Answered"),
            ("declined", "Declined"),
            ("cancelled", "Taken Back"),
        ],
        default="asked",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    closed_on = fields.Date(readonly=True, copy=False)
    decline_reason = fields.Char(
        "Reason", copy=False, help="Why you decline. Who asked you reads it."
    )
    feedback_ids = fields.One2many("hr.performance.feedback", "request_id", "Answers")
    is_for_me = fields.Boolean(compute="_compute_can")
    is_mine = fields.Boolean(compute="_compute_can")
    is_late = fields.Boolean(compute="_compute_is_late")

    _waiting_idx = models.Index("(deadline) WHERE state = 'asked'")

    @api.model
    def _default_deadline(self):
        return fields.Date.add(self.env.company._get_performance_today(), days=7)

    @api.depends("employee_id", "giver_id")
    def _compute_display_name(self):
        for request in self:
            request.display_name = self.env._(
                "%(giver)s about %(employee)s",
                giver=request.giver_id.name,
                employee=request.employee_id.name,
            )

    @api.depends("giver_id", "requester_id", "state")
    @api.depends_context("uid")
    def _compute_can(self):
        for request in self:
            waits = request.state == "asked"
            request.is_for_me = waits and request.giver_id == self.env.user
            request.is_mine = waits and request.requester_id == self.env.user

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        today = {company: company._get_performance_today() for company in self.company_id}
        for request in self:
            due = request.deadline if request.state == "asked" else None
            request.is_late = bool(due and due < today.get(request.company_id, due))

    @api.constrains("giver_id", "employee_id")
    def _check_giver(self):
        for request in self:
            # sudo: whose user it is
            if request.giver_id == request.sudo().employee_id.user_id:
                raise ValidationError(self.env._("Nobody gives feedback to himself."))
            giver = request.giver_id.sudo()
            if giver.share or request.company_id not in giver.company_ids:
                raise ValidationError(
                    self.env._("%s does not work in this company.", request.giver_id.name)
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(
            vals.keys() & ENGINE_FIELDS and vals.get("requester_id") != self.env.uid
            for vals in vals_list
        ):
            raise AccessError(self.env._("Everybody asks in his own name."))
        requests = super().create(
            [{**vals, "requester_id": self.env.uid, "state": "asked"} for vals in vals_list]
        )
        for request in requests:
            if not self.env.su and not (
                request.is_own or request.has_manager_access or self.env.user.has_group(OFFICER)
            ):
                raise AccessError(
                    self.env._("You can ask about yourself and about the people you lead.")
                )
            if request.deadline < request.company_id._get_performance_today():
                raise UserError(self.env._("The day lies in the past."))
        requests._tell_asked()
        return requests

    def write(self, vals):
        if not self.env.su:
            for request in self:
                allowed = ASKER_FIELDS if request.is_mine else set()
                allowed = allowed | (GIVER_FIELDS if request.is_for_me else set())
                if vals.keys() - allowed:
                    raise AccessError(self.env._("The request cannot be changed any more."))
        return super().write(vals)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_answer(self):
        """Open the feedback form with what was asked."""
        self.ensure_one()
        self._check_waiting(self.giver_id, self.env._("You were not asked."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give Feedback"),
            "res_model": "hr.performance.feedback",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_employee_id": self.employee_id.id,
                "default_metric_id": self.metric_id.id,
                "default_dimension_id": self.dimension_id.id,
                "default_request_id": self.id,
            },
        }

    def action_decline(self):
        """Say no; the reason, where there is one, is read by who asked."""
        for request in self:
            request._check_waiting(request.giver_id, self.env._("You were not asked."))
        self._close("declined")
        self._tell_closed()
        return True

    def action_cancel(self):
        """Take the request back."""
        for request in self:
            request._check_waiting(request.requester_id, self.env._("You did not ask this."))
        self._close("cancelled")
        return True

    def _check_waiting(self, user, problem):
        self.ensure_one()
        self.check_access("read")
        if self.env.user != user:
            raise AccessError(problem)
        if self.state != "asked":
            raise UserError(self.env._("The request is answered, declined or taken back."))

    def _close(self, state):
        # sudo: the right was checked; the state is written here alone
        self.sudo().write({"state": state, "closed_on": self.env.company._get_performance_today()})

    def _note_answer(self):
        waiting = self.filtered(lambda request: request.state == "asked")
        waiting._close("answered")
        waiting._tell_closed()

    # ------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Remind of requests that are nearly due, and of those that are over. Once each."""
        soon = fields.Date.context_today(self) + timedelta(days=REMIND_DAYS + 1)
        waiting = self.search(Domain("state", "=", "asked") & Domain("deadline", "<=", soon))
        today = {company: company._get_performance_today() for company in waiting.company_id}
        items = []
        for request in waiting:
            day = today[request.company_id]
            if request.deadline - timedelta(days=REMIND_DAYS) <= day:
                kind = "late" if request.deadline < day else "due"
                items.append(request._prepare_message(request.giver_id, f"{request.id}-{kind}"))
        self.env["hr.performance.message"]._queue("feedback_due", items)

    def _tell_asked(self):
        self.env["hr.performance.message"]._queue(
            "feedback_asked",
            [r._prepare_message(r.giver_id, str(r.id)) for r in self],
        )

    def _tell_closed(self):
        """Who asked hears that it was answered or declined; not what was said."""
        # sudo: a name and an outcome for the two who know of the request
        self.env["hr.performance.message"]._queue(
            "feedback_closed",
            [
                {
                    **request._prepare_message(request.requester_id, str(request.id)),
                    "values": {
                        "giver": request.giver_id.name,
                        "employee": request.sudo().employee_id.name,
                        "outcome": lambda env, r=request: dict(
                            r._fields["state"]._description_selection(env)
                        )[r.sudo().state],
                    },
                    "condition": None,
                }
                for request in self
            ],
        )

    def _prepare_message(self, user, key):
        self.ensure_one()
        return {
            "user": user,
            "key": key,
            "record": self,
            "values": {
                "giver": self.giver_id.name,
                "employee": self.employee_id.name,
                "requester": self.requester_id.name,
                "question": self.question or "",
                "deadline": self.deadline,
            },
            "condition": [("state", "=", "asked")],
        }
