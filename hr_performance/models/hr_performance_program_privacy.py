from odoo import fields, models


class HrPerformanceProgram(models.Model):
    """What the participants are told about their data, and whether they are asked to agree."""

    _inherit = "hr.performance.program"

    consent_asked = fields.Boolean(
        "Ask for Consent",
        help="Employees read the words on their own page and agree there, or take it back.",
    )
    consent_basis = fields.Selection(
        [
            ("duty", "Employment contract and legal duties"),
            ("consent", "Consent of the employee"),
        ],
        "Reviews Rest on",
        default="duty",
        required=True,
        help="What makes these reviews lawful. On the contract: a consent covers what goes beyond, "
        "such as 360° reviews, and the reviews go on without it. On consent: HR gets a task as "
        "soon as somebody takes it back.",
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

    def _get_withdrawal_effect(self):
        """What taking a consent back does and does not do, to the employee."""
        self.ensure_one()
        if self.consent_basis == "consent":
            return self.env._(
                "If you take it back, a running 360° review about you ends without a result, and "
                "HR gets the task to end your running review as well. Results that are out stay: "
                "what was done before was lawful."
            )
        return self.env._(
            "If you take it back, a running 360° review about you ends without a result, and HR is "
            "told. The review by your manager goes on: it rests on your employment contract, not "
            "on your consent. Results that are out stay."
        )
