from odoo import models
from odoo.fields import Domain

#: Menus about other people: for those who have any.
TEAM_MENUS = ("hr_performance_menu_team", "hr_performance_menu_report")


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        menus = super()._load_menus_blacklist()
        user = self.env.user
        reads_all = user.has_group("hr_performance.group_hr_performance_auditor")
        if not reads_all and not self._manages_people():
            for name in TEAM_MENUS:
                menu = self.env.ref(f"hr_performance.{name}", raise_if_not_found=False)
                if menu:
                    menus.append(menu.id)
        return menus

    def _manages_people(self):
        # sudo: whether there is anybody below the user, nothing about them
        employees = self.env["hr.employee"].sudo().search([("user_id", "=", self.env.uid)])
        if not employees:
            return False
        return bool(
            employees.search_count(Domain("parent_id", "in", employees.ids), limit=1)
            or self.env["hr.department"]
            .sudo()
            .search_count([("manager_id", "in", employees.ids)], limit=1)
            or self.env["hr.performance.review"]
            .sudo()
            .search_count([("manager_id", "in", employees.ids)], limit=1)
        )
