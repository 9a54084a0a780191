from datetime import datetime, time, timedelta

from odoo import api, fields, models

from odoo.addons.hr_performance_im.tools import errors

from ..tools import costs
from .hr_performance_dingtalk_approval import FURTHER

#: Approvals read in one step, each by a call of its own.
INSTANCE_STEP = 20
#: Approvals that a process is expected to have at least, before the first run says how many.
EXPECTED = 20
FINAL = ("passed", "refused", "withdrawn", "revoked")


class HrPerformanceImProviderDingtalk(models.AbstractModel):
    """Approvals of the chosen processes. What was decided is not read a second time."""

    _inherit = "hr.performance.im.provider.dingtalk"

    @api.model
    def _get_default_schedule(self):
        return [
            *super()._get_default_schedule(),
            {"kind": "approval", "interval": 24, "days": 7, "sequence": 30},
        ]

    @api.model
    def _plan(self, run):
        if run.kind != "approval":
            return super()._plan(run)
        calls = 0
        for process in self._get_processes(run.connection_id):
            days = (run.date_to - run.date_from).days + 1 + process.longest_days
            known = self.env["hr.performance.dingtalk.approval"].search_count(
                [("process_id", "=", process.id), ("state", "=", "running")]
            )
            calls += costs.approval_calls(known + EXPECTED, -(-days // 120))
        return calls

    @api.model
    def _get_processes(self, connection):
        return self.env["hr.performance.dingtalk.process"].search(
            [("connection_id", "=", connection.id)], order="id"
        )

    @api.model
    def _step_approval(self, run, client):
        position = run.position or {
            "processes": self._get_processes(run.connection_id).ids,
            "ids": [],
            "listed": False,
        }
        if not position["processes"]:
            return True
        process = self.env["hr.performance.dingtalk.process"].browse(position["processes"][0])
        if not position["listed"]:
            ids = self._list_approvals(run, client, process)
            run.position = {**position, "ids": ids, "listed": True}
            return False
        ids = position["ids"]
        self._read_approvals(run, client, process, ids[:INSTANCE_STEP])
        if len(ids) > INSTANCE_STEP:
            run.position = {**position, "ids": ids[INSTANCE_STEP:]}
        else:
            rest = position["processes"][1:]
            run.position = {"processes": rest, "ids": [], "listed": False}
        return not run.position["processes"]

    @api.model
    def _list_approvals(self, run, client, process):
        """Outside ids that have to be read: new ones, and those that were still running."""
        start = datetime.combine(run.date_from - timedelta(days=process.longest_days), time.min)
        try:
            listed = [
                key
                for page in client.approvals.instance_ids(
                    process.code, start, fields.Datetime.now()
                )
                for key in page
            ]
        except errors.ApiError as error:
            run._skip(error, process.name)
            return []
        approvals = self.env["hr.performance.dingtalk.approval"]
        running = approvals.search([("process_id", "=", process.id), ("state", "not in", FINAL)])
        open_keys = {key.partition(FURTHER)[0] for key in running.mapped("external_id")}
        known = approvals._find_digests(run.connection_id, listed)
        return [
            key
            for key in dict.fromkeys([*sorted(open_keys), *listed])
            if key not in known or key in open_keys
        ]

    @api.model
    def _read_approvals(self, run, client, process, ids):
        instances = []
        for key in ids:
            try:
                instances.append(client.approvals.instance(key))
            except errors.ApiError as error:
                run._skip(error, key)
        if instances:
            run._count_brought(
                self.env["hr.performance.dingtalk.approval"]._keep(process, instances)
            )

    # By events

    @api.model
    def _read_instances_again(self, run, client, keys):
        """Read the approvals that an event is about, as far as their process is read at all.

        :param keys: ``{outside id: process code or None}``
        """
        processes = {p.code: p for p in self._get_processes(run.connection_id)}
        for code, process in processes.items():
            ids = [key for key, its_code in keys.items() if its_code == code]
            self._read_approvals(run, client, process, ids)
