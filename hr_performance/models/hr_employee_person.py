from odoo import models
from odoo.tools import email_normalize


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    def _get_person_marks(self):
        """``{employee id: what makes him recognisable}``, his accounts and other records included.

        See :meth:`res.users._is_same_person`.
        """
        employees = self.sudo()  # sudo: the marks are compared and leave the caller in no other way
        accounts = employees.user_id._get_person_marks()
        marks = {
            employee.id: employee._get_own_marks() | accounts.get(employee.user_id.id, set())
            for employee in employees
        }
        return self.env["res.users"]._leave_out_shared(marks)

    def _get_own_marks(self):
        """Marks of one employee record alone."""
        marks = {("user", self.user_id.id), ("partner", self.work_contact_id.id)}
        marks |= get_address_marks(self.work_email, self.private_email)
        number = (self.identification_id or "").strip()
        return {mark for mark in {*marks, ("identity", number)} if mark[1]}


def get_address_marks(*addresses):
    """Marks of the mail addresses among these texts."""
    normal = (email_normalize(address or "") for address in addresses)
    return {("address", address) for address in normal if address}
