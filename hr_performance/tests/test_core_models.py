from odoo.tests import TransactionCase, tagged


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
