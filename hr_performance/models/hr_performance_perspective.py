from odoo import api, fields, models

#: From where somebody looks at the work of an employee.
PERSPECTIVES = [
    ("self", "Employee Himself"),
    ("manager", "Manager"),
    ("peer", "Peers"),
    ("report", "Reports"),
    ("other", "Others"),
]
#: Whose answers these are is known to everybody, so they are not anonymous and say so.
NAMED = ("self", "manager")
#: People who are chosen, one by one or by the hierarchy.
CHOSEN = ("peer", "report", "other")


class HrPerformancePerspective(models.Model):
    """A point of view that a programme asks for in its 360° reviews, and what it weighs."""

    _name = "hr.performance.perspective"
    _description = "360° Perspective"
    _order = "program_id, sequence, id"

    program_id = fields.Many2one(
        "hr.performance.program", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    code = fields.Selection(PERSPECTIVES, "Perspective", required=True)
    used = fields.Boolean(default=True)
    weight = fields.Float(
        digits=(5, 2),
        aggregator=None,
        help="In the overall rating. A perspective without enough answers leaves the total, and "
        "the others keep their proportion. 0: shown, but not counted.",
    )
    auto = fields.Boolean(
        "Invite by Itself",
        help="Peers: everybody with the same manager. Reports: everybody whom the employee "
        "manages. The employee himself and his manager are always asked.",
    )

    _code_unique = models.UniqueIndex(
        "(program_id, code)", "A programme has each perspective once. Switch it on or off instead."
    )
    _weight_positive = models.Constraint("CHECK (weight >= 0)", "A weight is not negative.")

    @api.depends("code")
    def _compute_display_name(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for perspective in self:
            perspective.display_name = labels.get(perspective.code)

    @api.model
    def _get_default_perspectives(self):
        """Values of the five perspectives as most companies start with them."""
        rows = [
            ("self", 0, True),
            ("manager", 40, True),
            ("peer", 30, False),
            ("report", 20, True),
            ("other", 10, False),
        ]
        return [
            {"sequence": index * 10, "code": code, "weight": weight, "auto": auto}
            for index, (code, weight, auto) in enumerate(rows, start=1)
        ]
