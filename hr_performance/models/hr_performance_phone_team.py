from odoo import api, models
from odoo.fields import Domain

from ..tools import workflow

#: People on one page of the overview.
PAGE_SIZE = 30


class HrPerformancePhone(models.AbstractModel):
    """The overview of a manager: his people, who is late, whose turn it is."""

    _inherit = "hr.performance.phone"

    @api.model
    def _get_team_filters(self):
        """``{code: (label, domain)}`` in the order in which they are shown."""
        running = Domain("state", "in", workflow.OPEN_STATES)
        return {
            "all": (self.env._("Running"), running),
            "score": (self.env._("To score"), Domain("state", "=", "manager")),
            "late": (self.env._("Late"), Domain("is_overdue", "=", True)),
            "done": (self.env._("Published"), Domain("state", "in", workflow.FROZEN_STATES)),
        }

    @api.model
    def _get_team_page(self, code, page, name=""):
        """One page of the people whom the user leads, late ones first.

        :param code: key of :meth:`_get_team_filters`
        :param page: counts from 1; beyond the last one it is the last one
        :param name: part of the name of an employee
        """
        Review = self.env["hr.performance.review"]
        filters = self._get_team_filters()
        team = Domain("has_manager_access", "=", True)
        if name:
            # Whose reviews these are he reads on them: the rights on employees need not be asked,
            # which join each employee with his manager. Who has left is found, too.
            named = Domain("name", "ilike", name) & Domain("active", "in", (True, False))
            team &= Domain("employee_id", "any!", named)
        counts = {key: Review.search_count(team & f[1]) for key, f in filters.items()}
        pages = max(-(-counts[code] // PAGE_SIZE), 1)
        page = min(max(page, 1), pages)
        order = "date_to desc, id desc" if code == "done" else "deadline, date_from, employee_id"
        reviews = Review.search(
            team & filters[code][1], limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE, order=order
        )
        reviews._note_access("list")
        return {
            "rows": reviews._get_team_values(),
            "code": code,
            "name": name,
            "page": page,
            "pages": pages,
            "filters": [(key, f[0], counts[key]) for key, f in filters.items()],
        }
