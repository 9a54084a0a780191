from odoo import api, fields, models
from odoo.exceptions import AccessError

#: What people may say by hand about an outside person.
BY_HAND = {"employee_id", "ignored"}
MANAGER = "hr_performance.group_hr_performance_manager"


class HrPerformanceImIdentity(models.Model):
    """A person of the outside system, and the employee that he is.

    He is found by his stored outside id, else by a unique job number, mobile number or e-mail
    address, else by hand; never by his name.
    """

    _name = "hr.performance.im.identity"
    _inherit = ["hr.performance.im.raw.mixin"]
    _description = "Outside Person"
    _order = "connection_id, name, id"
    _rec_names_search = ["name", "job_number", "external_id"]
    _check_company_auto = True

    name = fields.Char(readonly=True)
    union_id = fields.Char(readonly=True, index="btree_not_null")
    job_number = fields.Char(readonly=True)
    mobile = fields.Char(readonly=True)
    email = fields.Char(readonly=True)
    title = fields.Char("Job Title", readonly=True)
    department_keys = fields.Json("Departments", readonly=True, export_string_translation=False)
    department_names = fields.Char("Outside Departments", compute="_compute_department_names")
    manager_external_id = fields.Char("Manager Outside", readonly=True)
    joined_on = fields.Date(readonly=True)
    left_on = fields.Date(readonly=True, help="By his own event or record, never by a list.")
    detail_wanted = fields.Boolean(readonly=True, export_string_translation=False)
    employee_id = fields.Many2one(
        "hr.employee", index="btree_not_null", ondelete="set null", check_company=True
    )
    matched_by = fields.Selection(
        [
            ("job_number", "Job number"),
            ("mobile", "Mobile number"),
            ("email", "E-mail address"),
            ("hand", "By hand"),
            ("created", "Created from outside"),
        ],
        readonly=True,
    )
    doubt = fields.Selection(
        [
            ("ambiguous", "A number or address belongs to several people"),
            ("conflict", "Numbers and addresses lead to different employees"),
        ],
        "Why Not Found",
        readonly=True,
    )
    ignored = fields.Boolean(help="Not an employee, such as a shared account.")
    state = fields.Selection(
        [
            ("mapped", "Employee found"),
            ("unmapped", "Without Employee"),
            ("doubt", "In doubt"),
            ("ignored", "Left out"),
            ("left", "Has left"),
        ],
        compute="_compute_state",
    )

    _employee_unique = models.UniqueIndex(
        "(connection_id, employee_id) WHERE employee_id IS NOT NULL",
        "This employee belongs to another person of the messenger already.",
    )
    _unmapped_idx = models.Index(
        "(connection_id, id) WHERE employee_id IS NULL AND left_on IS NULL"
    )
    _detail_idx = models.Index("(connection_id, id) WHERE detail_wanted")

    @api.depends("employee_id", "doubt", "ignored", "left_on")
    def _compute_state(self):
        for identity in self:
            identity.state = (
                "left"
                if identity.left_on
                else "mapped"
                if identity.employee_id
                else "ignored"
                if identity.ignored
                else "doubt"
                if identity.doubt
                else "unmapped"
            )

    @api.depends("department_keys", "connection_id")
    def _compute_department_names(self):
        keys = {key for identity in self for key in identity.department_keys or ()}
        departments = self.env["hr.performance.im.department"].search_fetch(
            [("connection_id", "in", self.connection_id.ids), ("external_id", "in", list(keys))],
            ["connection_id", "external_id", "name"],
        )
        names = {(d.connection_id.id, d.external_id): d.name for d in departments}
        for identity in self:
            found = (
                names.get((identity.connection_id.id, key))
                for key in identity.department_keys or ()
            )
            identity.department_names = ", ".join(filter(None, found))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if not self.env.su:
            self._check_fields_by_hand(vals, BY_HAND)
            if "employee_id" in vals:
                self._check_not_above(vals["employee_id"])
                # sudo: says that a person decided it
                self.sudo().write(
                    {"matched_by": "hand" if vals["employee_id"] else False, "doubt": False}
                )
        return super().write(vals)

    def _check_not_above(self, employee_id):
        """Whoever is mapped signs in as that employee: no officer becomes an administrator."""
        # sudo: the user of an employee
        users = self.env["hr.employee"].sudo().browse(employee_id or ()).user_id
        if any(user.has_group(MANAGER) for user in users) and not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Who an HR administrator is in the messenger, another of them says.")
            )

    # ------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------

    @api.model
    def _get_employee_ids(self, connection, external_ids=None):
        """``{outside id: employee id}`` of those who are mapped; of all, or of some."""
        domain = [("connection_id", "=", connection.id), ("employee_id", "!=", False)]
        if external_ids is not None:
            domain.append(("external_id", "in", list(external_ids)))
        found = self.search_fetch(domain, ["external_id", "employee_id"], order="id")
        return {identity.external_id: identity.employee_id.id for identity in found}

    @api.model
    def _find_by_user(self, connection, user):
        """The outside person of an Odoo user; empty when there is none."""
        return self.search(
            [
                ("connection_id", "=", connection.id),
                ("employee_id.user_id", "=", user.id),
                ("left_on", "=", False),
            ],
            limit=1,
        )
