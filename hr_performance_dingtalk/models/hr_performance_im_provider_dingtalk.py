from datetime import datetime, time

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.hr_performance_im.tools import errors

from ..tools import times
from ..tools.client import LOGIN_URL, DingTalkClient
from ..tools.contacts import ROOT


class HrPerformanceImProviderDingtalk(models.AbstractModel):
    """DingTalk: its client, what the test of a connection tries, and its people."""

    _name = "hr.performance.im.provider.dingtalk"
    _inherit = ["hr.performance.im.provider"]
    _description = "Messenger: DingTalk"

    @api.model
    def _open_client(self, connection, budget):
        # sudo: the system's secrets and addresses, handed to the client alone
        connection = connection.sudo()
        secret = connection._get_secret("dingtalk_client_secret")
        if not (connection.dingtalk_client_id and secret):
            raise UserError(
                self.env._("Enter the Client ID and the Client Secret of the DingTalk application.")
            )
        hosts = connection._get_dingtalk_hosts()
        login_url = hosts.pop("login", LOGIN_URL)
        return DingTalkClient(
            connection.dingtalk_client_id,
            secret,
            agent_id=int(connection.dingtalk_agent_id or 0),
            corp_id=connection.dingtalk_corp_id or "",
            hosts=hosts,
            login_url=login_url,
            tokens=self.env["hr.performance.im.token"]._get_store(connection),
            budget=budget,
        )

    @api.model
    def _test(self, connection, client):
        names = {
            "token": self.env._("Key and secret"),
            "contacts": self.env._("Read the contacts"),
            "person": self.env._("Read one person"),
            "report": self.env._("Read the attendance report"),
            "approvals": self.env._("List the approval processes"),
        }
        checks = client.check(self._get_test_user(connection, client))
        results = [
            (names.get(check.name, check.name), check.error and self._read_error(check.error))
            for check in checks
        ]
        report = [check.error for check in checks if check.name == "report"]
        if report == [None]:
            connection.dingtalk_has_report = client.attendance.has_report()
        if not any(check.error for check in checks if check.name in ("token", "contacts")):
            connection.scope_text = self._describe_scope(client)
        return results

    @api.model
    def _get_test_user(self, connection, client):
        """Somebody with whom attendance and approvals can be tried."""
        identity = self.env["hr.performance.im.identity"].search(
            [("connection_id", "=", connection.id), ("left_on", "=", False)], limit=1, order="id"
        )
        if identity:
            return identity.external_id
        try:
            scope = client.contacts.scope()
            for department_id in scope.department_ids or (ROOT,):
                for page in client.contacts.department_users(department_id):
                    return page[0].id
            return scope.user_ids[0] if scope.user_ids else None
        except errors.ApiError:
            # the checks themselves say why
            return None

    @api.model
    def _describe_scope(self, client):
        scope = client.contacts.scope()
        if ROOT in scope.department_ids:
            return self.env._("The application sees the whole company.")
        return self.env._(
            "The application sees %(departments)s departments and %(people)s single people. Who "
            "is not among them is neither read nor told anything.",
            departments=len(scope.department_ids),
            people=len(scope.user_ids),
        )

    # People

    @api.model
    def _get_top_department(self):
        return str(ROOT)

    @api.model
    def _fetch_departments(self, client):
        return [
            {
                "external_id": str(department.id),
                "name": department.name,
                "parent_external_id": str(department.parent_id),
            }
            for department in client.contacts.departments()
        ]

    @api.model
    def _fetch_users(self, client, department_id):
        for page in client.contacts.department_users(int(department_id)):
            yield [self._to_values(user) for user in page]

    @api.model
    def _fetch_user(self, client, external_id):
        try:
            user = client.contacts.user(external_id)
        except errors.UserUnknown:
            return None
        return {**self._to_values(user), "manager_external_id": user.manager_id}

    @api.model
    def _fetch_leavers(self, client, since):
        for page in client.contacts.leave_records(datetime.combine(since, time.min)):
            yield [
                {
                    "external_id": record.user_id,
                    "left_on": record.left_at
                    and times.day_from_ms(times.ms_from_utc(record.left_at)),
                }
                for record in page
            ]

    @api.model
    def _to_values(self, user):
        return {
            "external_id": user.id,
            "union_id": user.union_id,
            "name": user.name,
            "job_number": user.job_number,
            "mobile": user.mobile,
            "email": user.work_email or user.email,
            "title": user.title,
            "department_keys": [str(number) for number in user.department_ids],
            "joined_on": user.hired_on,
        }
