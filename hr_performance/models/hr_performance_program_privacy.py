from odoo import fields, models


class HrPerformanceProgram(models.Model):
    """What the participants are told about their data, and whether they are asked to agree."""

    _inherit = "hr.performance.program"

    consent_asked = fields.Boolean(
        "Ask for Consent",
        help="Employees read the words on their own page and agree there, or take it back.",
    )
    consent_text = fields.Html(
        "What is done with the Data",
        translate=True,
        help="Which data is used for what, who sees it, and how long it is kept.",
    )
    consent_version = fields.Integer(
        "Version of the Words",
        default=1,
        readonly=True,
        copy=False,
        aggregator=None,
        help="Other words are another version, to which everybody is asked to agree again.",
    )
    consent_ids = fields.One2many("hr.performance.consent", "program_id")

    def write(self, vals):
        before = {program: program.consent_text for program in self}
        result = super().write(vals)
        if "consent_text" in vals:
            for program in self:
                if program.consent_text != before[program] and program.consent_ids:
                    program.consent_version += 1
        return result
