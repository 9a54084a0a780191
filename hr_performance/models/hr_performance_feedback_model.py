from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

#: Where the responsible person of a record usually stands, in order.
USUAL_PATHS = ("employee_id", "user_id", "user_ids", "responsible_id")
CODE = "action = env['hr.performance.feedback.model']._give_feedback(record)"


class HrPerformanceFeedbackModel(models.Model):
    """Records from which feedback is given: “Give Feedback” in their chatter and in their menu.

    Both run a server action bound to the model, made and removed with this record.
    """

    _name = "hr.performance.feedback.model"
    _description = "Records for Feedback"
    _order = "model_id"

    model_id = fields.Many2one(
        "ir.model",
        "Records",
        required=True,
        ondelete="cascade",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )
    model_name = fields.Char(related="model_id.model", string="Technical Name")
    person_field_id = fields.Many2one(
        "ir.model.fields",
        "Responsible Person",
        compute="_compute_person_field_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('relation', 'in', ('res.users', 'hr.employee'))]",
        help="The user or employee whom the feedback is for, unless the giver chooses another one.",
    )
    action_id = fields.Many2one("ir.actions.server", readonly=True, copy=False, ondelete="set null")

    _model_unique = models.UniqueIndex("(model_id)", "These records have the entry already.")

    @api.depends("model_id")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = entry.model_id.name

    @api.depends("model_id")
    def _compute_person_field_id(self):
        for entry in self:
            found = entry.model_id.field_id.filtered(
                lambda field: (
                    field.name in USUAL_PATHS and field.relation in ("res.users", "hr.employee")
                )
            )
            entry.person_field_id = found.sorted(lambda f: USUAL_PATHS.index(f.name))[:1]

    @api.constrains("model_id", "person_field_id")
    def _check_person_field(self):
        for entry in self:
            field = entry.person_field_id
            if field and (
                field.model_id != entry.model_id
                or field.relation not in ("res.users", "hr.employee")
            ):
                raise ValidationError(
                    self.env._("Choose a field of these records that holds a user or an employee.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries._bind()
        self.env.registry.clear_cache()
        return entries

    def write(self, vals):
        result = super().write(vals)
        if "model_id" in vals:
            # sudo: the menu entry is ours
            self.sudo().action_id.unlink()
            self._bind()
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        # sudo: the menu entry goes with us
        self.sudo().action_id.unlink()
        self.env.registry.clear_cache()
        return super().unlink()

    def _bind(self):
        """Put the entry into the menu of the records, for every employee."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for entry in self:
            # sudo: HR administrators make no server actions but this one
            action = (
                self.env["ir.actions.server"]
                .sudo()
                .create(
                    {
                        "name": "Give Feedback",
                        "model_id": entry.model_id.id,
                        "binding_model_id": entry.model_id.id,
                        "binding_view_types": "form",
                        "state": "code",
                        "code": CODE,
                        "group_ids": self.env.ref("base.group_user").ids,
                    }
                )
            )
            for code in languages:
                named = action.with_context(lang=code)
                named.name = self.with_context(lang=code).env._("Give Feedback")
            entry.sudo().action_id = action

    # ------------------------------------------------------------
    # The button of the chatter
    # ------------------------------------------------------------

    @api.model
    def _get_buttons(self):
        """``{model: action}`` of the records whose chatter offers it to the current user."""
        return self._get_actions() if self._is_entitled() else {}

    @api.model
    @ormcache()
    def _get_actions(self):
        # sudo: which records are configured, no content
        entries = self.sudo().search([("action_id", "!=", False)])
        return {entry.model_name: entry.action_id.id for entry in entries}

    @api.model
    def _is_entitled(self):
        """Whether there is anybody to whom the current user may give feedback."""
        user = self.env.user
        if not user._is_internal():
            return False
        # sudo: how the companies handle feedback in which he works
        companies = user.sudo().employee_ids.company_id
        return bool(
            any(companies.mapped("performance_feedback_open"))
            or user.has_group("hr_performance.group_hr_performance_user")
            or self.env["ir.ui.menu"]._manages_people()
            or self._is_asked()
        )

    @api.model
    def _is_asked(self):
        # sudo: his own ones only
        requests = self.env["hr.performance.feedback.request"].sudo()
        asked = [("giver_id", "=", self.env.uid), ("state", "=", "asked")]
        return bool(requests.search_count(asked, limit=1))

    # ------------------------------------------------------------
    # The form
    # ------------------------------------------------------------

    @api.model
    def _give_feedback(self, record):
        """The form for feedback about a record: its person filled in, the record linked."""
        record.ensure_one()
        record.check_access("read")
        employee = self._get_person(record)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give Feedback"),
            "res_model": "hr.performance.feedback",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_employee_id": employee.id,
                "default_res_model": record._name,
                "default_res_id": record.id,
            },
        }

    @api.model
    def _get_person(self, record):
        """The employee who is responsible for the record and is not the user himself."""
        # sudo: which field it is, for whoever opens the menu
        entry = self.sudo().search([("model_id.model", "=", record._name)])
        people = record[entry.person_field_id.name] if entry.person_field_id else self.env.user
        Employee = self.env["hr.employee"].sudo()  # sudo: which employee a user is
        if people._name == "res.users":
            people = Employee.search(
                [("user_id", "in", people.ids), ("company_id", "in", self.env.companies.ids)]
            )
        people = people.sudo().filtered(lambda person: person.user_id != self.env.user)
        return people[:1].sudo(False)
