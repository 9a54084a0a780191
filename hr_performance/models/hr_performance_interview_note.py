from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class HrPerformanceInterviewNote(models.Model):
    """What a manager writes about an interview for himself.

    A model of its own without chatter, files or a name, which no other model points to, in plain
    text, so that no picture of it becomes a file: a record rule without group lets its author reach
    it and nobody else, whatever his rights, and not even him where he is the employee himself.
    """

    _name = "hr.performance.interview.note"
    _description = "Private Note"
    _rec_name = "id"
    _order = "id"

    interview_id = fields.Many2one(
        "hr.performance.interview", required=True, readonly=True, index=True, ondelete="cascade"
    )
    review_id = fields.Many2one(related="interview_id.review_id")
    company_id = fields.Many2one(related="interview_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        "Author",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
        ondelete="cascade",
    )
    text = fields.Text(required=True)

    _author_unique = models.UniqueIndex(
        "(interview_id, user_id)", "There is a note of yours about this interview already."
    )

    @api.model
    def _get_own(self, interviews):
        """``{interview id: text}`` of the notes of the current user."""
        notes = self.search(
            Domain("interview_id", "in", interviews.ids) & Domain("user_id", "=", self.env.uid)
        )
        return {note.interview_id.id: note.text for note in notes}

    @api.model
    def _put(self, interview, text):
        """Write, change or empty the current user's note about an interview."""
        note = self.search(
            Domain("interview_id", "=", interview.id) & Domain("user_id", "=", self.env.uid)
        )
        if not (text or "").strip():
            note.unlink()
        elif note:
            note.text = text
        else:
            self.create({"interview_id": interview.id, "text": text})

    @api.model_create_multi
    def create(self, vals_list):
        notes = super().create([{**vals, "user_id": self.env.uid} for vals in vals_list])
        notes._check_author()
        return notes

    def write(self, vals):
        if vals.keys() - {"text"}:
            raise AccessError(self.env._("A private note stays with its interview and author."))
        self._check_author()
        return super().write(vals)

    def _check_author(self):
        for note in self:
            # sudo: whose interview it is
            interview = note.sudo().interview_id.with_user(self.env.user)
            interview.check_access("read")
            if not interview._get_roles() & {"manager", "hr"}:
                raise AccessError(self.env._("Private notes are for those who lead the employee."))
