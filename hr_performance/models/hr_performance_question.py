from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .hr_performance_perspective import PERSPECTIVES


class HrPerformanceQuestion(models.Model):
    """What a 360° review or a pulse asks. What was asked stays as it was asked.

    Questions of a template are asked about the people reviewed by it; a template without any asks
    those that belong to no template.
    """

    _name = "hr.performance.question"
    _description = "Question"
    _order = "usage, template_id, sequence, id"

    name = fields.Char("Question", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, aggregator=None)
    usage = fields.Selection(
        [("peer", "360° review"), ("pulse", "Pulse")], "Asked in", default="peer", required=True
    )
    template_id = fields.Many2one(
        "hr.performance.template", index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="cascade",
    )
    kind = fields.Selection(
        [("rating", "Rating"), ("text", "Text")], default="rating", required=True
    )
    audience = fields.Selection(
        [("all", "Everybody"), *PERSPECTIVES],
        "Asked of",
        default="all",
        required=True,
        help="Upward questions are those asked of the reports only.",
    )
    low_label = fields.Char("Meaning of the Lowest Rating", translate=True)
    high_label = fields.Char("Meaning of the Highest Rating", translate=True)

    _pulse_general = models.Constraint(
        "CHECK (usage = 'peer' OR template_id IS NULL)",
        "A pulse asks everybody the same, whatever his template.",
    )

    @api.depends("template_id")
    def _compute_company_id(self):
        for question in self.filtered("template_id"):
            question.company_id = question.template_id.company_id

    @api.model_create_multi
    def create(self, vals_list):
        questions = super().create(vals_list)
        questions.template_id._check_not_used()
        return questions

    def write(self, vals):
        if vals.keys() - {"active", "sequence"}:
            self._check_not_asked()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        self._check_not_asked()

    def _check_not_asked(self):
        """Refuse to change the meaning of answers that were given."""
        self.template_id._check_not_used()
        # sudo: whether it was asked, nothing of what was answered
        asked = self.sudo()._filter_asked()
        if asked:
            raise UserError(
                self.env._(
                    "“%(question)s” was asked already. Archive it and write a new one, so that its "
                    "answers keep their meaning.",
                    question=asked[0].name,
                )
            )

    def _filter_asked(self):
        """Those with results, and general ones that a running poll asks."""
        results = self.env["hr.performance.poll.result"]._read_group(
            [("question_id", "in", self.ids)], ["question_id"]
        )
        asked = self.browse(question.id for (question,) in results)
        running = self.env["hr.performance.poll"]._read_group([("state", "!=", "closed")], ["kind"])
        kinds = [kind for (kind,) in running]
        return asked | self.filtered(lambda q: not q.template_id and q.usage in kinds)

    @api.model
    def _get_general(self, usage, company):
        domain = Domain("usage", "=", usage) & Domain("template_id", "=", False)
        return self.search(domain & Domain("company_id", "in", [False, company.id]))
