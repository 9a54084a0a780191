import hashlib
import json

from odoo import api, fields, models
from odoo.fields import Domain


class HrPerformanceImportProfile(models.Model):
    """How the columns of a file were mapped the last time, to be proposed the next time."""

    _name = "hr.performance.import.profile"
    _description = "Remembered Mapping of an Import"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    target = fields.Char(required=True)
    headers_key = fields.Char(required=True)
    choices = fields.Json(required=True, export_string_translation=False)

    _headers_unique = models.UniqueIndex(
        "(company_id, target, headers_key)", "This mapping is remembered already."
    )

    @api.model
    def _get_headers_key(self, headers):
        return hashlib.sha256(json.dumps(list(headers)).encode()).hexdigest()

    @api.model
    def _search_for(self, wizard, headers):
        return self.search(
            Domain("company_id", "=", wizard.company_id.id)
            & Domain("target", "=", wizard.target)
            & Domain("headers_key", "=", self._get_headers_key(headers)),
            limit=1,
        )

    @api.model
    def _recall(self, wizard, headers):
        """``{index of the column: values of its choice}`` of the last import with these headers."""
        profile = self._search_for(wizard, headers)
        choices = profile.choices or {}
        used = [vals["metric_id"] for vals in choices.values()]
        metrics = self.env["hr.performance.metric"].search([("id", "in", used)]).ids
        return {
            int(index): vals
            for index, vals in choices.items()
            if vals["metric_id"] in [False, *metrics]
        }

    @api.model
    def _remember(self, wizard):
        """Keep the mapping of a finished import."""
        headers, role = wizard._read_head()[0], f"{wizard.target}_role"
        choices = {
            str(column.index): {role: column[role], "metric_id": column.metric_id.id}
            for column in wizard.column_ids
            if column[role]
        }
        profile = self._search_for(wizard, headers)
        if profile:
            profile.choices = choices
        else:
            self.create(
                {
                    "company_id": wizard.company_id.id,
                    "target": wizard.target,
                    "headers_key": self._get_headers_key(headers),
                    "choices": choices,
                }
            )
