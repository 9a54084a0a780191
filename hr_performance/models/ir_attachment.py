from odoo import models
from odoo.exceptions import AccessError


class IrAttachment(models.Model):
    """The files of a record of ours change as long as the record itself may be changed.

    Core asks whether somebody may write the record at all. What was submitted and decided by these
    files would be another thing afterwards.
    """

    _inherit = "ir.attachment"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if operation == "read" or self.env.su:
            return result
        forbidden = result[0] if result else self.browse()
        standing = (self - forbidden)._filter_standing()
        if not standing:
            return result
        return forbidden | standing, lambda: AccessError(
            self.env._("The files stand as they were submitted.")
        )

    def _filter_standing(self):
        """Those that belong to records that the user may not change any more."""
        # sudo: to which record a file belongs
        known = self.sudo()
        standing = self.browse()
        for model, files in known.grouped("res_model").items():
            if model and model in self.env and hasattr(self.env[model], "_take_attachments"):
                records = self.env[model].browse(set(files.mapped("res_id"))).exists()
                closed = records.filtered(lambda record: not record.can_edit)
                # sudo: which of the files it took
                standing |= files.sudo(False) & closed.sudo().attachment_ids.sudo(False)
        return standing
