from unittest.mock import patch

from odoo.fields import Domain
from odoo.tests import TransactionCase, tagged
from odoo.tools.safe_eval import safe_eval


@tagged("post_install", "-at_install")
class TestCoreModels(TransactionCase):
    """What our addons add to models of others."""

    def test_no_column_is_required(self):
        """Core makes such records while only core is loaded, in updates and in its own tests."""
        required = [
            str(field)
            for model in self.env.registry.values()
            if model._auto and not model._abstract and not model._transient
            for field in model._fields.values()
            if not (model._original_module or "").startswith("hr_performance")
            and (field._module or "").startswith("hr_performance")
            and field.store
            and field.required
        ]
        self.assertFalse(required)

    def _is_ours(self, module):
        return (module or "").startswith("hr_performance")

    def _get_missing(self, rule):
        """Fields of ours that a rule names, asked while only core is loaded."""
        model = self.env.registry[rule.model_id.model]
        core = {n: f for n, f in model._fields.items() if not self._is_ours(f._module)}
        with patch.object(model, "_fields", core):
            domain = Domain(safe_eval(rule.domain_force or "[]", rule._eval_context()))
        missing = set()
        for condition in domain.iter_conditions():
            fields = core
            for name in condition.field_expr.split("."):
                field = fields.get(name)
                if field is None or self._is_ours(field._module):
                    missing.add(name)
                    break
                fields = self.env[field.comodel_name]._fields if field.relational else {}
        return missing

    def test_rules_on_models_of_others_wait_for_our_fields(self):
        """In an update core is loaded first, and its tests run, with our rules in the database."""
        known = self.env["ir.model.data"].search(
            [("model", "=", "ir.rule"), ("module", "=like", "hr\\_performance%")]
        )
        for rule in self.env["ir.rule"].browse(known.mapped("res_id")):
            if not self._is_ours(self.env.registry[rule.model_id.model]._original_module):
                with self.subTest(rule=rule.name):
                    self.assertFalse(self._get_missing(rule))

    def test_rule_that_does_not_wait_is_found(self):
        rule = self.env["ir.rule"].create(
            {
                "name": "no former employees",
                "model_id": self.env["ir.model"]._get_id("hr.employee"),
                "domain_force": "[('performance_standin', '=', False)]",
            }
        )
        self.assertEqual(self._get_missing(rule), {"performance_standin"})
        rule.domain_force = "[('parent_id.performance_standin', '=', False)]"
        self.assertEqual(self._get_missing(rule), {"performance_standin"})
        rule.domain_force = (
            "[('performance_standin', '=', False)]"
            " if 'performance_standin' in user.env['hr.employee']._fields else []"
        )
        self.assertFalse(self._get_missing(rule))


@tagged("post_install", "-at_install")
class TestNames(TransactionCase):
    """Every record of ours can be looked for by typing in a field that leads to it."""

    def test_typing_finds(self):
        for name, model in self.env.registry.items():
            if not name.startswith("hr.performance.") or model._abstract or model._transient:
                continue
            if model._rec_name:
                with self.subTest(model=name):
                    self.env[name].name_search("no such name")
