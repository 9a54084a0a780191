from odoo import api, fields, models


class HrPerformanceAttachmentMixin(models.AbstractModel):
    """Files of a record: whoever reads the record reads them, and nobody else."""

    _name = "hr.performance.attachment.mixin"
    _description = "Files of a Record"

    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    attachment_count = fields.Integer("Number of Files", compute="_compute_attachment_count")

    @api.depends("attachment_ids")
    def _compute_attachment_count(self):
        for record in self:
            record.attachment_count = len(record.attachment_ids)

    def _take_attachments(self):
        """Bind uploaded files to their record, so that whoever reads it reads them.

        Only the writer's own uploads that are bound to nothing are taken.
        """
        for record in self:
            # sudo: a plain user may not change a file's owner; what is taken is checked here
            files = record.sudo().attachment_ids.filtered(
                lambda file: file.res_model in (False, self._name)
                and not file.res_id
                and file.create_uid == self.env.user
            )
            files.write({"res_model": self._name, "res_id": record.id})
