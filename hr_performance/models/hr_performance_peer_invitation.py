from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .hr_performance_perspective import CHOSEN, PERSPECTIVES


class HrPerformancePeerInvitation(models.Model):
    """Somebody proposed or invited to look at the work of an employee.

    An approved invitation gives one ballot to its user, and never another one. It does not know
    whether he used it.
    """

    _name = "hr.performance.peer.invitation"
    _description = "360° Invitation"
    _inherit = ["hr.performance.access.mixin", "hr.performance.bulk.mixin"]
    _order = "poll_id, perspective, reviewer_id"

    poll_id = fields.Many2one(
        "hr.performance.poll", "360° Review", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="poll_id.company_id", store=True, index=True, precompute=True
    )
    employee_id = fields.Many2one(
        related="poll_id.employee_id", store=True, index=True, precompute=True, string="About"
    )
    manager_id = fields.Many2one(related="poll_id.manager_id", store=True, precompute=True)
    reviewer_id = fields.Many2one(
        "hr.employee", "Who Answers", required=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    perspective = fields.Selection(
        [row for row in PERSPECTIVES if row[0] in CHOSEN],
        compute="_compute_perspective",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("approved", "Invited"),
            ("refused", "Refused"),
        ],
        default="proposed",
        required=True,
        readonly=True,
        index=True,
    )
    poll_state = fields.Selection(related="poll_id.state", string="State of the 360° Review")
    can_approve = fields.Boolean(compute="_compute_can_approve")

    _reviewer_unique = models.UniqueIndex("(poll_id, user_id)", "This person is proposed already.")

    @api.depends("reviewer_id", "poll_id")
    def _compute_perspective(self):
        for invitation in self:
            if invitation.reviewer_id and invitation.poll_id:
                invitation.perspective = invitation.poll_id._get_relation(invitation.reviewer_id)

    @api.depends("reviewer_id")
    def _compute_display_name(self):
        for invitation in self:
            invitation.display_name = invitation.reviewer_id.name

    @api.depends("state", "poll_id")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        for invitation in self:
            invitation.can_approve = (
                invitation.state == "proposed" and not invitation._get_approval_problem()
            )

    @api.constrains("reviewer_id", "poll_id")
    def _check_reviewer(self):
        for invitation in self:
            # sudo: who he is, for whoever proposes him
            reviewer, poll = invitation.sudo().reviewer_id, invitation.sudo().poll_id
            if reviewer in poll.employee_id | poll.manager_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s answers anyway, as the employee or as the manager.",
                        name=reviewer.name,
                    )
                )
            if reviewer.company_id != poll.company_id:
                raise ValidationError(
                    self.env._("%(name)s works in another company.", name=reviewer.name)
                )

    # Proposing

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._complete(vals) for vals in vals_list]
        invitations = super().create(vals_list)
        if not self.env.su:
            invitations._check_nominator()
        invitations._check_open()
        sure = invitations.filtered(lambda i: not i._get_approval_problem())
        sure._approve()
        (invitations - sure)._tell_approvers()
        return invitations

    def _tell_approvers(self):
        """One message for each employee, however many people he proposes."""
        items = []
        for poll, group in self.sudo().grouped("poll_id").items():  # sudo: who has to be told
            program = poll.cycle_id.program_id
            manager = poll.manager_id.user_id if program.peer_approval == "manager" else False
            people = ", ".join(group.reviewer_id.mapped("name"))
            items.append(
                {
                    "user": manager or program.user_id,
                    "key": f"proposed {','.join(map(str, group.ids))}",
                    "record": group[:1],
                    "values": {"employee": poll.employee_id.name, "people": people},
                }
            )
        self.env["hr.performance.message"]._queue(
            "peer_proposed", [item for item in items if item["user"]]
        )

    @api.model
    def _complete(self, vals):
        """Bind the invitation to the user of today, and leave its state to the approval."""
        # sudo: the user of an employee; the proposal is checked once it is there
        reviewer = self.env["hr.employee"].sudo().browse(vals.get("reviewer_id"))
        user = reviewer.user_id.filtered("active")
        if reviewer and not user:
            raise UserError(
                self.env._("%(name)s has no user and cannot answer.", name=reviewer.name)
            )
        return {**vals, "user_id": user.id, "state": "proposed"}

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - {"perspective"}:
                raise AccessError(self.env._("Propose somebody else instead, and delete this one."))
            for invitation in self:
                if invitation.state != "proposed" or invitation._get_approval_problem():
                    raise AccessError(self.env._("Whoever approves chooses the perspective."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if not self.env.su:
            self._check_nominator()
        if any(invitation.state != "proposed" for invitation in self):
            raise UserError(self.env._("Who was invited or refused stays on the list."))

    def _check_nominator(self):
        """The employee proposes for himself, his manager or HR for him, as the programme says."""
        officer = self.env.user.has_group("hr_performance.group_hr_performance_user")
        for invitation in self:
            # sudo: a setting of the programme
            rule = invitation.sudo().poll_id.cycle_id.program_id.peer_nomination
            allowed = (
                rule == "employee"
                if invitation.is_own
                else officer or invitation.has_manager_access
            )
            if not allowed:
                raise AccessError(self.env._("You cannot propose anybody for this employee."))

    def _check_open(self):
        for invitation in self:
            if invitation.sudo().poll_id.state != "open":  # sudo: the state only
                raise UserError(self.env._("The 360° review is closed."))

    # Approving

    def action_approve(self):
        self._check_approver()
        self._check_open()
        self._approve()
        return True

    def action_refuse(self):
        self._check_approver()
        # sudo: the right was checked; the state is written nowhere else
        self.sudo().filtered(lambda i: i.state == "proposed").state = "refused"
        return True

    def _check_approver(self):
        self.check_access("read")
        for invitation in self:
            if problem := invitation._get_approval_problem():
                raise AccessError(problem)

    def _get_approval_problem(self):
        """Why the current user does not approve, in a sentence; False if he does."""
        self.ensure_one()
        if self.env.su:
            return False
        if self.is_own:
            return self.env._("Nobody approves who answers about himself.")
        if self.env.user.has_group("hr_performance.group_hr_performance_user"):
            return False
        # sudo: a setting of the programme
        rule = self.sudo().poll_id.cycle_id.program_id.peer_approval
        if rule == "manager" and self.has_manager_access:
            return False
        return self.env._("HR approves who is invited.")

    def _approve(self):
        """Invite those who are proposed: each gets one ballot."""
        # sudo: the right was checked; ballots and states are written by this method alone
        invitations = self.sudo().filtered(lambda i: i.state == "proposed")
        invitations.write({"state": "approved"})
        invitations._give_ballots()

    def _give_ballots(self):
        rows = [i.poll_id._prepare_ballot(i.user_id, i.perspective) for i in self]
        self.poll_id._add_ballots(rows)

    @api.model
    def _invite(self, rows):
        """Invite people in one batch, approved; who is on the list already is left alone."""
        self._bulk_insert(rows, conflict=SQL("poll_id, user_id"))._give_ballots()
