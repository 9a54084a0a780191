import json
import secrets
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime

#: Field types that are no data of their own in an archive.
LEFT_OUT = {"binary", "one2many", "many2many", "json", "many2one_reference"}
#: Columns about the row and not about the person.
TECHNICAL = {"id", "display_name", "create_uid", "create_date", "write_uid", "write_date"}
#: Messages that have not been told yet.
UNSENT = ("waiting", "sending")
#: What stands where a text had to be and was erased.
ERASED = "–"


class Personal(NamedTuple):
    """What a model holds about a person.

    :ivar subject: path to the person, an ``hr.employee`` or a ``res.users``
    :ivar texts: columns with free text, erased on request and for leavers
    :ivar payload: JSON columns with texts inside
    :ivar drop: the rows go with the person; nothing is counted from them
    :ivar withheld: why the archive leaves it out although it is about the person; an own right of
        his does not lead there either
    """

    subject: str = "employee_id"
    texts: tuple = ()
    payload: tuple = ()
    drop: bool = False
    withheld: str = ""


class HrPerformancePrivacy(models.AbstractModel):
    """The one place that knows where personal data is: for the archive and for erasing.

    A feature adds its models by ``_inherit``::

        def _get_personal(self):
            return super()._get_personal() | {"hr.performance.x": Personal(texts=("text",))}

    A test fails for each model with a person in it that is neither here nor in :meth:`_get_exempt`.
    """

    _name = "hr.performance.privacy"
    _description = "Personal Data"

    @api.model
    def _get_personal(self):
        """``{model: Personal}``"""
        line_texts = ("self_comment", "manager_reason", "exclusion_reason")
        return {
            "hr.performance.review": Personal(
                texts=(
                    "self_comment",
                    "manager_comment",
                    "raw_return_reason",
                    "raw_manager_returns",
                )
            ),
            "hr.performance.review.line": Personal(texts=line_texts),
            "hr.performance.review.revision": Personal(texts=("reason",), payload=("payload",)),
            "hr.performance.evidence": Personal(texts=("description", "decision_reason")),
            "hr.performance.fact": Personal(texts=("description",)),
            "hr.performance.value": Personal(),
            "hr.performance.poll": Personal(),
            "hr.performance.poll.result": Personal(texts=("text",)),
            "hr.performance.peer.invitation": Personal(),
            "hr.performance.appeal": Personal(
                texts=("reason", "answer", "second_reason", "second_answer")
            ),
            "hr.performance.plan": Personal(texts=("goal", "closing_note")),
            "hr.performance.plan.step": Personal("plan_id.employee_id", texts=("description",)),
            "hr.performance.plan.note": Personal("plan_id.employee_id", texts=("text",)),
            "hr.performance.plan.checkin": Personal("plan_id.employee_id", texts=("note",)),
            "hr.performance.consent": Personal(),
            "hr.performance.access.log": Personal(),
            "hr.performance.message": Personal(subject="user_id", drop=True),
            "hr.performance.ballot": Personal(subject="user_id", drop=True),
            "hr.performance.cycle.issue": Personal(
                drop=True, withheld="Notes for HR while a cycle is launched, without any judgement."
            ),
        }

    @api.model
    def _get_exempt(self):
        """``{model: why it holds no data about the person that its column names}``"""
        return {
            "hr.performance.program": "who looks after a programme, and whom it is for",
            "hr.performance.work.item": "who pressed a button",
            "hr.performance.pulse.action": "who looks after what a pulse asked for",
            "hr.performance.phone.form": "a key without content, deleted after days",
        }

    # Archive

    @api.model
    def _get_archive(self):
        """What is held about the current user, as he may read it: ``[{model, rows}]``.

        Everything is read with his own rights, so that the archive never tells what the screens
        refuse: a result before its publication, or the work of others.
        """
        user = self.env.user
        env = self.with_context(
            lang=user.lang, tz=user.tz, allowed_company_ids=user.company_ids.ids, active_test=False
        ).env
        sections = []
        for name, personal in self._get_available():
            Model = env[name]
            if personal.withheld or not Model.has_access("read"):
                continue
            records = Model.search(self._get_own_domain(Model, personal, user), order="id")
            if records:
                sections.append(
                    {"model": name, "title": Model._description, "rows": self._read_rows(records)}
                )
        return sections

    @api.model
    def _get_available(self):
        return [(n, p) for n, p in self._get_personal().items() if n in self.env]

    @api.model
    def _get_subject_field(self, Model, personal):
        """The column at the end of the path to the person."""
        *path, last = personal.subject.split(".")
        for name in path:
            Model = self.env[Model._fields[name].comodel_name]
        return Model._fields[last]

    @api.model
    def _get_own_domain(self, Model, personal, user):
        field = self._get_subject_field(Model, personal)
        if field.comodel_name == "res.users":
            return Domain(personal.subject, "=", user.id)
        return Domain(f"{personal.subject}.user_id", "=", user.id)

    @api.model
    def _read_rows(self, records):
        """``[[(label, value, shown value)]]`` of what the reader may see of the records."""
        described = records.fields_get(attributes=["type", "string", "store", "name"])
        names = [
            name
            for name, info in described.items()
            if info["type"] not in LEFT_OUT
            and name not in TECHNICAL
            and (info["store"] or name in self._get_shown_fields(records))
        ]
        rows = []
        for values in records.read(names):
            row = []
            for name in names:
                value = values[name]
                if value in (False, None, "") and described[name]["type"] != "boolean":
                    continue
                shown = self._show_value(records._fields[name], value)
                plain = value[1] if isinstance(value, tuple) else value
                row.append({"name": name, "label": described[name]["string"], "value": plain})
                row[-1]["shown"] = shown
            rows.append(row)
        return rows

    @api.model
    def _get_shown_fields(self, records):
        """Computed fields that say something: texts of messages, why a review came back."""
        shown = {
            "hr.performance.message": {"subject", "body"},
            "hr.performance.review": {"return_reason"},
        }
        return shown.get(records._name, set())

    @api.model
    def _show_value(self, field, value):
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "date":
            return format_date(self.env, value)
        if field.type == "datetime":
            return format_datetime(self.env, value)
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        return value[1] if isinstance(value, tuple) else str(value)

    @api.model
    def _get_archive_json(self, sections):
        return json.dumps(
            {
                "person": self.env.user.name,
                "sections": [
                    {
                        "model": section["model"],
                        "title": section["title"],
                        "rows": [
                            {cell["name"]: cell["value"] for cell in row} for row in section["rows"]
                        ],
                    }
                    for section in sections
                ],
            },
            ensure_ascii=False,
            indent=2,
            default=str,
        )

    @api.model
    def _get_archive_files(self):
        """Files that the user submitted himself, as ``[(name, content)]``."""
        evidences = self.env["hr.performance.evidence"].search([("is_own", "=", True)])
        files = evidences.attachment_ids
        return [(f"{file.id}-{file.name}", file.raw or b"") for file in files]

    # Erasing

    @api.model
    def _erase_texts(self, employees, before=None):
        """Erase the free texts about these people, in a few statements; numbers stay.

        :param before: only what belongs to periods that ended before this day
        """
        rows = self._get_rows(employees, before)
        for name, personal in self._get_available():
            self._erase_columns(name, personal, rows[name])
            self._erase_chatter(name, rows[name])
        users = self.env["res.users"] if before else employees.user_id
        told = self._find_told(rows, users).filtered(lambda m: m.state not in UNSENT)
        told.write(dict.fromkeys(("raw_subject", "raw_body", "raw_line"), ERASED))
        self._erase_delivered(told)
        self.env.invalidate_all()

    @api.model
    def _get_rows(self, employees, before=None):
        """``{model: ids}`` of all that is held about these people."""
        return {
            name: self._get_rows_of(name, personal, employees, before)
            for name, personal in self._get_available()
        }

    @api.model
    def _get_rows_of(self, name, personal, employees, before=None):
        Model = self.env[name].with_context(active_test=False)
        field = self._get_subject_field(Model, personal)
        people = employees.user_id if field.comodel_name == "res.users" else employees
        domain = Domain(personal.subject, "in", people.ids)
        if before:
            paths = ("date_to", "review_id.date_to", "date")
            path = next((p for p in paths if self._has(Model, p)), None)
            if not path:
                return []
            domain &= Domain(path, "<", before)
        return Model.search(domain, order="id").ids

    @api.model
    def _has(self, Model, path):
        name, _dot, rest = path.partition(".")
        field = Model._fields.get(name)
        return bool(field and field._description_searchable) and (
            not rest or self._has(self.env[field.comodel_name], rest)
        )

    @api.model
    def _erase_columns(self, name, personal, ids):
        Model = self.env[name]
        if not ids:
            return
        sets = []
        for text in personal.texts:
            kept = ERASED if Model._fields[text].required else None
            sets.append(SQL("%s = %s", SQL.identifier(text), kept))
        for payload in personal.payload:
            sets.append(SQL("%s = NULL", SQL.identifier(payload)))
        if sets:
            Model.flush_model()
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s WHERE id = ANY(%s)",
                    SQL.identifier(Model._table),
                    SQL(", ").join(sets),
                    ids,
                )
            )

    @api.model
    def _erase_chatter(self, name, ids):
        """What was said on the records, and the files there; who moved what and when stays."""
        if not ids:
            return
        domain = [("res_model", "=", name), ("res_id", "in", ids)]
        # sudo: of records that were chosen by the right to erase them
        self.env["ir.attachment"].sudo().search(domain).unlink()
        if "message_ids" in self.env[name]._fields:
            messages = self.env["mail.message"].sudo()
            said = messages.search(Domain("model", "=", name) & Domain("res_id", "in", ids))
            said.write({"body": "", "subject": False})

    @api.model
    def _find_told(self, rows, users):
        """What others were told about these people, with the digests in which it stands.

        :param rows: as :meth:`_get_rows` gives it
        :param users: whom messages without a record are about
        """
        domain = Domain("about_user_id", "in", users.ids)
        for name, ids in rows.items():
            domain |= Domain("res_model", "=", name) & Domain("res_id", "in", ids)
        told = self.env["hr.performance.message"].search(domain)
        return told | told.digest_id

    @api.model
    def _erase_delivered(self, told):
        """Remove the copies in inboxes and in the queue of mails."""
        for channel, model in (("inbox", "mail.message"), ("email", "mail.mail")):
            sent = told.filtered(lambda m, c=channel: m.channel == c and m.reference)
            # sudo: of messages that were chosen by the right to erase them
            copies = self.env[model].sudo().browse(int(message.reference) for message in sent)
            copies.exists().unlink()

    @api.model
    def _anonymise(self, employees):
        """Put a person without a name in the place of each of these, in all that we hold.

        Totals, ranks and rates stay what they are: each leaver keeps rows of his own, under a
        name that leads nowhere. There is no way back, and no table of who was who.
        """
        if not employees:
            return employees
        self._erase_texts(employees)
        rows = self._get_rows(employees)
        told = self._find_told(rows, employees.user_id)
        for name, personal in self._get_available():
            if personal.drop:
                self.env[name].browse(rows[name]).unlink()
            elif "message_ids" in self.env[name]._fields:
                self._forget_chatter(name, rows[name])
        told.exists().unlink()
        ids = employees.ids
        secrets.SystemRandom().shuffle(ids)  # the stand-ins do not stand in the order of the people
        leavers = employees.browse(ids)
        standins = self.env["hr.employee"]._create_performance_standins(leavers)
        self._replace(dict(zip(leavers.ids, standins.ids, strict=True)))
        return standins

    @api.model
    def _forget_chatter(self, name, ids):
        domain = [("model", "=", name), ("res_id", "in", ids)]
        # sudo: as above, whoever wrote or follows
        self.env["mail.message"].sudo().search(domain).unlink()
        followers = [("res_model", "=", name), ("res_id", "in", ids)]
        self.env["mail.followers"].sudo().search(followers).unlink()

    @api.model
    def _replace(self, mapping):
        """Point every column of ours that names one of these employees to his stand-in."""
        self.env.flush_all()
        rows = SQL("unnest(%s::int[], %s::int[])", list(mapping), list(mapping.values()))
        for Model, field in self._get_employee_fields():
            if field.type == "many2many":
                query = SQL(
                    "DELETE FROM %s WHERE %s = ANY(%s)",
                    SQL.identifier(field.relation),
                    SQL.identifier(field.column2),
                    list(mapping),
                )
            else:
                query = SQL(
                    "UPDATE %(table)s t SET %(column)s = n.new FROM %(rows)s AS n(old, new)"
                    " WHERE t.%(column)s = n.old",
                    table=SQL.identifier(Model._table),
                    column=SQL.identifier(field.name),
                    rows=rows,
                )
            self.env.cr.execute(query)
        self.env.invalidate_all()

    @api.model
    def _get_employee_fields(self):
        """Every stored field of our models that leads to employees, whoever registered it."""
        return [
            (Model, field)
            for Model, field in self._get_person_fields()
            if field.comodel_name == "hr.employee"
        ]

    @api.model
    def _get_person_fields(self):
        result = []
        for name, Model in self.env.items():
            if not name.startswith("hr.performance.") or not Model._auto or Model._abstract:
                continue
            if Model._transient:
                continue
            for field in Model._fields.values():
                if not field.store or field.type not in ("many2one", "many2many"):
                    continue
                if field.comodel_name not in ("hr.employee", "res.users"):
                    continue
                if field.name not in ("create_uid", "write_uid"):
                    result.append((Model, field))
        return result

    # Retention

    @api.model
    def _get_due_leavers(self, company):
        """Leavers whose retention period is over and of whom we still hold something."""
        months = company.performance_retention_months
        if not months:
            return self.env["hr.employee"]
        limit = fields.Date.subtract(company._get_performance_today(), months=months)
        leavers = (
            self.env["hr.employee"]
            .with_context(active_test=False)
            .search(
                [
                    ("company_id", "=", company.id),
                    ("active", "=", False),
                    ("departure_date", "!=", False),
                    ("departure_date", "<", limit),
                    ("performance_standin", "=", False),
                ],
                order="id",
            )
        )
        held = set()
        for name, personal in self._get_available():
            field = self.env[name]._fields.get(personal.subject)
            if not field or field.comodel_name != "hr.employee":
                continue  # reached by another model's row about the same person
            groups = self.env[name]._read_group(
                [(personal.subject, "in", leavers.ids)], [personal.subject]
            )
            held |= {employee.id for (employee,) in groups}
        return leavers.filtered(lambda leaver: leaver.id in held)

    @api.model
    def _cron_anonymise(self):
        """Anonymise the leavers that are due, company by company."""
        for company in self.env["res.company"].search([("performance_retention_months", ">", 0)]):
            self._anonymise(self._get_due_leavers(company))
            self.env["ir.cron"]._commit_progress(1)
