from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

OFFICER = "hr_performance.group_hr_performance_user"
#: What the giver writes, as long as he may correct himself.
GIVER_FIELDS = {"rating", "text", "metric_id", "dimension_id", "date"}
#: What the employee writes about feedback that he may read.
SUBJECT_FIELDS = {"reply"}
#: Written by the engine alone.
ENGINE_FIELDS = {
    "giver_id",
    "relation",
    "released",
    "released_on",
    "released_by_id",
    "source_name",
    "company_id",
    "reply",
}
#: How long the giver may correct what the employee reads already.
CORRECTION_TIME = timedelta(hours=24)


class HrPerformanceFeedback(models.Model):
    """What somebody tells an employee about his work, at once, with or without a rating.

    It is shown beside the line that it concerns and changes no score. Its giver is always the
    current user. Feedback that is not released is closed to the employee by a record rule, in
    whatever role he asks.
    """

    _name = "hr.performance.feedback"
    _description = "Feedback"
    _inherit = ["hr.performance.access.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    employee_id = fields.Many2one(
        "hr.employee", "For", required=True, index=True, ondelete="cascade"
    )
    giver_id = fields.Many2one(
        "res.users",
        "Given by",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    relation = fields.Selection(
        [
            ("manager", "Manager"),
            ("hr", "HR"),
            ("asked", "Asked"),
            ("colleague", "Colleague"),
        ],
        readonly=True,
        copy=False,
        help="What the giver was to the employee when he gave it.",
    )
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True, precompute=True
    )
    date = fields.Date(required=True, default=lambda self: self._default_date())
    rating = fields.Selection(
        [
            ("0", "No rating"),
            ("1", "Far from good"),
            ("2", "Needs work"),
            ("3", "Good"),
            ("4", "Very good"),
            ("5", "Excellent"),
        ],
        default="0",
    )
    text = fields.Text("Feedback", required=True)
    metric_id = fields.Many2one(
        "hr.performance.metric", index="btree_not_null", ondelete="set null", check_company=True
    )
    dimension_id = fields.Many2one(
        "hr.performance.dimension",
        compute="_compute_dimension_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
    )
    res_model = fields.Char("Record Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    source_name = fields.Char(readonly=True, copy=False)
    source_text = fields.Char("About", compute="_compute_source_text")
    request_id = fields.Many2one(
        "hr.performance.feedback.request",
        "Answers",
        index="btree_not_null",
        copy=False,
        ondelete="set null",
    )
    released = fields.Boolean(
        "Visible to the Employee", readonly=True, copy=False, index="btree_not_null"
    )
    released_on = fields.Datetime(readonly=True, copy=False)
    released_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="set null")
    reply = fields.Text(copy=False, help="What the employee answers. The giver reads it.")
    plan_ids = fields.One2many("hr.performance.plan", "feedback_id", "Plans")
    can_edit = fields.Boolean(compute="_compute_can")
    can_release = fields.Boolean(compute="_compute_can")
    can_reply = fields.Boolean(compute="_compute_can")
    can_plan = fields.Boolean(compute="_compute_can")

    _employee_idx = models.Index("(employee_id, date)")

    @api.model
    def _default_date(self):
        return self.env.company._get_performance_today()

    @api.depends("metric_id")
    def _compute_dimension_id(self):
        for feedback in self:
            feedback.dimension_id = feedback.metric_id.dimension_id or feedback.dimension_id

    @api.depends("employee_id", "date")
    def _compute_display_name(self):
        for feedback in self:
            feedback.display_name = f"{feedback.employee_id.name}, {feedback.date}"

    @api.depends("source_name", "res_model", "res_id")
    def _compute_source_text(self):
        for feedback in self:
            name = feedback.source_name
            if not name and not feedback.id and feedback.res_model in self.env:
                # about to be given: the record that the form was opened from
                record = self.env[feedback.res_model].browse(feedback.res_id)
                name = record.has_access("read") and record.display_name
            feedback.source_text = name or False

    @api.depends("employee_id", "giver_id", "released")
    @api.depends_context("uid")
    def _compute_can(self):
        for feedback in self:
            feedback.can_edit = not feedback._get_edit_problem()
            feedback.can_release = bool(feedback.id) and not feedback._get_release_problem()
            feedback.can_reply = feedback.is_own and feedback.released
            feedback.can_plan = bool(feedback.id) and bool(
                feedback.is_own or feedback.has_manager_access or self.env.user.has_group(OFFICER)
            )

    @api.constrains("date")
    def _check_date(self):
        for feedback in self:
            if feedback.date > feedback.company_id._get_performance_today():
                raise ValidationError(
                    self.env._("Feedback is about what was, not about the future.")
                )

    @api.constrains("text")
    def _check_text(self):
        if any(not feedback.text.strip() for feedback in self):
            raise ValidationError(self.env._("Write what was good, or what could be better."))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                forged = vals.keys() & ENGINE_FIELDS
                if forged - {"giver_id"} or vals.get("giver_id", self.env.uid) != self.env.uid:
                    raise AccessError(
                        self.env._("Feedback is given in one's own name, and released afterwards.")
                    )
            self = self._without_defaults(ENGINE_FIELDS)
        feedbacks = super().create(
            [{**vals, "giver_id": self.env.uid, "released": False} for vals in vals_list]
        )
        feedbacks._check_entitled()
        feedbacks._take_source()
        feedbacks._release_where_direct()
        # sudo: a request is answered by what was just given
        feedbacks.sudo().request_id._note_answer()
        return feedbacks

    def write(self, vals):
        if not self.env.su:
            self._check_writable(vals)
        return super().write(vals)

    def _check_writable(self, vals):
        for feedback in self:
            allowed = SUBJECT_FIELDS if feedback.is_own and feedback.released else set()
            if vals.keys() - allowed:
                if problem := feedback._get_edit_problem():
                    raise AccessError(problem)
                allowed = GIVER_FIELDS
            if vals.keys() - allowed:
                raise AccessError(
                    self.env._("Feedback stays with whom it is for. Take it back and give it anew.")
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_read(self):
        for feedback in self:
            if problem := feedback._get_edit_problem():
                raise AccessError(problem)

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def _get_edit_problem(self):
        """Why the current user cannot correct the feedback, in a sentence; False if he can."""
        self.ensure_one()
        if self.env.su or not self.id:
            return False
        if self.giver_id != self.env.user:
            return self.env._("Feedback is corrected by whoever gave it.")
        now = fields.Datetime.now()
        if self.released and self.released_on + CORRECTION_TIME < now:
            return self.env._("The employee has had it for a day; it stands. Give another one.")
        return False

    def _get_release_problem(self):
        """Why the current user cannot release the feedback, in a sentence; False if he can."""
        self.ensure_one()
        if self.released:
            return self.env._("The employee sees it already.")
        if self.env.su:
            return False
        if self.is_own:
            return self.env._("Nobody releases feedback for himself.")
        if self.has_manager_access or self.env.user.has_group(OFFICER):
            return False
        return self.env._("The manager or HR releases feedback.")

    def _check_entitled(self):
        """Refuse feedback of people who are not entitled, and note what the others are.

        Managers are for their people, HR for everybody, anybody for whom he was asked about, and
        colleagues where their company allows it.
        """
        asked = self._get_open_requests()
        for feedback in self:
            request = asked.get((feedback.employee_id.id, feedback.giver_id.id))
            if feedback.request_id and feedback.request_id != request:
                # the one that is named decides, not the first one that is open
                request = self._check_request(feedback)
            relation = feedback._get_relation(request)
            if not relation:
                raise AccessError(
                    self.env._(
                        "You cannot give feedback to %(employee)s: you do not lead him, and "
                        "nobody asked you.",
                        employee=feedback.employee_id.name,
                    )
                )
            # sudo: noted by the engine
            feedback.sudo().write(
                {"relation": relation, "request_id": request.id if request else False}
            )

    def _get_open_requests(self):
        """``{(employee id, user id): request}`` that wait for the current user."""
        requests = (
            self.env["hr.performance.feedback.request"]
            .sudo()  # sudo: his own ones only
            .search(
                [
                    ("giver_id", "=", self.env.uid),
                    ("employee_id", "in", self.employee_id.ids),
                    ("state", "=", "asked"),
                ],
                order="id desc",
            )
        )
        return {(r.employee_id.id, r.giver_id.id): r for r in requests}

    def _check_request(self, feedback):
        request = feedback.sudo().request_id  # sudo: checked here
        fits = (
            request.giver_id == feedback.giver_id
            and request.employee_id == feedback.employee_id
            and request.state == "asked"
        )
        if not fits:
            raise AccessError(self.env._("You were not asked for this feedback."))
        return request

    def _get_relation(self, request):
        self.ensure_one()
        if self.env.su:
            return "hr"
        # sudo: whose user it is, and in which companies the giver works
        person, giver = self.sudo().employee_id, self.env.user.sudo()
        if person.user_id == self.env.user:
            raise AccessError(self.env._("Nobody gives feedback to himself."))
        if self.has_manager_access:
            return "manager"
        if request:
            return "asked"
        if self.env.user.has_group(OFFICER):
            return "hr"
        is_colleague = person.company_id in giver.employee_ids.company_id
        return "colleague" if is_colleague and person.company_id.performance_feedback_open else None

    # ------------------------------------------------------------
    # Release
    # ------------------------------------------------------------

    def action_release(self):
        """Let the employees see it now."""
        self.check_access("read")
        for feedback in self:
            if problem := feedback._get_release_problem():
                raise (UserError if feedback.released else AccessError)(problem)
        self._release()
        return True

    def _release(self):
        # sudo: the right was checked, or the programme says so
        held = self.sudo().filtered(lambda feedback: not feedback.released)
        held.write(
            {
                "released": True,
                "released_on": fields.Datetime.now(),
                "released_by_id": self.env.uid,
            }
        )
        held._tell_received()

    def _release_where_direct(self):
        """Release at once what the programme, or else the company, does not hold back."""
        # sudo: a setting of the company, which its people may not open
        held = self._get_holding_programs()
        self.filtered(
            lambda feedback: (
                held.get(feedback.id, feedback.sudo().company_id.performance_feedback_release)
                == "direct"
            )
        )._release()

    def _get_holding_programs(self):
        """``{feedback id: direct or release}`` where the programme of its period says one.

        Where two programmes differ, the one that holds back counts.
        """
        # sudo: how the employee's programmes handle feedback, for whoever gives it
        reviews = (
            self.env["hr.performance.review"]
            .sudo()
            .search(
                Domain("employee_id", "in", self.employee_id.ids)
                & Domain("state", "!=", "cancelled")
                & Domain("program_id.feedback_release", "!=", False)
                & Domain("date_to", ">=", min(self.mapped("date"), default=False))
            )
        )
        says = defaultdict(set)
        for feedback in self:
            for review in reviews.filtered(lambda r, f=feedback: r.employee_id == f.employee_id):
                if review.date_from <= feedback.date <= review.date_to:
                    says[feedback.id].add(review.program_id.feedback_release)
        return {key: "release" if "release" in values else "direct" for key, values in says.items()}

    # ------------------------------------------------------------
    # The record that it is about
    # ------------------------------------------------------------

    def _take_source(self):
        """Keep the name of the linked record; only who may read a record links to it."""
        for feedback in self.filtered("res_model"):
            if feedback.res_model not in self.env or not feedback.res_id:
                raise UserError(self.env._("The linked record does not exist."))
            record = self.env[feedback.res_model].browse(feedback.res_id)
            record.check_access("read")
            # sudo: noted by the engine, once
            feedback.sudo().source_name = record.display_name

    def action_open_source(self):
        """Open the record that the feedback is about, with the reader's own rights."""
        self.ensure_one()
        self.check_access("read")
        if not self.res_model or self.res_model not in self.env:
            raise UserError(self.env._("This feedback is about no record."))
        self.env[self.res_model].browse(self.res_id).check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # From feedback to a plan
    # ------------------------------------------------------------

    def action_create_plan(self):
        """Make a plan of the feedback, or open the one that it has already."""
        self.ensure_one()
        self.check_access("read")
        plan = self.plan_ids[:1] or self.env["hr.performance.plan"]._create_from_feedback(self)
        return plan.action_open()

    # ------------------------------------------------------------
    # Beside the scores
    # ------------------------------------------------------------

    @api.model
    def _get_by_review(self, reviews):
        """``{review: feedback of its period}``, as far as the reader may see it, in one query."""
        if not reviews:
            return {}
        found = self.search(
            Domain("employee_id", "in", reviews.employee_id.ids)
            & Domain("date", ">=", min(reviews.mapped("date_from")))
            & Domain("date", "<=", max(reviews.mapped("date_to")))
        )
        by_employee = found.grouped("employee_id")
        return {
            review: by_employee.get(review.employee_id, found.browse()).filtered(
                lambda feedback, r=review: r.date_from <= feedback.date <= r.date_to
            )
            for review in reviews
        }

    # ------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------

    def _tell_received(self):
        self.env["hr.performance.message"]._queue(
            "feedback_received",
            [
                {
                    "user": feedback.employee_id.user_id,
                    "key": str(feedback.id),
                    "record": feedback,
                    "values": {
                        "employee": feedback.employee_id.name,
                        "giver": feedback.giver_id.name,
                        "text": feedback.text,
                    },
                }
                for feedback in self
                if feedback.employee_id.user_id
            ],
        )
