import json
import zipfile
from datetime import date
from io import BytesIO

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PerformanceCase
from .peer_common import PeerCase


@tagged("post_install", "-at_install")
class TestPersonalData(PerformanceCase):
    def test_no_model_with_a_person_is_forgotten(self):
        """Each model with a column that leads to a person is registered, or says why not."""
        privacy = self.env["hr.performance.privacy"]
        known = privacy._get_personal().keys() | privacy._get_exempt().keys()
        forgotten = {Model._name for Model, _field in privacy._get_person_fields()} - known
        self.assertFalse(
            forgotten,
            "Add them to hr.performance.privacy._get_personal, or to _get_exempt with the reason.",
        )

    def test_what_is_registered_exists(self):
        for name, personal in self.env["hr.performance.privacy"]._get_available():
            Model = self.env[name]
            subject = self.env["hr.performance.privacy"]._get_subject_field(Model, personal)
            self.assertIn(subject.comodel_name, ("hr.employee", "res.users"), name)
            for column in (*personal.texts, *personal.payload):
                self.assertTrue(Model._fields[column].store, f"{name}.{column}")

    def test_free_texts_of_registered_models_are_erased(self):
        """A text field beside a person is a text about him, unless it is known to be none."""
        harmless = {
            ("hr.performance.consent", "text"),
            ("hr.performance.message", "raw_body"),
        }
        privacy = self.env["hr.performance.privacy"]
        for name, personal in privacy._get_available():
            texts = {
                field.name
                for field in self.env[name]._fields.values()
                if field.store and field.type in ("text", "html") and not personal.drop
            }
            left = {(name, text) for text in texts - set(personal.texts)} - harmless
            self.assertFalse(left)


