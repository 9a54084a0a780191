from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class HrPerformanceAccessMixin(models.AbstractModel):
    """Access of managers to the records of their people, as a searchable field for record rules.

    A manager reaches the people below him in the hierarchy of today, at any depth, and the people
    whose manager of the period (``manager_id``, where the model keeps one) he is or stands above.
    Nobody is his own manager.
    """

    _name = "hr.performance.access.mixin"
    _description = "Access by the hierarchy"

    has_manager_access = fields.Boolean(
        compute="_compute_has_manager_access",
        search="_search_has_manager_access",
        export_string_translation=False,
    )

    is_own = fields.Boolean(
        compute="_compute_is_own", search="_search_is_own", export_string_translation=False
    )

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_is_own(self):
        # sudo: whose record it is, for whoever reads it. Record rules ask for one record at a time,
        # so the employees come from the user, where they are remembered.
        own = self.env.user.sudo().with_context(active_test=False).employee_ids
        for record in self:
            record.is_own = record.sudo().employee_id in own

    def _search_is_own(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("employee_id", "in", self._get_own_query())

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_has_manager_access(self):
        # The domain is the one rule; sudo, because record rules are evaluated with this field.
        reachable = self.sudo().search(
            Domain("id", "in", self._origin.ids) & self._get_manager_access_domain()
        )
        for record in self:
            record.has_manager_access = record._origin.id in reachable._ids

    def _search_has_manager_access(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_manager_access_domain()

    @api.model
    def _get_manager_access_domain(self):
        team = self._get_team_query(with_managers=False)
        domain = Domain("employee_id", "in", team)
        if "manager_id" in self._fields:
            domain |= Domain("manager_id", "in", self._get_team_query(with_managers=True))
        return domain & Domain("employee_id", "not in", self._get_own_query())

    @api.model
    def _without_defaults(self, names):
        """The model in a context that fills none of these fields: clients choose the context."""
        context = {
            key: value
            for key, value in self.env.context.items()
            if not (key.startswith("default_") and key[8:] in names)
        }
        return self.with_env(self.env(context=context))

    @api.model
    def _get_own_query(self):
        """Employees of the current user, in every company."""
        return SQL("(SELECT id FROM hr_employee WHERE user_id = %s)", self.env.uid)

    @api.model
    def _get_team_query(self, with_managers):
        """Everybody below the current user's employees; ``with_managers`` adds these themselves.

        One recursive query instead of ``child_of``, which asks once per level.
        """
        self.env["hr.employee"].flush_model(["parent_id", "user_id"])
        top = SQL("id" if with_managers else "parent_id")
        return SQL(
            """(WITH RECURSIVE team(id) AS (
                    SELECT id FROM hr_employee
                     WHERE %(top)s IN (SELECT id FROM hr_employee WHERE user_id = %(uid)s)
                 UNION
                    SELECT e.id FROM hr_employee e JOIN team t ON e.parent_id = t.id
                ) SELECT id FROM team)""",
            top=top,
            uid=self.env.uid,
        )
