from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..tools import errors, matching
from ..tools.digest import make_digest

#: People compared in one step: one query finds out that nothing changed.
PEOPLE_STEP = 10_000
#: People read one by one in one step.
DETAIL_STEP = 100
#: How long before the last run records of leavers are read again.
LEAVER_DAYS = 30
#: What a page of people says about each; the fingerprint covers it.
USER_FIELDS = (
    "union_id",
    "name",
    "job_number",
    "mobile",
    "email",
    "title",
    "department_keys",
    "joined_on",
)


class HrPerformanceImProvider(models.AbstractModel):
    """Reading people, in phases: departments, users, details, leavers, matching, differences.

    Every phase can be repeated from any point: rows are known by their outside id.
    """

    _inherit = "hr.performance.im.provider"

    @api.model
    def _step_people(self, run, client):
        """Do the phase that the run has come to; True at the end of the last one."""
        position = run.position or {"phase": "departments"}
        phase = getattr(self, f"_people_{position['phase']}")
        run.position = phase(run, client, position)
        return not run.position

    # Departments

    @api.model
    def _people_departments(self, run, client, position):
        departments = self._fetch_departments(client)
        rows = [{**values, "gone": False, "digest": make_digest(values)} for values in departments]
        self.env["hr.performance.im.department"]._bring_in(run.connection_id, rows)
        ids = [self._get_top_department(), *(row["external_id"] for row in rows)]
        return {"phase": "users", "departments": list(dict.fromkeys(ids))}

    # Users

    @api.model
    def _people_users(self, run, client, position):
        departments, users, count = list(position["departments"]), {}, 0
        while departments and count < PEOPLE_STEP:
            try:
                for page in self._fetch_users(client, departments[0]):
                    users.update((user["external_id"], user) for user in page)
                    count += len(page)
                    if len(users) >= PEOPLE_STEP:
                        self._bring_in_users(run, users)
                        users = {}
            except errors.ApiError as error:
                run._skip(error, departments[0])
            departments.pop(0)
        self._bring_in_users(run, users)
        if departments:
            return {"phase": "users", "departments": departments}
        return {"phase": "details"}

    @api.model
    def _bring_in_users(self, run, users):
        """Keep people as they came; only what changed is written.

        :param users: ``{outside id: dict}`` with ``external_id`` and :data:`USER_FIELDS`
        """
        if not users:
            return
        identities = self.env["hr.performance.im.identity"]
        rows = [
            {
                "external_id": key,
                **{name: user.get(name) for name in USER_FIELDS},
                "digest": make_digest([user.get(name) for name in USER_FIELDS]),
                "detail_wanted": True,
            }
            for key, user in users.items()
        ]
        run._count_brought(identities._bring_in(run.connection_id, rows))
        self._clear_left(run.connection_id, list(users))

    @api.model
    def _clear_left(self, connection, external_ids):
        """Who is listed is there, also when he had left before."""
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_im_identity SET left_on = NULL
                    WHERE connection_id = %s AND left_on IS NOT NULL AND external_id = ANY(%s)""",
                connection.id,
                external_ids,
            )
        )
        if self.env.cr.rowcount:
            self.env["hr.performance.im.identity"].invalidate_model(["left_on"])

    # Details: the manager, which lists do not name

    @api.model
    def _people_details(self, run, client, position):
        connection = run.connection_id
        if connection.people_mode == "update":
            identities = self.env["hr.performance.im.identity"].search(
                [("connection_id", "=", connection.id), ("detail_wanted", "=", True)],
                limit=DETAIL_STEP,
                order="id",
            )
            self._read_details(run, client, identities)
            if len(identities) == DETAIL_STEP:
                return position
        return {"phase": "leavers"}

    @api.model
    def _read_details(self, run, client, identities):
        """Read some people one by one, and keep the manager of each."""
        rows = []
        for identity in identities:
            user = self._fetch_one(run, client, identity.external_id)
            if user:
                row = {"manager_external_id": user.get("manager_external_id")}
                rows.append({"id": identity.id, **row, "detail_wanted": False})
            else:
                identity.detail_wanted = False
        identities._bulk_update(rows)

    @api.model
    def _fetch_one(self, run, client, external_id):
        """One person; None when he is gone or cannot be read, which is noted on the run."""
        try:
            return self._fetch_user(client, external_id)
        except errors.ApiError as error:
            run._skip(error, external_id)
            return None

    # Leavers

    @api.model
    def _people_leavers(self, run, client, position):
        connection = run.connection_id
        since = run.date_from - timedelta(days=LEAVER_DAYS)
        left_on = {}
        try:
            for page in self._fetch_leavers(client, since):
                left_on.update((record["external_id"], record["left_on"]) for record in page)
        except errors.PermissionMissing as error:
            # leavers come by events as well; without the permission the rest goes on
            run._note(self._read_error(error))
        identities = self.env["hr.performance.im.identity"].search(
            [
                ("connection_id", "=", connection.id),
                ("external_id", "in", list(left_on)),
                ("left_on", "=", False),
            ]
        )
        self._confirm_left(run, client, identities, left_on)
        return {"phase": "matches"}

    @api.model
    def _confirm_left(self, run, client, identities, left_on=None):
        """Mark as left whom the messenger does not know any more when asked for him alone."""
        today = run.connection_id._get_outside_today()
        for identity in identities:
            try:
                user = self._fetch_user(client, identity.external_id)
            except errors.ApiError as error:
                run._skip(error, identity.external_id)
                continue
            if user is None:
                identity.left_on = (left_on or {}).get(identity.external_id) or today

    # Matching

    @api.model
    def _people_matches(self, run, client, position):
        self.env["hr.performance.im.change"]._clear_proposals(run.connection_id)
        self._find_matches(run.connection_id)
        return {"phase": "differences", "after": 0}

    @api.model
    def _find_matches(self, connection):
        """Propose an employee for each person without one; nothing is read when all have one."""
        Identity = self.env["hr.performance.im.identity"]
        free = [
            ("connection_id", "=", connection.id),
            ("employee_id", "=", False),
            ("left_on", "=", False),
            ("ignored", "=", False),
        ]
        open_ids = Identity.search(free, order="id")
        if not open_ids:
            return
        people = Identity.with_context(prefetch_fields=False).search_fetch(
            [("connection_id", "=", connection.id), ("left_on", "=", False)],
            ["job_number", "mobile", "email", "employee_id", "doubt"],
        )
        outside = [
            matching.Person(p.id, p.job_number or "", p.mobile or "", p.email or "") for p in people
        ]
        taken = people.employee_id.ids
        found = matching.match(outside, self._get_inside(connection), taken)
        self._keep_doubts(open_ids, found)
        self.env["hr.performance.im.change"]._propose_people(connection, open_ids, found)

    @api.model
    def _get_inside(self, connection):
        """The employees of the company, archived ones too, by what they can be found by."""
        query = SQL(
            """SELECT e.id, e.barcode, e.mobile_phone, e.private_phone, e.work_phone,
                      e.work_email, p.email, u.login
                 FROM hr_employee e
            LEFT JOIN res_users u ON u.id = e.user_id
            LEFT JOIN res_partner p ON p.id = u.partner_id
                WHERE e.company_id = %s""",
            connection.company_id.id,
        )
        self.env["hr.employee"].flush_model()
        self.env["res.users"].flush_model(["login", "partner_id"])
        self.env["res.partner"].flush_model(["email"])
        return [
            matching.Person(
                id_, barcode or "", tuple(filter(None, phones)), tuple(filter(None, mails))
            )
            for id_, barcode, *phones, in_mail, user_mail, login in self.env.execute_query(query)
            for mails in [(in_mail, user_mail, login)]
        ]

    @api.model
    def _keep_doubts(self, identities, found):
        rows = [
            {"id": identity.id, "doubt": found[identity.id].doubt or None}
            for identity in identities
            if (identity.doubt or None) != found[identity.id].doubt
        ]
        identities._bulk_update(rows)

    # Differences

    @api.model
    def _people_differences(self, run, client, position):
        connection = run.connection_id
        Change = self.env["hr.performance.im.change"]
        after = Change._propose_differences(connection, position["after"])
        if after:
            return {"phase": "differences", "after": after}
        if connection.people_checked_on:
            return {"phase": "apply"}
        run.note = self.env._(
            "%(count)s differences wait for somebody to look at them. Nothing was changed.",
            count=Change.search_count(
                [("connection_id", "=", connection.id), ("state", "=", "proposed")]
            ),
        )
        return None

    @api.model
    def _people_apply(self, run, client, position):
        """Apply what was accepted, some at a time, employees before what is said about them."""
        if not run.connection_id.people_checked_on:
            return None
        applied = self.env["hr.performance.im.change"]._apply_next(run)
        if applied:
            return {"phase": "apply"}
        if position.get("again"):
            return None
        # departments and managers of those who were found or created just now
        return {"phase": "again", "after": 0}

    @api.model
    def _people_again(self, run, client, position):
        Change = self.env["hr.performance.im.change"]
        after = Change._propose_differences(run.connection_id, position["after"])
        if after:
            return {"phase": "again", "after": after}
        return {"phase": "apply", "again": True}

    # By events

    @api.model
    def _read_again(self, run, client, external_ids):
        """Read single people again, because something happened to them."""
        identities = self.env["hr.performance.im.identity"]
        users, gone = {}, []
        for key in dict.fromkeys(external_ids):
            try:
                user = self._fetch_user(client, key)
            except errors.ApiError as error:
                run._skip(error, key)
                continue
            if user is None:
                gone.append(key)
            else:
                users[key] = user
        self._bring_in_users(run, users)
        known = identities.search(
            [
                ("connection_id", "=", run.connection_id.id),
                ("external_id", "in", [*users, *gone]),
            ]
        )
        today = run.connection_id._get_outside_today()
        known.filtered(lambda i: i.external_id in gone and not i.left_on).left_on = today
        identities._bulk_update(
            [
                {
                    "id": identity.id,
                    "manager_external_id": users[identity.external_id].get("manager_external_id"),
                    "detail_wanted": False,
                }
                for identity in known
                if identity.external_id in users
            ]
        )
