from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

CHUNK = 5000
APPLY = 200
#: In this order they are applied.
KINDS = ("link_department", "department", "map", "create", "move", "manager", "title", "leave")


class HrPerformanceImChange(models.Model):
    """One difference between the people outside and the employees, and what became of it.

    Differences are found again by every run; what somebody left out stays left out until the
    outside value changes.
    """

    _name = "hr.performance.im.change"
    _inherit = ["hr.performance.bulk.mixin"]
    _description = "Difference of People"
    _order = "id desc"
    _check_company_auto = True

    connection_id = fields.Many2one(
        "hr.performance.im.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("department", "New department"),
            ("link_department", "Department found"),
            ("map", "Employee found"),
            ("create", "New employee"),
            ("move", "Other department"),
            ("manager", "Other manager"),
            ("title", "Other job title"),
            ("leave", "Has left"),
        ],
        "Difference",
        required=True,
    )
    sequence = fields.Integer(required=True, aggregator=None)
    key = fields.Char(required=True, export_string_translation=False)
    identity_id = fields.Many2one(
        "hr.performance.im.identity", "Person Outside", index="btree_not_null", ondelete="cascade"
    )
    outside_department_id = fields.Many2one(
        "hr.performance.im.department", index="btree_not_null", ondelete="cascade"
    )
    employee_id = fields.Many2one("hr.employee", index="btree_not_null", ondelete="cascade")
    department_id = fields.Many2one("hr.department", ondelete="cascade")
    manager_id = fields.Many2one("hr.employee", ondelete="cascade")
    rule = fields.Char(export_string_translation=False)
    old_text = fields.Char("In Odoo")
    new_text = fields.Char("Outside")
    state = fields.Selection(
        [
            ("proposed", "Open"),
            ("applied", "Applied"),
            ("skipped", "Left out"),
            ("failed", "Failed"),
        ],
        default="proposed",
        required=True,
    )
    error = fields.Text()

    _key_unique = models.UniqueIndex("(connection_id, key) WHERE state <> 'applied'")
    _state_idx = models.Index("(connection_id, sequence, id) WHERE state = 'proposed'")

    @api.depends("kind", "new_text")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for change in self:
            change.display_name = f"{labels.get(change.kind)}: {change.new_text or ''}"

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_skip(self):
        """Leave these differences out, now and later."""
        self._set_state("skipped", ("proposed", "failed"))
        return True

    def action_propose(self):
        """Take up again what was left out."""
        self._set_state("proposed", ("skipped", "failed"))
        return True

    def _set_state(self, state, states):
        self.check_access("read")
        self.connection_id.check_access("write")
        # sudo: nobody has write access to differences, the right is that of the connection
        self.sudo().filtered(lambda change: change.state in states).write({"state": state})

    # ------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------

    @api.model
    def _clear_proposals(self, connection):
        """Forget what was found before; it is found again if it still is so."""
        self.search(
            [("connection_id", "=", connection.id), ("state", "in", ("proposed", "failed"))]
        ).unlink()

    @api.model
    def _propose(self, connection, rows):
        """Insert differences; those that somebody left out already are not proposed again."""
        fixed = dict.fromkeys(
            (
                "identity_id",
                "outside_department_id",
                "employee_id",
                "department_id",
                "manager_id",
                "rule",
                "old_text",
                "new_text",
            )
        )
        fixed |= {"connection_id": connection.id, "company_id": connection.company_id.id}
        vals_list = [
            {**fixed, "state": "proposed", "sequence": KINDS.index(row["kind"]), **row}
            for row in rows
        ]
        conflict = SQL("connection_id, key) WHERE (state <> 'applied'")
        return self._bulk_insert(vals_list, conflict)

    @api.model
    def _propose_people(self, connection, identities, found):
        """Who was found, and who would become a new employee."""
        # sudo: names for the list of an administrator
        names = {
            employee.id: employee.name
            for employee in self.env["hr.employee"]
            .sudo()
            .browse(result.employee for result in found.values() if result.employee)
        }
        rows = []
        for identity in identities:
            result = found[identity.id]
            if result.employee:
                rows.append(
                    {
                        "kind": "map",
                        "key": f"map:{identity.id}:{result.employee}",
                        "identity_id": identity.id,
                        "employee_id": result.employee,
                        "rule": result.rule,
                        "old_text": names[result.employee],
                        "new_text": identity.name,
                    }
                )
            elif connection.create_employees and not result.doubt:
                rows.append(
                    {
                        "kind": "create",
                        "key": f"create:{identity.id}",
                        "identity_id": identity.id,
                        "new_text": identity.name,
                    }
                )
        self._propose(connection, rows)

    @api.model
    def _propose_differences(self, connection, after):
        """What differs for the next people by id; one query for thousands.

        :return: id after which to go on; False at the end
        """
        if not after:
            self._propose_departments(connection)
        self.env.flush_all()
        people = self.env.execute_query(self._get_people_query(connection, after))
        rows = []
        for person in people:
            rows += self._compare(connection, *person)
        self._propose(connection, rows)
        return people[-1][0] if len(people) == CHUNK else False

    @api.model
    def _get_people_query(self, connection, after):
        """Of each mapped person: what is outside, what is in Odoo, and the departments."""
        return SQL(
            """SELECT i.id, i.name, i.title, i.left_on, e.id, e.active, v.job_title,
                      v.department_id, d.name, e.parent_id, mr.name, m.employee_id, me.name,
                      (SELECT array_agg(x.department_id ORDER BY k.n)
                         FROM jsonb_array_elements_text(COALESCE(i.department_keys, '[]'))
                              WITH ORDINALITY AS k(key, n)
                         JOIN hr_performance_im_department x
                           ON x.connection_id = i.connection_id AND x.external_id = k.key
                        WHERE x.department_id IS NOT NULL)
                 FROM (SELECT * FROM hr_performance_im_identity
                        WHERE connection_id = %(connection)s AND id > %(after)s
                          AND employee_id IS NOT NULL
                     ORDER BY id LIMIT %(limit)s) i
                 JOIN hr_employee e ON e.id = i.employee_id
            LEFT JOIN hr_version v ON v.id = e.current_version_id
            LEFT JOIN hr_department d ON d.id = v.department_id
            LEFT JOIN hr_employee mr ON mr.id = e.parent_id
            LEFT JOIN hr_performance_im_identity m
                   ON m.connection_id = i.connection_id
                  AND m.external_id = i.manager_external_id AND m.left_on IS NULL
            LEFT JOIN hr_employee me ON me.id = m.employee_id
             ORDER BY i.id""",
            connection=connection.id,
            after=after,
            limit=CHUNK,
        )

    @api.model
    def _compare(
        self,
        connection,
        identity_id,
        name,
        title,
        left_on,
        employee_id,
        active,
        job_title,
        department_id,
        department_name,
        parent_id,
        parent_name,
        manager_id,
        manager_name,
        departments,
    ):
        """The differences of one person as rows for :meth:`_propose`."""
        base = {"identity_id": identity_id, "employee_id": employee_id}
        if left_on:
            if active and connection.archive_leavers:
                return [
                    {
                        **base,
                        "kind": "leave",
                        "key": f"leave:{identity_id}:{left_on}",
                        "old_text": name,
                        "new_text": fields.Date.to_string(left_on),
                    }
                ]
            return []
        if connection.people_mode != "update" or not active:
            return []
        rows = []
        # Of several departments that of Odoo stays where it is among them.
        if departments and department_id not in departments:
            rows.append(
                {
                    **base,
                    "kind": "move",
                    "key": f"move:{identity_id}:{departments[0]}",
                    "department_id": departments[0],
                    "old_text": _plain(department_name),
                }
            )
        if manager_id and manager_id not in (parent_id, employee_id):
            rows.append(
                {
                    **base,
                    "kind": "manager",
                    "key": f"manager:{identity_id}:{manager_id}",
                    "manager_id": manager_id,
                    "old_text": parent_name,
                    "new_text": manager_name,
                }
            )
        if title and title != _plain(job_title):
            rows.append(
                {
                    **base,
                    "kind": "title",
                    "key": f"title:{identity_id}:{title}",
                    "old_text": _plain(job_title),
                    "new_text": title,
                }
            )
        return rows

    @api.model
    def _propose_departments(self, connection):
        """Departments without one in Odoo: one of the same path, or a new one where wanted."""
        Department = self.env["hr.performance.im.department"]
        outside = Department.search([("connection_id", "=", connection.id), ("gone", "=", False)])
        # by id, for parents were read before their children
        free = outside.filtered(lambda department: not department.department_id).sorted("id")
        if not free or connection.people_mode != "update":
            return
        # sudo: departments of the company, for the list of an administrator
        inside = self.env["hr.department"].sudo()
        inside = inside.search([("company_id", "in", [False, connection.company_id.id])])
        paths = {}
        for department in inside - outside.department_id:
            paths.setdefault(_get_path(department), []).append(department)
        parents = {department.external_id: department for department in outside}
        rows = []
        for department in free:
            same = paths.get(_get_outside_path(department, parents), [])
            row = {"outside_department_id": department.id, "new_text": department.name}
            if len(same) == 1:
                row |= {"kind": "link_department", "department_id": same[0].id}
                row |= {"key": f"link:{department.id}:{same[0].id}", "old_text": same[0].name}
                rows.append(row)
            elif connection.create_departments:
                rows.append({**row, "kind": "department", "key": f"department:{department.id}"})
        self._propose(connection, rows)

    # ------------------------------------------------------------
    # Applying
    # ------------------------------------------------------------

    @api.model
    def _apply_next(self, run):
        """Apply the next open differences of one kind.

        One that fails is noted and stops no other.

        :return: number of differences that are not open any more
        """
        domain = [("connection_id", "=", run.connection_id.id), ("state", "=", "proposed")]
        names = [name for name, field in self._fields.items() if field.store]
        found = self.search_fetch(domain, names, order="sequence, id", limit=APPLY)
        if not found:
            return 0
        kind = found[0].kind
        changes = found.filtered(lambda change: change.kind == kind)
        apply = getattr(changes, f"_apply_{kind}")
        try:
            with self.env.cr.savepoint():
                apply()
                self.env.flush_all()
        except UserError:
            changes.invalidate_recordset()
            changes._apply_one_by_one(run)
        else:
            changes.write({"state": "applied"})
        return len(changes)

    def _apply_one_by_one(self, run):
        for change in self:
            try:
                with self.env.cr.savepoint():
                    getattr(change, f"_apply_{change.kind}")()
                    self.env.flush_all()
            except UserError as error:
                change.invalidate_recordset()
                change.write({"state": "failed", "error": str(error)})
                run._count(skipped=1)
            else:
                change.state = "applied"

    def _apply_department(self):
        """Create them in order, so that parents are there before their children."""
        for change in self:
            outside = change.outside_department_id
            parent = outside.search(
                [
                    ("connection_id", "=", outside.connection_id.id),
                    ("external_id", "=", outside.parent_external_id),
                ],
                limit=1,
            )
            outside.department_id = self.env["hr.department"].create(
                {
                    "name": outside.name,
                    "company_id": change.company_id.id,
                    "parent_id": parent.department_id.id,
                }
            )

    def _apply_link_department(self):
        for change in self:
            change.outside_department_id.department_id = change.department_id

    def _apply_map(self):
        for change in self:
            if not change.identity_id.employee_id:
                change.identity_id.write(
                    {
                        "employee_id": change.employee_id.id,
                        "matched_by": change.rule,
                        "doubt": False,
                    }
                )

    def _apply_create(self):
        changes = self.filtered(lambda change: not change.identity_id.employee_id)
        employees = (
            self.env["hr.employee"]
            .with_company(self.company_id)
            .with_context(tracking_disable=True, mail_create_nosubscribe=True)
            .create([change._get_employee_vals() for change in changes])
        )
        changes.identity_id._bulk_update(
            [
                {
                    "id": change.identity_id.id,
                    "employee_id": employee.id,
                    "matched_by": "created",
                }
                for change, employee in zip(changes, employees, strict=True)
            ]
        )

    def _get_employee_vals(self):
        self.ensure_one()
        identity = self.identity_id
        vals = {
            "name": identity.name or identity.external_id,
            "company_id": self.company_id.id,
            "work_email": identity.email,
            "mobile_phone": identity.mobile,
            "job_title": identity.title,
        }
        if identity.joined_on:
            vals["date_version"] = identity.joined_on
        return vals

    def _apply_move(self):
        for department, changes in self.grouped("department_id").items():
            changes.employee_id.write({"department_id": department.id})

    def _apply_manager(self):
        for manager, changes in self.grouped("manager_id").items():
            changes.employee_id.write({"parent_id": manager.id})

    def _apply_title(self):
        for title, changes in self.grouped("new_text").items():
            changes.employee_id.write({"job_title": title})

    def _apply_leave(self):
        for change in self:
            change.employee_id.write(
                {"active": False, "departure_date": change.identity_id.left_on}
            )


def _plain(value):
    """The text of a translated column, in English or what there is."""
    if isinstance(value, dict):
        return value.get("en_US") or next(iter(value.values()), None)
    return value


def _get_path(department):
    names = []
    while department:
        names.insert(0, department.name)
        department = department.parent_id
    return tuple(names)


def _get_outside_path(department, parents):
    names, seen = [], set()
    while department and department.id not in seen:
        seen.add(department.id)
        names.insert(0, department.name)
        department = parents.get(department.parent_external_id)
    return tuple(names)
