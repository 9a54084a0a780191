from datetime import date, datetime

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged, warmup
from odoo.tools import mute_logger

from .common import PERIOD, PerformanceCase


class SourceCase(PerformanceCase):
    """Metrics over the rows of ``hr.performance.fact``, which stand for any records here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = cls.env["hr.performance.metric"].create(
            {"name": "Rows", "code": "t_rows", "source": "fact"}
        )

    def _create_metric(self, model="hr.performance.fact", **vals):
        values = {
            "name": "Measured",
            "source": "model",
            "model_id": self.env["ir.model"]._get_id(model),
            **vals,
        }
        if measure := values.pop("measure", None):
            values["measure_field_id"] = self.env["ir.model.fields"]._get(model, measure).id
        return self.env["hr.performance.metric"].create(values)

    def _measure(self, metric, *employees, period=PERIOD):
        people = self.env["hr.employee"].concat(*employees)
        measured = metric._measure(people, *period)[metric]
        return [measured[employee.id] for employee in people]

    def _values(self, metric, *employees, period=PERIOD):
        return [m.value for m in self._measure(metric, *employees, period=period)]

    def _add(self, employee, *values, day=date(2026, 3, 10), **vals):
        facts = self._add_facts(employee, self.rows, *values, day=day)
        facts.write(vals)
        return facts


@tagged("post_install", "-at_install")
class TestAggregates(SourceCase):
    def test_each_calculation(self):
        for value, ref in ((4, "a"), (1, "b"), (7, "a")):
            self._add(self.anna, value, import_ref=ref)
        self._add(self.bo, 5, day=date(2026, 4, 1))
        expected = {
            "count": (3, 0),
            "sum": (12, 0),
            "avg": (4, None),
            "min": (1, None),
            "max": (7, None),
        }
        for aggregate, values in expected.items():
            with self.subTest(aggregate):
                metric = self._create_metric(aggregate=aggregate, measure="value")
                self.assertEqual(self._values(metric, self.anna, self.bo), [*values])
        distinct = self._create_metric(aggregate="count_distinct", measure="import_ref")
        self.assertEqual(self._values(distinct, self.anna, self.bo), [2, 0])

    def test_what_a_number_rests_on(self):
        self._add(self.anna, 4, 1)
        average = self._create_metric(aggregate="avg", measure="value", expected_sample=4)
        anna, bo = self._measure(average, self.anna, self.bo)
        self.assertEqual((anna.numerator, anna.denominator, anna.sample), (5, 2, 2))
        self.assertEqual((anna.coverage, anna.reason), (0.5, None))
        self.assertEqual((bo.value, bo.coverage, bo.reason), (None, 0.0, "no_rows"))

    def test_nothing_is_not_zero_unless_the_metric_says_so(self):
        """Trap 7: a count that should be low is not perfect for want of data."""
        low = self._create_metric(direction="lower")
        self.assertEqual(self._measure(low, self.anna)[0].reason, "no_rows")
        low.empty_as = "zero"
        self.assertEqual(self._values(low, self.anna), [0.0])

    def test_domain_and_factor(self):
        self._add(self.anna, 1, 5, 9)
        metric = self._create_metric(
            aggregate="sum", measure="value", domain="[('value', '>', 2)]", scale_factor=60
        )
        self.assertEqual(self._values(metric, self.anna), [14 * 60])

    def test_alternatives_in_a_condition_stay_within_the_period_and_the_person(self):
        """Trap 38: what is added to the condition holds for all of its alternatives."""
        self._add(self.anna, 1, 9)
        self._add(self.anna, 1, day=date(2026, 2, 10))
        self._add(self.bo, 9)
        metric = self._create_metric(domain="['|', ('value', '<', 2), ('value', '>', 8)]")
        self.assertEqual(self._values(metric, self.anna, self.bo), [2, 1])

    def test_records_that_vanish(self):
        facts = self._add(self.anna, 3)
        metric = self._create_metric(aggregate="sum", measure="value")
        average = self._create_metric(aggregate="avg", measure="value")
        self.assertEqual(self._values(metric, self.anna), [3])
        facts.unlink()
        self.assertEqual(self._values(metric, self.anna), [0])
        self.assertEqual(self._values(average, self.anna), [None])


@tagged("post_install", "-at_install")
class TestRatio(SourceCase):
    def _create_ratio(self, **vals):
        return self._create_metric(
            unit="percent",
            domain="[('import_ref', '=', 'won')]",
            denominator_domain="[]",
            **vals,
        )

    def test_share_of_records(self):
        self._add(self.anna, 1, 1, import_ref="won")
        self._add(self.anna, 1, 1, 1, import_ref="lost")
        self._add(self.bo, 1, import_ref="lost")
        anna, bo, carl = self._measure(self._create_ratio(), self.anna, self.bo, self.carl)
        self.assertEqual((anna.value, anna.numerator, anna.denominator), (40.0, 2, 5))
        self.assertEqual((bo.value, bo.numerator, bo.denominator), (0.0, 0, 1))
        self.assertEqual((carl.value, carl.reason), (None, "empty_denominator"))

    def test_share_of_a_sum(self):
        self._add(self.anna, 30, import_ref="won")
        self._add(self.anna, 90)
        ratio = self._create_ratio(aggregate="sum", measure="value")
        self.assertEqual(self._values(ratio, self.anna), [25.0])

    def test_sum_that_cancels_out_divides_nothing(self):
        self._add(self.anna, 30, -30, import_ref="won")
        ratio = self._create_ratio(aggregate="sum", measure="value")
        self.assertEqual(self._measure(ratio, self.anna)[0].reason, "empty_denominator")

    def test_other_date_of_the_divisor(self):
        """Won by the day of winning, handled by the day of coming in."""
        facts = self._add(self.anna, 1, 1, import_ref="won", day=date(2026, 3, 5))
        facts |= self._add(self.anna, 1, import_ref="lost", day=date(2026, 4, 5))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hr_performance_fact SET create_date = '2026-03-02' WHERE id = ANY(%s)",
            [facts.ids],
        )
        self.env.invalidate_all()
        ratio = self._create_ratio(denominator_date_path="create_date")
        anna = self._measure(ratio, self.anna)[0]
        self.assertEqual((anna.numerator, anna.denominator), (2, 3))

    def test_average_cannot_be_divided(self):
        with self.assertRaisesRegex(ValidationError, "divides counts or sums"):
            self._create_ratio(aggregate="avg", measure="value")

    def test_both_sets_of_records_open(self):
        won = self._add(self.anna, 1, 1, import_ref="won")
        lost = self._add(self.anna, 1, import_ref="lost")
        self._add(self.bo, 1, import_ref="won")
        self._add(self.anna, 1, import_ref="won", day=date(2026, 4, 1))
        ratio = self._create_ratio()
        for part, expected in (("numerator", won), ("denominator", won | lost)):
            action = ratio._get_metric_records_action(self.anna, *PERIOD, part)
            found = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(found, expected.sorted(lambda f: (f.date, f.id), reverse=True), part)


@tagged("post_install", "-at_install")
class TestPeople(SourceCase):
    def _add_partners(self, *users, day="2026-03-10 04:00:00", **vals):
        partners = self.env["res.partner"].create(
            [{"name": "Client", "user_id": user.id, **vals} for user in users]
        )
        self._move(partners, day)
        return partners

    def _move(self, partners, day):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = ANY(%s)", [day, partners.ids]
        )
        self.env.invalidate_all()

    def test_month_of_the_company(self):
        """Trap 25: half past midnight on 1 March in Shanghai is still February in UTC."""
        clients = self._create_metric("res.partner")
        self.assertEqual((clients.employee_path, clients.date_path), ("user_id", "create_date"))
        user = self.anna.user_id
        for day, march, april in (
            ("2026-02-28 15:59:59", 0, 0),
            ("2026-02-28 16:00:00", 1, 0),
            ("2026-03-31 15:59:59", 1, 0),
            ("2026-03-31 16:00:00", 0, 1),
        ):
            partner = self._add_partners(user, day=day)
            with self.subTest(day):
                self.assertEqual(self._values(clients, self.anna), [march])
                next_month = (date(2026, 4, 1), date(2026, 4, 30))
                self.assertEqual(self._values(clients, self.anna, period=next_month), [april])
            partner.unlink()

    def test_without_a_user_it_is_unknown(self):
        nobody = self.env["hr.employee"].create({"name": "No", "company_id": self.company.id})
        clients = self._create_metric("res.partner", empty_as="zero")
        self.assertEqual(self._measure(clients, nobody)[0].reason, "no_user")
        self._add(nobody, 3)
        by_employee = self._create_metric(empty_as="zero")
        self.assertEqual(self._values(by_employee, nobody), [1])

    def test_archived_people_and_users_are_measured(self):
        clients = self._create_metric("res.partner")
        self._add_partners(self.anna.user_id, self.anna.user_id)
        self.anna.user_id.active = False
        self.anna.active = False
        self.assertEqual(self._values(clients, self.anna), [2])

    def test_one_user_in_two_companies(self):
        """Each employee has the records of his company; those of no company count for both."""
        user = self.anna.user_id
        user.company_ids |= self.other_company
        abroad = self.env["hr.employee"].create(
            {"name": "Anna abroad", "user_id": user.id, "company_id": self.other_company.id}
        )
        self._add_partners(user, company_id=self.company.id)
        self._add_partners(user, user, company_id=self.other_company.id)
        self._add_partners(user, company_id=False)
        clients = self._create_metric("res.partner")
        self.assertEqual(self._values(clients, self.anna, abroad), [2, 3])

    def test_archived_records_as_configured(self):
        self._add_partners(self.anna.user_id, active=False)
        self._add_partners(self.anna.user_id)
        clients = self._create_metric("res.partner")
        self.assertEqual(self._values(clients, self.anna), [1])
        clients.include_archived = True
        self.assertEqual(self._values(clients, self.anna), [2])
        clients.write({"include_archived": False, "domain": "[('active', '=', False)]"})
        self.assertEqual(self._values(clients, self.anna), [1], "the condition names it itself")

    def test_path_over_another_record(self):
        """The records of a person's clients: the owner is one step further."""
        (client,) = self._add_partners(self.anna.user_id, day="2020-01-01")
        children = self.env["res.partner"].create([{"name": "C", "parent_id": client.id}] * 2)
        children.user_id = False
        self._move(children, "2026-03-10")
        metric = self._create_metric("res.partner", employee_path="parent_id.user_id")
        self.assertEqual(self._values(metric, self.anna, self.bo), [2, 0])
        action = metric._get_metric_records_action(self.anna, *PERIOD)
        self.assertEqual(self.env["res.partner"].search(action["domain"]), children)

    def test_path_that_ends_in_many_users(self):
        """What a person wrote: the author is a contact, the contact has users."""
        author = self.anna.user_id.partner_id
        messages = self.env["mail.message"].create(
            [
                {"author_id": author.id, "date": day, "body": "x"}
                for day in (datetime(2026, 3, 5), datetime(2026, 3, 6), datetime(2026, 4, 6))
            ]
        )
        metric = self._create_metric(
            "mail.message", employee_path="author_id.user_ids", date_path="date"
        )
        self.assertEqual(self._values(metric, self.anna, self.bo), [2, 0])
        action = metric._get_metric_records_action(self.anna, *PERIOD)
        self.assertEqual(
            set(self.env["mail.message"].search(action["domain"]).ids), set(messages[:2].ids)
        )

    def test_path_to_several_people_of_one_record(self):
        """A shared record counts for each of its people, archived ones included."""
        Program = self.env["hr.performance.program"]
        Program.create(
            {
                "name": "Shared",
                "company_id": self.company.id,
                "date_start": date(2026, 3, 2),
                "employee_ids": [Command.set((self.anna | self.bo).ids)],
            }
        )
        self.bo.active = False
        metric = self._create_metric(
            "hr.performance.program", employee_path="employee_ids", date_path="date_start"
        )
        self.assertEqual(self._values(metric, self.anna, self.bo, self.carl), [1, 1, 0])

    def test_everybody_or_a_few(self):
        """A large batch reads all groups, a small one filters: the numbers are the same."""
        self._add_partners(self.anna.user_id, self.anna.user_id, self.bo.user_id)
        clients = self._create_metric("res.partner")
        few = self._values(clients, self.anna, self.bo)
        module = "odoo.addons.hr_performance.models.hr_performance_source_model"
        self.patch(__import__(module, fromlist=["x"]), "MAX_FILTERED_PEOPLE", 0)
        self.assertEqual(self._values(clients, self.anna, self.bo), few)
        self.assertEqual(few, [2, 1])

    @warmup
    def test_as_many_queries_for_10_as_for_100(self):
        users = self.env["res.users"].create(
            [
                {
                    "name": f"U{n}",
                    "login": f"source_user_{n}",
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                }
                for n in range(100)
            ]
        )
        crowd = self.env["hr.employee"].create(
            [{"name": u.name, "user_id": u.id, "company_id": self.company.id} for u in users]
        )
        self._add_partners(*users)
        metrics = self._create_metric("res.partner") | self._create_metric(
            "res.partner", denominator_domain="[]"
        )
        for run in (metrics._measure, metrics._refresh_values):
            counts = []
            for size in (10, 10, 100):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                run(crowd[:size], *PERIOD)
                counts.append(self.cr.sql_log_count - before)
            self.assertEqual(counts[1], counts[2], run.__name__)


