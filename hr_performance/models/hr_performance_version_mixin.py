from odoo import fields, models
from odoo.fields import Domain


class HrPerformanceVersionMixin(models.AbstractModel):
    """Rules that people rely on: a change is a new version, which takes over on its effective date.

    The versions of one thing have the first one as their ``root_id``, a field that each model
    declares for itself together with the unique index ``(root_id, version)``.
    """

    _name = "hr.performance.version.mixin"
    _description = "Versions"

    version = fields.Integer(default=1, readonly=True, copy=False, aggregator=None)

    def _get_root(self):
        """The first version."""
        return self.root_id or self

    def _get_version_name(self):
        """The name, with its number from the second version on."""
        if self.version > 1:
            return self.env._("%(name)s (v%(version)s)", name=self.name, version=self.version)
        return self.name or ""

    def action_new_version(self):
        """Copy into a draft of the next version."""
        self.ensure_one()
        self.check_access("write")
        root = self._get_root()
        if not self.root_id:
            self.root_id = root
        latest = self.with_context(active_test=False).search(
            Domain("root_id", "=", root.id), order="version desc", limit=1
        )
        version = self.copy(
            {
                "name": self.name,
                "root_id": root.id,
                "version": max(latest.version, self.version) + 1,
                "date_from": self._get_next_start(),
            }
        )
        # A name that is given is that of one language.
        self.copy_translations(version)
        return version._get_records_action()

    def _get_next_start(self):
        """The day on which the next version takes over, until somebody says another one."""
        return fields.Date.context_today(self)

    def action_view_versions(self):
        """All versions, the archived ones as well."""
        self.ensure_one()
        root = self._get_root()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Versions of %s", self.name),
            "res_model": self._name,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": list(Domain("root_id", "=", root.id) | Domain("id", "=", root.id)),
            "context": {"active_test": False},
        }
