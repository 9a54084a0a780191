from odoo import api, fields, models
from odoo.tools import formatLang

from .hr_performance_perspective import PERSPECTIVES


class HrPerformancePollResult(models.Model):
    """What is shown of a closed poll: written once, and all that is left of the answers.

    Each row may be shown by itself; whatever is filtered, grouped or exported from these rows is
    made of figures that rest on enough answers.
    """

    _name = "hr.performance.poll.result"
    _description = "Result of a Poll"
    _inherit = [
        "hr.performance.access.mixin",
        "hr.performance.access.log.mixin",
        "hr.performance.bulk.mixin",
    ]
    _order = "poll_id, kind, perspective, department_id, question_id, id"
    _log_access = False
    _result_fields = frozenset({"average", "text"})

    poll_id = fields.Many2one("hr.performance.poll", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    cycle_id = fields.Many2one(
        "hr.performance.cycle", required=True, index=True, ondelete="cascade"
    )
    review_id = fields.Many2one("hr.performance.review", index="btree_not_null", ondelete="cascade")
    employee_id = fields.Many2one(
        "hr.employee", "About", index="btree_not_null", ondelete="restrict"
    )
    manager_id = fields.Many2one("hr.employee", index="btree_not_null", ondelete="set null")
    kind = fields.Selection(
        [
            ("total", "Total"),
            ("question", "Question, all together"),
            ("group", "Group"),
            ("cell", "Question, one group"),
            ("comment", "Comment"),
        ],
        required=True,
    )
    perspective = fields.Selection(PERSPECTIVES)
    department_id = fields.Many2one("hr.department", index="btree_not_null", ondelete="set null")
    question_id = fields.Many2one(
        "hr.performance.question", index="btree_not_null", ondelete="restrict"
    )
    status = fields.Selection(
        [
            ("shown", "Shown"),
            ("merged", "Counted under others"),
            ("few", "Too few answers"),
            ("none", "No answer"),
        ],
        required=True,
    )
    answers = fields.Integer()
    average = fields.Float(digits=(6, 2), aggregator="avg")
    known = fields.Boolean(help="Off: there is no average, which is not zero.")
    weight = fields.Float(digits=(5, 2), aggregator=None)
    text = fields.Text("Comment")
    rating_max = fields.Integer(related="poll_id.rating_max")

    @api.depends("kind", "perspective", "department_id", "question_id")
    def _compute_display_name(self):
        perspectives = dict(self._fields["perspective"]._description_selection(self.env))
        for result in self:
            parts = [
                perspectives.get(result.perspective) or result.department_id.name,
                result.question_id.name,
            ]
            result.display_name = ", ".join(filter(None, parts)) or self.env._("Total")

    # Showing

    def _render_summary(self):
        """The results of one poll as a table and its comments, for screens and documents."""
        poll = self.poll_id
        template, values = "hr_performance.poll_summary", {"summary": self._get_summary()}
        if poll.kind == "pulse":
            template = "hr_performance.pulse_summary"
            values |= {"disputes": poll._get_dispute_rates()}
            values |= {"dispute_rate": poll.dispute_rate_text}
        return self.env["ir.qweb"]._render(template, values)

    def _get_summary(self):
        """The results of one poll as they are read: groups as columns, questions as rows."""
        labels = {g: g._get_group_label() for g in self if g.kind == "group"}
        groups = sorted(labels, key=lambda g: (g._get_position(), labels[g]))
        shown = [group for group in groups if group.status == "shown"]
        cells = {(r.question_id, r._get_place()): r for r in self if r.kind == "cell"}
        questions = self.filtered(lambda r: r.kind == "question").sorted(
            lambda r: (r.question_id.sequence, r.question_id.id)
        )
        total = self.filtered(lambda r: r.kind == "total")
        return {
            "rating_max": self[:1].rating_max,
            "total": total._show_average(),
            "answers": sum(group.answers for group in shown),
            "columns": [
                {
                    "label": labels[group],
                    "department_id": group.department_id.id or group.perspective,
                    "answers": group.answers,
                    "weight": group.weight,
                    "average": group._show_average(),
                }
                for group in shown
            ],
            "rows": [
                {
                    "label": question.question_id.name,
                    "average": question._show_average(),
                    "cells": [
                        cells.get(
                            (question.question_id, group._get_place()), self.browse()
                        )._show_average()
                        for group in shown
                    ],
                }
                for question in questions
            ],
            "missing": [
                {"label": labels[group], "reason": group._show_status()}
                for group in groups
                if group.status != "shown"
            ],
            "comments": self._get_comments(),
        }

    def _get_comments(self):
        """``[{question, group, texts}]``; the texts in the order in which they were mixed."""
        comments = self.filtered(lambda r: r.kind == "comment").sorted(
            lambda r: (r.question_id.sequence, r.question_id.id, r._get_position(), r.id)
        )
        return [
            {
                "question": question.name,
                "group": rows[0]._get_group_label(),
                "texts": rows.mapped("text"),
            }
            for (question, _place), rows in comments.grouped(
                lambda r: (r.question_id, r._get_place())
            ).items()
        ]

    def _get_place(self):
        return (self.perspective or False, self.department_id.id)

    def _get_position(self):
        codes = [code for code, _label in PERSPECTIVES]
        return codes.index(self.perspective) if self.perspective else -1

    def _get_group_label(self):
        self.ensure_one()
        if self.perspective:
            if self.poll_id.kind == "pulse":
                return self.env._("Other departments")
            return dict(self._fields["perspective"]._description_selection(self.env))[
                self.perspective
            ]
        # sudo: the name of a department only
        return self.sudo().department_id.name or self.env._("Without a department")

    def _show_average(self):
        """The average in the language of the reader; a dash where there is none."""
        return formatLang(self.env, self.average, digits=2) if self.known else "–"

    def _show_status(self):
        self.ensure_one()
        return dict(self._fields["status"]._description_selection(self.env))[self.status]