@tagged("post_install", "-at_install")
class TestParameter(SourceCase):
    def _create_tagged(self, **vals):
        return self._create_metric(
            "res.partner", parameter_path="category_id", date_path="create_date", **vals
        )

    def test_the_same_metric_for_another_thing(self):
        """“Sales of product A” and “of product B” need no code; what is below A counts too."""
        Category = self.env["res.partner.category"]
        first = Category.create({"name": "A"})
        below = Category.create({"name": "A1", "parent_id": first.id})
        second = Category.create({"name": "B"})
        for category in (first, below, second):
            self.env["res.partner"].create(
                {
                    "name": category.name,
                    "user_id": self.anna.user_id.id,
                    "category_id": [Command.set(category.ids)],
                }
            )
        today = self.company._get_performance_today()
        period = (today, today)
        metric = self._create_tagged(parameter_ref=f"res.partner.category,{first.id}")
        self.assertEqual(metric.parameter_model_id.model, "res.partner.category")
        self.assertEqual(self._values(metric, self.anna, period=period), [2])
        action = metric.action_copy_for_parameter()
        copy = metric.browse(action["res_id"])
        unset = self._measure(copy, self.anna, period=period)[0]
        self.assertEqual((unset.value, unset.reason), (None, "error"))
        self.assertIn("choose what it is measured for", unset.detail["message"])
        copy.parameter_ref = second
        self.assertEqual(self._values(copy, self.anna, period=period), [1])
        second.unlink()
        self.assertEqual(self._measure(copy, self.anna, period=period)[0].reason, "error")

    def test_thing_of_another_kind_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "of that kind"):
            self._create_tagged(parameter_ref=f"res.partner,{self.company.partner_id.id}")


