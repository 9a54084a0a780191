from odoo import fields, models


class HrPerformanceReviewRevision(models.Model):
    """A result as it stood before it was reopened or changed by an appeal, with the reason.

    Never changed.
    """

    _name = "hr.performance.review.revision"
    _description = "Earlier Version of a Result"
    _inherit = ["hr.performance.access.log.mixin"]
    _order = "review_id, number desc"
    _result_fields = frozenset({"total", "grade_id", "rank", "payload"})

    review_id = fields.Many2one(
        "hr.performance.review", required=True, index=True, ondelete="cascade"
    )
    employee_id = fields.Many2one(related="review_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="review_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, aggregator=None)
    reason = fields.Text(required=True)
    user_id = fields.Many2one("res.users", "Changed by", required=True, ondelete="restrict")
    date = fields.Datetime("Changed on", required=True, default=fields.Datetime.now)
    published_on = fields.Datetime()
    total = fields.Float(digits=(8, 2), aggregator=None)
    grade_id = fields.Many2one("hr.performance.grade", ondelete="restrict", index="btree_not_null")
    rank = fields.Integer(aggregator=None)
    appeal_id = fields.Many2one(
        "hr.performance.appeal", readonly=True, ondelete="set null", index="btree_not_null"
    )
    payload = fields.Json(
        help="The lines with their rules, inputs and points.", export_string_translation=False
    )

    _number_unique = models.UniqueIndex("(review_id, number)", "This version exists already.")
