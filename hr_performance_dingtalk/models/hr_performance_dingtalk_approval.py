from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.hr_performance_im.tools.digest import make_digest

from ..tools import approvals
from ..tools.approvals import FormError

#: Behind the outside id, before the key of a further person.
FURTHER = "#"


class HrPerformanceDingtalkApproval(models.Model):
    """An approval as it was read: what became of it, for whom it counts, and with what number.

    It belongs to the period in which it was decided, by the calendar of the company. A passed
    approval that was revoked afterwards does not count any more. Where it counts for several
    people, each further one has a row of his own, with his key behind the outside id.
    """

    _name = "hr.performance.dingtalk.approval"
    _inherit = ["hr.performance.im.raw.mixin", "hr.performance.access.mixin"]
    _description = "Approval in DingTalk"
    _order = "finished_at desc, id desc"
    _rec_name = "title"

    process_id = fields.Many2one(
        "hr.performance.dingtalk.process",
        required=True,
        ondelete="cascade",
        readonly=True,
        index=True,
    )
    title = fields.Char(readonly=True)
    business_id = fields.Char("Number in DingTalk", readonly=True)
    outcome = fields.Char(readonly=True, export_string_translation=False)
    state = fields.Selection(
        [
            ("running", "Running"),
            ("passed", "Passed"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
            ("revoked", "Revoked after Passing"),
        ],
        readonly=True,
        required=True,
    )
    created_at = fields.Datetime("Asked for on", readonly=True)
    finished_at = fields.Datetime("Decided on", readonly=True)
    finished_on = fields.Date("Day of the Decision", readonly=True)
    clock_proven = fields.Boolean(
        "Time Checked",
        readonly=True,
        help="The number of the approval confirms how its times are to be read.",
    )
    originator_key = fields.Char("Asked for by", readonly=True)
    employee_id = fields.Many2one("hr.employee", ondelete="cascade", readonly=True)
    value = fields.Float(digits=(16, 4), readonly=True, aggregator="avg")
    problem = fields.Selection(
        [
            ("missing", "The form has no such field"),
            ("ambiguous", "Two fields of the form have this alias"),
            ("empty", "The field is empty"),
            ("not_a_number", "The field holds no number"),
            ("nobody", "No employee was found for the person"),
            ("several", "The contact field names several people"),
        ],
        "Not Understood",
        readonly=True,
    )
    revokes = fields.Char("Takes Back", readonly=True)
    payload = fields.Json(
        readonly=True,
        groups="hr_performance.group_hr_performance_user",
        export_string_translation=False,
    )

    _process_idx = models.Index("(process_id, state)")
    _employee_idx = models.Index("(employee_id, finished_on) WHERE employee_id IS NOT NULL")
    _revokes_idx = models.Index("(connection_id, revokes) WHERE revokes IS NOT NULL")

    @api.model
    def _keep(self, process, instances):
        """Bring approvals in, and take back those which others of them revoke.

        :param instances: list of ``tools.approvals.Instance``
        :return: ``hr_performance_im_raw_mixin.Brought``
        """
        connection = process.connection_id
        zone = ZoneInfo(connection.company_id._get_performance_tz())
        keys = {key for instance in instances for key in self._get_person_keys(process, instance)}
        people = self.env["hr.performance.im.identity"]._get_employee_ids(connection, keys)
        rows = [
            row for instance in instances for row in self._to_rows(process, instance, people, zone)
        ]
        brought = self._bring_in(connection, rows)
        self._drop_further(connection, instances, {row["external_id"] for row in rows})
        if brought.created or brought.changed:
            self._settle(connection)
        return brought

    @api.model
    def _drop_further(self, connection, instances, kept):
        """Remove the rows of people whom these approvals do not name any more."""
        query = SQL(
            """SELECT id FROM hr_performance_dingtalk_approval
                WHERE connection_id = %s AND split_part(external_id, %s, 1) = ANY(%s)
                  AND external_id <> ALL(%s)""",
            connection.id,
            FURTHER,
            [instance.id for instance in instances],
            list(kept),
        )
        self.browse(row[0] for row in self.env.execute_query(query)).unlink()

    @api.model
    def _to_rows(self, process, instance, people, zone):
        """A row of the approval; where it counts for several people, one of each."""
        keys = self._get_person_keys(process, instance)
        if len(keys) < 2 or process.several_people != "each":
            return [
                self._to_row(process, instance, zone, *self._get_employee(process, keys, people))
            ]
        rows = []
        for key in dict.fromkeys(keys):
            found = self._get_employee(process, [key], people)
            row = self._to_row(process, instance, zone, *found)
            if rows:
                row["external_id"] += f"{FURTHER}{key}"
            rows.append(row)
        return rows

    @api.model
    def _to_row(self, process, instance, zone, employee_id, problem):
        value = 1.0
        if process.value_address:
            try:
                value = float(approvals.number(instance.field(process.value_address)))
            except FormError as error:
                value, problem = 0.0, error.code
        finished = instance.finish_time
        row = {
            "external_id": instance.id,
            "process_id": process.id,
            "title": instance.title,
            "business_id": instance.business_id,
            "outcome": instance.outcome,
            "state": instance.outcome,
            "created_at": instance.create_time,
            "finished_at": finished,
            "finished_on": finished and _get_day(finished, zone),
            "clock_proven": instance.clock != "unproven",
            "originator_key": instance.originator_id,
            "employee_id": employee_id,
            "value": value,
            "problem": None if instance.revokes else problem,
            "revokes": instance.revokes,
        }
        row["digest"] = make_digest([row, instance.data])
        return {**row, "payload": instance.data}

    @api.model
    def _get_person_keys(self, process, instance):
        if process.employee_from == "originator":
            return [instance.originator_id]
        try:
            return approvals.contacts(instance.field(process.employee_address))
        except FormError:
            return []

    @api.model
    def _get_employee(self, process, keys, people):
        """Pair (employee id or None, problem or None)."""
        if not keys:
            return None, "missing" if process.employee_from == "field" else "nobody"
        if len(keys) > 1:
            return None, "several"
        employee_id = people.get(keys[0])
        return employee_id, None if employee_id else "nobody"

    @api.model
    def _settle(self, connection):
        """A passed approval that a passed one takes back is revoked, in whatever order they came.

        One statement that writes only what changes.
        """
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE hr_performance_dingtalk_approval a SET state = n.state
                     FROM (SELECT b.id,
                                  CASE WHEN b.outcome = 'passed' AND EXISTS (
                                       SELECT FROM hr_performance_dingtalk_approval r
                                        WHERE r.connection_id = b.connection_id
                                          AND r.revokes = split_part(b.external_id, %s, 1)
                                          AND r.outcome = 'passed')
                                       THEN 'revoked'
                                       WHEN b.revokes IS NOT NULL AND b.outcome = 'passed'
                                       THEN 'withdrawn'
                                       ELSE b.outcome END AS state
                             FROM hr_performance_dingtalk_approval b
                            WHERE b.connection_id = %s) n
                    WHERE a.id = n.id AND a.state <> n.state""",
                FURTHER,
                connection.id,
            )
        )
        self.invalidate_model(["state"])

    def _reread(self):
        """Understand the stored forms again, because the settings changed or people were found."""
        for process, records in self.grouped("process_id").items():
            instances = [
                approvals.instance_from(record.external_id, record.payload or {})
                for record in records
                if FURTHER not in record.external_id
            ]
            self._keep(process, instances)


def _get_day(instant, zone):
    return instant.replace(tzinfo=timezone.utc).astimezone(zone).date()