@tagged("post_install", "-at_install")
class TestConfiguration(SourceCase):
    def _refuse(self, message, model="res.partner", **vals):
        with (
            self.subTest(message, **vals),
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(ValidationError, message),
            self.env.cr.savepoint(),
        ):
            self._create_metric(model, **vals)

    def test_models_of_the_system_are_refused(self):
        for model in (
            "ir.attachment",
            "ir.config_parameter",
            "res.users",
            "res.users.log",
            "res.groups",
            "hr.performance.metric.test",
            "mail.thread",
        ):
            self._refuse("cannot be measured", model, date_path="create_date")

    def test_paths_that_lead_nowhere_say_what_to_choose(self):
        self._refuse(r"\(user_id\)", employee_path="country_id")
        self._refuse(r"\(user_id\)", employee_path="child_ids.user_id")
        self._refuse(r"\(user_id\)", employee_path="nonsense")
        self._refuse(r"\(create_date\)", date_path="name")
        self._refuse(r"\(create_date\)", date_path="child_ids.create_date")
        self._refuse("choose which records", model_id=False)

    def test_measured_field_must_be_a_stored_number(self):
        self._refuse("choose the measured field", aggregate="sum", measure="name")
        self._refuse("choose the measured field", aggregate="sum")
        foreign = self.env["ir.model.fields"]._get("hr.performance.fact", "value")
        self._refuse("choose the measured field", aggregate="sum", measure_field_id=foreign.id)

    def test_conditions_are_literal(self):
        attacks = [
            "[('name', '=', __import__('os').system('true'))]",
            "[('name', '=', open('/etc/passwd').read())]",
            "[('id', '=', uid)]",
            "[('id', 'in', [x for x in (1, 2)])]",
            "[('name', '=', context_today())]",
            "lambda: []",
            "[('name'",
            "{'a': 1}",
            "'text'",
            "[" * 500 + "]" * 500,
            "[('id', 'any!', [])]",
            "[('id', 'inselect', ('SELECT 1', ()))]",
        ]
        for domain in attacks:
            self._refuse("condition", domain=domain)
        self._refuse("condition", denominator_domain="[('id', '=', uid)]")

    def test_conditions_on_missing_fields(self):
        self._refuse("condition", domain="[('nonsense', '=', 1)]")
        self._refuse("cannot be measured like this|condition", domain="[('user_id.x', '=', 1)]")

    def test_what_the_administrator_may_not_read_cannot_be_measured(self):
        """A metric is no way around field groups: neither condition nor measure nor path."""
        admin = self.hr_admin
        Metric = self.env["hr.performance.metric"].with_user(admin)
        model_id = self.env["ir.model"]._get_id("hr.employee")
        values = {
            "name": "Pay",
            "source": "model",
            "model_id": model_id,
            "employee_path": "user_id",
            "date_path": "create_date",
        }
        Metric.create(values)
        field = self.env["hr.employee"]._fields["pin"]
        self.patch(field, "groups", "base.group_system")
        self.env.registry.clear_cache()
        with self.assertRaisesRegex(ValidationError, "may not read"):
            Metric.create({**values, "domain": "[('pin', '=', '1234')]"})
        versions = self.env["hr.version"]._fields["wage"]
        self.assertTrue(versions.groups)
        with self.assertRaisesRegex(ValidationError, "may not read|cannot be measured"):
            Metric.create({**values, "domain": "[('version_id.wage', '>', 1000)]"})

    def test_records_that_the_administrator_may_not_read(self):
        Metric = self.env["hr.performance.metric"].with_user(self.hr_admin)
        self.assertFalse(self.env["ir.rule"].with_user(self.hr_admin).has_access("read"))
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "res.partner"), ("perm_read", "=", True)]
        ).active = False
        with self.assertRaisesRegex(ValidationError, "cannot be measured"):
            Metric.create(
                {
                    "name": "Clients",
                    "source": "model",
                    "model_id": self.env["ir.model"]._get_id("res.partner"),
                }
            )

    def test_lost_configuration_stops_only_this_metric(self):
        metric = self._create_metric("res.partner")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hr_performance_metric SET model_id = NULL WHERE id = %s", [metric.id]
        )
        self.env.invalidate_all()
        self._add_facts(self.anna, self.visits, 2)
        measured = (metric | self.visits)._measure(self.anna, *PERIOD)
        failed = measured[metric][self.anna.id]
        self.assertEqual((failed.value, failed.reason), (None, "error"))
        self.assertIn("which records it reads", failed.detail["message"])
        self.assertEqual(measured[self.visits][self.anna.id].value, 2)

    def test_removed_field_says_what_to_choose(self):
        partners = self.env["ir.model"]._get_id("res.partner")
        field = self.env["ir.model.fields"].create(
            {"name": "x_seen", "model_id": partners, "ttype": "float", "field_description": "Seen"}
        )
        counted = self._create_metric("res.partner", domain="[('x_seen', '>', 0)]")
        share = self._create_metric("res.partner", denominator_domain="[('x_seen', '>', 0)]")
        added = self._create_metric("res.partner", aggregate="sum", measure="x_seen")
        field.unlink()
        self.env.invalidate_all()
        for metric, message in (
            (counted, "the condition does not fit Contact"),
            (share, "the condition does not fit Contact"),
            (added, "which records it reads"),
        ):
            self.assertIn(message, self._measure(metric, self.anna)[0].detail["message"])
            with self.assertRaisesRegex(UserError, message):
                metric._get_metric_records_action(self.anna, *PERIOD)

    def test_factor_of_zero(self):
        with self.assertRaisesRegex(ValidationError, "everybody would have 0"):
            self._create_metric(scale_factor=0)

    def test_sum_beyond_all_numbers(self):
        metric = self._create_metric(aggregate="sum", measure="value", scale_factor=1e9)
        self._add(self.anna, 1e300)
        self.assertEqual(self._measure(metric, self.anna)[0].reason, "error")

    def test_failing_source_stops_only_its_metric(self):
        """A source of another addon may break the transaction; the others go on."""
        broken = self._create_metric("res.partner")

        def fail(source, *args):
            source.env.cr.execute("SELECT 1 / 0")

        self.patch(self.env.registry["hr.performance.source.model"], "_get_keys", fail)
        self._add_facts(self.anna, self.visits, 2)
        logger = "odoo.addons.hr_performance.models.hr_performance_metric"
        with mute_logger("odoo.sql_db"), self.assertLogs(logger, "WARNING"):
            measured = (broken | self.quality)._measure(self.anna, *PERIOD)
        self.assertEqual(measured[broken][self.anna.id].reason, "error")
        self.assertEqual(measured[self.quality][self.anna.id].reason, "not_entered")
        self.env.cr.execute("SELECT 1")

    def test_records_open_with_the_readers_own_rights(self):
        stranger = new_test_user(self.env, "src_portal", groups="base.group_portal")
        metric = self._create_metric()
        self.assertTrue(metric._get_metric_records_action(self.anna, *PERIOD))
        self.assertFalse(
            metric.with_user(stranger)
            ._get_source()
            ._records_action(metric.with_user(stranger), self.anna.with_user(stranger), *PERIOD)
        )
