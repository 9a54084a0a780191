from urllib.parse import urlencode, urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.hr_performance.tools.outbox import Outcome
from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.sign_in import local_path

from ..tools import messages as tools

#: Letters of a body that fit into a notice of 2048 bytes whatever they are.
BODY = 500
SUBJECT = 60


class HrPerformanceChannelDingtalk(models.AbstractModel):
    """Work notices and to-dos of DingTalk.

    Over its limits DingTalk answers with success and delivers nothing; what became of a notice is
    fetched afterwards, and a silent refusal is shown as a failure.
    """

    _name = "hr.performance.channel.dingtalk"
    _inherit = "hr.performance.channel"
    _description = "Channel: DingTalk"

    # ------------------------------------------------------------
    # Interface of the channels
    # ------------------------------------------------------------

    @api.model
    def _get_reachable(self, users):
        identities = self._get_identities(users)
        return users.filtered(lambda user: user in identities)

    @api.model
    def _send(self, messages):
        outcomes, identities = {}, self._get_identities(messages.user_id)
        for connection, part in messages.grouped(
            lambda message: identities[message.user_id].connection_id
            if message.user_id in identities
            else self.env["hr.performance.im.connection"]
        ).items():
            if connection:
                outcomes |= self._send_by(connection, part, identities)
        return outcomes

    @api.model
    def _fetch(self, messages):
        outcomes = {}
        Connection = self.env["hr.performance.im.connection"]
        by_task = messages.filtered(lambda m: (m.reference or "").startswith("notice:")).grouped(
            lambda message: message.reference
        )
        identities = self._get_identities(messages.user_id)
        for reference, part in by_task.items():
            _kind, connection_id, task_id = reference.split(":")
            connection = Connection.browse(int(connection_id)).exists()
            if not connection or connection.state == "paused":
                continue
            try:
                with self._open_client(connection) as client:
                    result = client.notices.result(int(task_id))
            except errors.ApiError:
                continue  # asked for again later
            for message in part:
                outcome = self._read_result(result, identities.get(message.user_id))
                if outcome:
                    outcomes[message] = outcome
        return outcomes

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    @api.model
    def _get_identities(self, users):
        """``{user: outside person}`` of those whom a running connection reaches."""
        identities = self.env["hr.performance.im.identity"].search(
            [
                ("employee_id.user_id", "in", users.ids),
                ("left_on", "=", False),
                ("connection_id.provider", "=", "dingtalk"),
                ("connection_id.state", "=", "live"),
                ("connection_id.active", "=", True),
                ("connection_id.dingtalk_agent_id", "!=", False),
            ]
        )
        return {identity.employee_id.user_id: identity for identity in identities}

    @api.model
    def _open_client(self, connection):
        budget = self.env["hr.performance.im.usage"]._get_budget(connection)
        return connection._get_provider()._open_client(connection, budget)

    @api.model
    def _send_by(self, connection, messages, identities):
        outcomes = {}
        try:
            client = self._open_client(connection)
        except UserError as error:
            return dict.fromkeys(messages, Outcome("failed", str(error)))
        with client:
            todos = messages.filtered(lambda m: m.type_id.dingtalk_todo and m.condition)
            for message in todos:
                identity = identities[message.user_id]
                outcomes[message] = self._try(
                    connection, lambda m=message, i=identity: self._send_todo(client, m, i)
                )
            cards = (messages - todos).grouped(lambda m: repr(self._get_card(connection, m)))
            for part in cards.values():
                keys = [identities[message.user_id].external_id for message in part]
                card = self._get_card(connection, part[0])
                outcome = self._try(
                    connection,
                    lambda k=keys, c=card: Outcome(
                        "accepted", "", f"notice:{connection.id}:{client.notices.send(k, c)}"
                    ),
                )
                outcomes |= dict.fromkeys(part, outcome)
        return outcomes

    @api.model
    def _try(self, connection, send):
        """Call ``send`` for an outcome; what an error means for a message is decided here."""
        try:
            return send()
        except errors.OutcomeUnknown as error:
            return Outcome("unknown", self.env._("DingTalk did not answer: %s", error.code))
        except errors.ApiError as error:
            trouble = connection._get_provider()._read_error(error)
            if trouble.action == "retry" and error.executed == errors.NO:
                return Outcome("waiting", trouble.advice, pause=max(trouble.wait // 60, 1))
            return Outcome("failed", f"{trouble.advice} ({trouble.code})")

    @api.model
    def _send_todo(self, client, message, identity):
        # sudo: the name of this database keeps the to-dos of two apart
        parameters = self.env["ir.config_parameter"].sudo()
        todo = client.todos.create(
            identity.union_id,
            f"odoo-{parameters.get_param('database.uuid')}-{message.id}",
            message.raw_subject[:200],
            self._get_link(identity.connection_id, message),
            description=message.raw_body[:BODY],
        )
        return Outcome("sent", "", f"todo:{identity.connection_id.id}:{todo.id}")

    @api.model
    def _get_card(self, connection, message):
        """A card that opens the page, signed in.

        DingTalk drops what a person got with the same words on the same day. The outbox tells
        nobody the same twice, so two messages that read alike are about different records: the
        day and the record make them differ.
        """
        env = self.env["hr.performance.message"]._get_reader_env(message.user_id)
        today = format_date(env, connection._get_outside_today())
        mark = f"{today} · {message.res_id}" if message.res_id else today
        body = message.raw_body[:BODY].replace("\n", "  \n")
        subject = message.raw_subject[:SUBJECT]
        return tools.card_message(
            subject,
            f"**{subject}**\n\n{body}\n\n{mark}",
            env._("Open"),
            self._get_link(connection, message),
        )

    @api.model
    def _get_link(self, connection, message):
        """Where a message leads: the page on the phone where there is one."""
        if message.res_model == "hr.performance.review":
            path = f"/performance/review/{message.res_id}"
        else:
            parts = urlsplit(message._get_url())
            path = f"{parts.path or '/performance'}{'?' + parts.query if parts.query else ''}"
        return (
            f"{connection._get_url('open')}?{urlencode({'next': local_path(path, '/performance')})}"
        )

    # ------------------------------------------------------------
    # What became of it
    # ------------------------------------------------------------

    @api.model
    def _read_result(self, result, identity):
        """The outcome for one person; None where DingTalk does not say yet."""
        key = identity and identity.external_id
        if key in result.delivered:
            return Outcome("sent")
        if key in result.refused:
            return Outcome("failed", self._explain_refusal(result.refused[key]))
        if key in result.unknown_users:
            return Outcome("failed", self.env._("DingTalk does not know the person any more."))
        if key in result.failed:
            return Outcome("failed", self.env._("DingTalk could not deliver it."))
        return None

    @api.model
    def _explain_refusal(self, reason):
        return {
            "minute": self.env._("Refused by DingTalk: too many notices in a minute."),
            "day": self.env._("Refused by DingTalk: the person got too many notices today."),
            "duplicate": self.env._("Refused by DingTalk: the person got the same text today."),
            "words": self.env._("Refused by DingTalk: the text contains forbidden words."),
            "protected": self.env._("Refused by DingTalk: the person is protected from notices."),
        }.get(reason, self.env._("Refused by DingTalk (%s).", reason or "-"))

    # ------------------------------------------------------------
    # To-dos that are done
    # ------------------------------------------------------------

    @api.model
    def _get_finished(self, connection, limit):
        """To-dos of a connection whose step is done in Odoo, or whose record is gone."""
        domain = [
            ("channel", "=", "dingtalk"),
            ("reference", "=like", f"todo:{connection.id}:%"),
            ("dingtalk_todo_done", "!=", True),
        ]
        finished = self.env["hr.performance.message"]
        for (model, _condition), part in (
            finished.search(domain, order="id")
            .grouped(lambda m: (m.res_model, repr(m.condition)))
            .items()
        ):
            open_ids = set()
            if model in self.env:
                Model = self.env[model].with_context(active_test=False)
                condition = fields.Domain(part[0].condition or [])
                open_ids = set(
                    Model.search(fields.Domain("id", "in", part.mapped("res_id")) & condition).ids
                )
            finished += part.filtered(lambda m, ids=open_ids: m.res_id not in ids)
        return finished[:limit]