@tagged("post_install", "-at_install")
class TestArchive(PerformanceCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cycle._launch()
        cls.review = cls.cycle.review_ids.filtered(lambda r: r.employee_id == cls.anna)
        line = cls.review.line_ids.filtered(lambda x: x.metric_id == cls.quality)
        cls.env["hr.performance.evidence"].create(
            {
                "review_line_id": line.id,
                "description": "Visited Mr. Xu",
                "date": "2026-03-05",
                "attachment_ids": [(0, 0, {"name": "note.txt", "raw": b"Hello"})],
            }
        )

    def _sections(self, user):
        sections = self.env["hr.performance.privacy"].with_user(user)._get_archive()
        return {section["model"]: section["rows"] for section in sections}

    def test_own_data_and_nothing_of_others(self):
        self.review.write({"full_rank": 1, "self_comment": "I was here"})
        self._review_of(self.bo).self_comment = "Bo was here"
        sections = self._sections(self.anna.user_id)
        (review,) = sections["hr.performance.review"]
        values = {cell["name"]: cell["value"] for cell in review}
        self.assertEqual(values["self_comment"], "I was here")
        self.assertNotIn("full_rank", values, "what is not published is no result yet")
        self.assertEqual(len(sections["hr.performance.evidence"]), 1)
        self.assertNotIn("Bo was here", str(sections))

    def test_manager_gets_his_own_only(self):
        (review,) = self._sections(self.manager.user_id)["hr.performance.review"]
        self.assertIn(self.manager.name, str(review))

    def test_queries_do_not_grow_with_the_reviews(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self._sections(self.anna.user_id)
            return self.env.cr.sql_log_count - start

        count()
        few = count()
        for _number in range(4):
            self.program._open_cycles([self.program._get_next_period()])._launch()
        self.assertLessEqual(count(), few + 1)

    def test_download(self):
        self.authenticate("perf_anna", "perf_anna")
        response = self.url_open("/hr_performance/my_data.zip")
        self.assertEqual(response.headers["Content-Type"], "application/zip")
        archive = zipfile.ZipFile(BytesIO(response.content))
        data = json.loads(archive.read("data.json"))
        self.assertIn("hr.performance.evidence", [s["model"] for s in data["sections"]])
        self.assertIn("Visited Mr. Xu", archive.read("readable.html").decode())
        (file,) = [name for name in archive.namelist() if name.startswith("files/")]
        self.assertEqual(archive.read(file), b"Hello")

    def test_download_needs_a_login(self):
        response = self.url_open("/hr_performance/my_data.zip", allow_redirects=False)
        self.assertEqual(response.status_code, 303)


@tagged("post_install", "-at_install")
class TestAccessLog(PerformanceCase):
    def setUp(self):
        super().setUp()
        self._launch()
        self.review = self._review_of(self.anna)
        self.env.flush_all()

    def _entries(self, **filters):
        domain = [(name, "=", value) for name, value in filters.items()]
        return self.env["hr.performance.access.log"].search(domain)

    def _as(self, user, records):
        records = records.with_user(user)
        records.env.invalidate_all()
        return records

    def test_result_of_others_is_noted(self):
        self._as(self.manager.user_id, self.review).web_read({"total": {}})
        self.assertRecordValues(
            self._entries(),
            [
                {
                    "user_id": self.manager.user_id.id,
                    "employee_id": self.anna.id,
                    "review_id": self.review.id,
                    "way": "form",
                }
            ],
        )
        self._as(self.manager.user_id, self.review).web_read({"total": {}})
        self.assertEqual(len(self._entries()), 1, "once in an hour")
        with freeze_time("2099-01-01"):
            self._as(self.manager.user_id, self.review).web_read({"total": {}})
        self.assertEqual(len(self._entries()), 2)

    def test_own_result_and_names_are_not_noted(self):
        self._as(self.anna.user_id, self.review).web_read({"total": {}})
        self._as(self.manager.user_id, self.review).web_read({"display_name": {}, "state": {}})
        self.assertFalse(self._entries())

    def test_every_way_is_noted(self):
        manager = self.manager.user_id
        manager.group_ids += self.env.ref("base.group_allow_export")
        Review = self.env["hr.performance.review"]
        self.program.peer_used = True
        self.review._open_peer_polls()
        self._move_to(self.review, "published")
        self.review.with_user(self.hr_admin)._transition("reopen", "A mistake")
        self.env.flush_all()
        ways = {
            "read": (lambda r: r.read(["total"]), "form"),
            "read all": (lambda r: r.read(), "form"),
            "search_read": (lambda r: r.browse().search_read([], ["total"]), "list"),
            "web_search_read": (lambda r: r.browse().web_search_read([], {"total": {}}), "list"),
            "export": (lambda r: r.export_data(["total"]), "export"),
            "export of lines": (lambda r: r.export_data(["line_ids/points"]), "export"),
            "table": (
                lambda r: r.browse().formatted_read_group([], ["employee_id"], ["total:avg"]),
                "list",
            ),
            "pivot": (
                lambda r: r.browse().formatted_read_grouping_sets(
                    [], [[], ["employee_id"]], ["total:avg"]
                ),
                "list",
            ),
            "table of old clients": (
                lambda r: r.browse().read_group([], ["total:avg"], ["employee_id"]),
                "list",
            ),
            "table by user": (
                lambda r: r.browse().formatted_read_group([], ["employee_user_id"], ["total:avg"]),
                "list",
            ),
            "table of lines": (
                lambda r: r.line_ids.browse().formatted_read_group(
                    [], ["review_id.employee_id"], ["points:sum"]
                ),
                "list",
            ),
            "lines": (lambda r: r.line_ids.read(["points"]), "list"),
            "page": (lambda r: r._get_page_values(), "form"),
            "earlier version": (lambda r: r.revision_ids.web_read({"total": {}}), "form"),
            "360° result": (lambda r: r.poll_ids.web_read({"summary": {}}), "form"),
            "workbook": (lambda r: r.cycle_id._export_xlsx(BytesIO()), "export"),
        }
        for name, (call, way) in ways.items():
            self.env.cr.execute("DELETE FROM hr_performance_access_log")
            with self.subTest(name), mute_logger("py.warnings"):  # read_group is deprecated
                call(self._as(manager, Review.browse(self.review.id)))
                noted = self._entries(employee_id=self.anna.id)
                self.assertEqual(noted.way, way)
                self.assertFalse(self._entries(employee_id=self.manager.id), "not his own")

    def test_table_without_people_is_not_noted(self):
        Review = self._as(self.manager.user_id, self.env["hr.performance.review"])
        Review.formatted_read_group([], ["department_id"], ["total:avg"])
        self.assertFalse(self._entries())

    def test_document_is_noted(self):
        report = self.env["ir.actions.report"].with_user(self.manager.user_id)
        report._render_qweb_html("hr_performance.action_report_review", self.review.ids)
        self.assertEqual(self._entries(employee_id=self.anna.id).mapped("way"), ["report"])

    def test_one_query_for_a_list(self):
        def count(reviews):
            reviews = self._as(self.hr_user, reviews)
            reviews.mapped("total")
            start = self.env.cr.sql_log_count
            reviews._note_access("list")
            return self.env.cr.sql_log_count - start

        self.assertEqual(count(self.cycle.review_ids), 1)
        self.assertEqual(len(self._entries()), len(self.cycle.review_ids))

    def test_log_is_only_ever_added_to(self):
        self._as(self.manager.user_id, self.review).read(["total"])
        entry = self._entries()
        for user in (self.hr_admin, self.auditor, self.manager.user_id):
            with self.assertRaises(UserError):
                self._as(user, entry).write({"way": "form"})
            with self.assertRaises(AccessError):
                self._as(user, entry).unlink()
        with self.assertRaises(UserError):
            entry.sudo().write({"way": "list"})
        with self.assertRaises(UserError):
            entry.sudo().unlink()

    def test_who_reads_the_log(self):
        self._as(self.manager.user_id, self.review).read(["total"])
        entry = self._entries()
        for user in (self.auditor, self.hr_admin, self.anna.user_id):
            self.assertTrue(self._as(user, entry).search([]))
        for user in (self.manager.user_id, self.bo.user_id, self.carl.user_id):
            self.assertFalse(self._as(user, entry).search([]))
            with self.assertRaises(AccessError):
                self._as(user, entry).read(["user_id"])


@tagged("post_install", "-at_install")
class TestErasure(PeerCase):
    """Free texts and names go; totals, ranks and rates stay."""

    def setUp(self):
        super().setUp()
        self._move_to(self.review, "published")
        self.line = self._line(self.review, self.quality)

    def _erasure(self, user=None, **vals):
        vals = {"company_id": self.company.id, "confirmed": True, **vals}
        return self.env["hr.performance.erasure"].with_user(user or self.hr_admin).create(vals)

    def _figures(self):
        self.env.invalidate_all()
        reviews = self.cycle.review_ids
        return [(r.total, r.rank, r.grade_id.id, r.state, r.department_id.id) for r in reviews]

    def test_texts_are_erased_and_figures_stay(self):
        self._answer(self.manager, 4, "He is slow")
        self._close()
        self.review.message_post(body="Something personal")
        self.review.sudo().write({"manager_comment": "Slow", "self_comment": "Tired"})
        before = self._figures()
        self._erasure(mode="texts", employee_ids=[(6, 0, self.anna.ids)]).action_erase()
        self.assertEqual(self._figures(), before)
        self.assertFalse(self.review.manager_comment or self.review.self_comment)
        self.assertFalse(self.line.manager_reason)
        self.assertEqual(self.line.manager_value, 4)
        self.assertNotIn("He is slow", str(self.poll.result_ids.mapped("text")))
        self.assertEqual(self._total().average, 4)
        self.assertFalse([m.body for m in self.review.message_ids if m.body])

    def test_only_periods_before_a_day(self):
        self.review.sudo().manager_comment = "Slow"
        people = [(6, 0, self.anna.ids)]
        self._erasure(mode="texts", employee_ids=people, before="2026-03-01").action_erase()
        self.assertEqual(self.review.manager_comment, "Slow")
        self._erasure(mode="texts", employee_ids=people, before="2026-04-01").action_erase()
        self.assertFalse(self.review.manager_comment)

    def _leave(self):
        self.anna.write({"departure_date": date(2026, 3, 31)})
        self.anna.action_archive()
        self.company.performance_retention_months = 12

    def test_leavers_are_due_after_the_retention_period(self):
        self._leave()
        privacy = self.env["hr.performance.privacy"]
        with freeze_time("2027-03-31 04:00:00"):
            self.assertFalse(privacy._get_due_leavers(self.company))
        with freeze_time("2027-04-01 04:00:00"):
            self.assertEqual(privacy._get_due_leavers(self.company), self.anna)
        self.company.performance_retention_months = 0
        with freeze_time("2099-04-01"):
            self.assertFalse(privacy._get_due_leavers(self.company))

    def test_scheduled_job_anonymises_and_leaves_the_figures(self):
        self._answer(self.manager, 4, "He is slow")
        self._close()
        self._add_facts(self.anna, self.visits, 3)
        self.review.message_post(body="Anna was late")
        before = self._figures()
        self._leave()
        with freeze_time("2028-01-01"), self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_privacy").method_direct_trigger()
        self.assertEqual(self._figures(), before)
        standin = self.review.employee_id
        self.assertNotEqual(standin, self.anna)
        self.assertTrue(standin.performance_standin)
        self.assertFalse(standin.active or standin.user_id)
        self.assertNotIn("Anna", standin.name)
        self.assertEqual(self.review.line_ids.employee_id, standin)
        self.assertEqual(self.poll.employee_id, standin)
        self.assertFalse(self.review.message_ids)
        self.assertFalse(self._rows_that_name_anna())
        with freeze_time("2028-01-02"):
            self.assertFalse(self.env["hr.performance.privacy"]._get_due_leavers(self.company))

    def _tell_manager(self):
        """Messages to the manager about Anna and Bo, together in his inbox."""
        reader = self.manager.user_id
        reader.notification_type = "inbox"
        outbox = self.env["hr.performance.message"]
        for employee in self.anna | self.bo:
            item = {"user": reader, "key": str(employee.id), "record": self._review_of(employee)}
            outbox._queue("overdue", [{**item, "values": {"employee": employee.name}}])
        told = outbox.search([("user_id", "=", reader.id), ("type_id.code", "=", "overdue")])
        for code, messages in told._decide().items():
            messages._note(messages._try_send_inside(outbox._get_channels()[code]))
        self.assertIn("Anna", self._get_told_texts())

    def _get_told_texts(self):
        """All that others were told and still can read, in the outbox and in their inboxes."""
        outbox = self.env["hr.performance.message"].search(
            [("user_id", "!=", self.anna.user_id.id)]
        )
        inbox = self.env["mail.message"].search([("model", "=like", "hr.performance.%")])
        inbox |= self.env["mail.message"].search(
            [("partner_ids", "in", self.manager.user_id.partner_id.ids)]
        )
        texts = outbox.mapped("raw_subject") + outbox.mapped("raw_body") + outbox.mapped("raw_line")
        return " ".join(filter(None, [*texts, *inbox.mapped("body"), *inbox.mapped("subject")]))

    def test_what_others_were_told_is_erased(self):
        self.env["hr.performance.message"].search([]).unlink()  # names only, and no texts
        self._tell_manager()
        people = [(6, 0, self.anna.ids)]
        self._erasure(mode="texts", employee_ids=people).action_erase()
        self.assertNotIn("Anna", self._get_told_texts())
        self.assertIn("Bo", self._get_told_texts())

    def test_what_others_were_told_leads_back_to_nobody(self):
        self._tell_manager()
        interview = (
            self.env["hr.performance.interview"]
            .with_user(self.manager.user_id)
            .create({"review_id": self.review.id})
            .sudo()
        )
        event = interview.event_id
        self.assertIn(self.anna.user_id.partner_id, event.partner_ids)
        self.env["hr.performance.privacy"]._anonymise(self.anna)
        self.assertNotIn("Anna", self._get_told_texts())
        about = [("about_user_id", "=", self.anna.user_id.id)]
        self.assertFalse(self.env["hr.performance.message"].search(about))
        self.assertFalse(event.exists() or interview.event_id)
        self.assertTrue(interview.employee_id.performance_standin)

    def _rows_that_name_anna(self):
        """Rows of ours that still lead to Anna, whatever the column."""
        return [
            f"{Model._name}.{field.name}"
            for Model, field in self.env["hr.performance.privacy"]._get_employee_fields()
            if Model.with_context(active_test=False).search_count(
                [(field.name, "in", self.anna.ids)]
            )
        ]

    def test_manager_who_left_loses_his_name_in_the_reviews_of_others(self):
        self.manager.write({"departure_date": date(2026, 3, 31)})
        self.manager.action_archive()
        self.env["hr.performance.privacy"]._anonymise(self.manager)
        self.assertTrue(self.review.manager_id.performance_standin)
        self.assertEqual(self.review.employee_id, self.anna)

    def test_confirmed_administrators_only(self):
        erasure = self._erasure(mode="leavers", confirmed=False)
        with self.assertRaises(UserError):
            erasure.action_erase()
        for user in (self.hr_user, self.auditor, self.anna.user_id):
            with self.assertRaises(AccessError):
                self._erasure(user=user, mode="leavers")
        outsider = new_test_user(
            self.env,
            "perf_far",
            groups="hr_performance.group_hr_performance_manager",
            company_id=self.other_company.id,
            company_ids=[(6, 0, self.other_company.ids)],
        )
        with self.assertRaises(AccessError):
            self._erasure(user=outsider, mode="leavers").action_erase()

    def test_preview_names_who_is_due(self):
        self._leave()
        with freeze_time("2028-01-01"):
            erasure = self._erasure(mode="leavers")
            self.assertEqual(erasure.leaver_ids, self.anna)
            erasure.action_erase()
        self.assertTrue(self.review.employee_id.performance_standin)


@tagged("post_install", "-at_install")
class TestConsent(PeerCase):
    def setUp(self):
        super().setUp()
        self.program.write({"consent_asked": True, "consent_text": "<p>Figures of sales</p>"})

    def _give(self, user=None, version=1):
        Consent = self.env["hr.performance.consent"].with_user(user or self.anna.user_id)
        return Consent.give(self.review.id, version)

    def _consents(self):
        return self.env["hr.performance.consent"].search([("program_id", "=", self.program.id)])

    def test_given_with_version_and_words(self):
        self._give()
        self._give()
        (consent,) = self._consents()
        self.assertEqual((consent.employee_id, consent.version), (self.anna, 1))
        self.assertIn("Figures of sales", consent.text)
        self.program.consent_text = "<p>Figures of sales and calls</p>"
        self.assertEqual(self.program.consent_version, 2)
        self.assertIn("Figures of sales</p>", consent.text, "what was agreed to stays")
        with self.assertRaises(UserError):
            self._give(version=1)
        self._give(version=2)
        self.assertEqual(set(self._consents().mapped("version")), {1, 2})

    def test_everybody_for_himself(self):
        for user in (self.bo.user_id, self.manager.user_id, self.hr_admin):
            with self.assertRaises(AccessError):
                self._give(user)
        self._give()
        consent = self._consents()
        for user in (self.bo.user_id, self.manager.user_id, self.hr_admin):
            with self.assertRaises(AccessError):
                consent.with_user(user).action_withdraw()
            with self.assertRaises(AccessError):
                consent.with_user(user).write({"withdrawn_on": "2026-01-01"})
        with self.assertRaises(AccessError):
            self.env["hr.performance.consent"].with_user(self.anna.user_id).create({})

    def test_withdrawal_stops_the_360_review_and_tells(self):
        self._give()
        self._answer(self.manager, 4)
        self._consents().with_user(self.anna.user_id).action_withdraw()
        self.assertTrue(self._consents().withdrawn_on)
        self.assertEqual(self.poll.state, "closed")
        self.assertFalse(self.poll.result_ids)
        self.assertFalse(self.env["hr.performance.answer"].search([]))
        told = self.env["hr.performance.message"].search(
            [("type_id.code", "=", "consent_withdrawn")]
        )
        self.assertEqual(told.user_id, self.hr_user)
        self.assertIn("they go on", told.body)
        self.assertFalse(self.program.activity_ids, "the review rests on the contract")

    def test_withdrawal_where_reviews_rest_on_consent(self):
        """The employee reads beforehand what it does; HR has to end what runs without consent."""
        self._give()
        consent = self._consents().with_user(self.anna.user_id)
        self.assertIn("goes on", consent.effect)
        self.program.consent_basis = "consent"
        consent.invalidate_recordset()
        page = self.review.with_user(self.anna.user_id)._get_page_values()
        self.assertIn("end your running review", page["consent"]["effect"])
        self.assertEqual(consent.effect, page["consent"]["effect"])
        consent.action_withdraw()
        task = self.program.activity_ids
        self.assertEqual(task.user_id, self.hr_user)
        self.assertIn("Anna took the consent back", task.summary)

    def test_own_page_shows_the_words(self):
        page = self.review.with_user(self.anna.user_id)._get_page_values()
        self.assertEqual(page["consent"]["state"], "asked")
        self.assertIn("Figures of sales", page["consent"]["text"])
        self._give()
        page = self.review.with_user(self.anna.user_id)._get_page_values()
        self.assertEqual(page["consent"]["state"], "given")
        self._consents().with_user(self.anna.user_id).action_withdraw()
        page = self.review.with_user(self.anna.user_id)._get_page_values()
        self.assertEqual(page["consent"]["state"], "withdrawn")
        self.program.consent_asked = False
        page = self.review.with_user(self.anna.user_id)._get_page_values()
        self.assertFalse(page["consent"])
