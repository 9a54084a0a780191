from odoo import api, models

from .hr_employee_person import get_address_marks

#: A mailbox that more contacts share names a group of people, not one of them.
MAX_SHARED = 3


class ResUsers(models.Model):
    """Whether two accounts are the same person.

    People who decide about others have, now and then, a second account or an employee record in
    another company. Nobody becomes his own judge by it: account, contact, mail addresses and the
    number of the identity card are compared.
    """

    _inherit = "res.users"

    def _is_same_person(self, employee):
        """Whether this user is this employee, through whatever account."""
        self.ensure_one()
        marks = employee._get_person_marks().get(employee.id, set())
        return self._share_person(self._get_person_marks()[self.id], marks)

    def _get_person_marks(self):
        """``{user id: what makes him recognisable}``, in a few queries for all of them."""
        # sudo: the marks are compared and leave the caller in no other way
        users = self.sudo().with_context(active_test=False)
        employees = users.env["hr.employee"].search([("user_id", "in", users.ids)])
        records = employees.grouped("user_id")
        result = {}
        for user in users:
            result[user.id] = {("user", user.id), ("partner", user.partner_id.id)}
            result[user.id] |= get_address_marks(user.email, user.login)
            for employee in records.get(user, ()):
                result[user.id] |= employee._get_own_marks()
        return self._leave_out_shared(result)

    @api.model
    def _leave_out_shared(self, marks):
        """The same marks without mailboxes of groups, in one query for all of them."""
        addresses = {value for own in marks.values() for kind, value in own if kind == "address"}
        # sudo: how many share a mailbox
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        groups = partners._read_group(
            [("email_normalized", "in", list(addresses))],
            ["email_normalized"],
            having=[("__count", ">", MAX_SHARED)],
        )
        shared = {("address", address) for (address,) in groups}
        return {key: own - shared for key, own in marks.items()}

    @api.model
    def _share_person(self, marks, others):
        """Whether two sets of marks are those of one person."""
        return bool(marks & others)
