import base64
import html
import re
from unittest.mock import patch

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .phone_common import PhoneCase

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestPhonePages(PhoneCase):
    """The frame of the pages: who gets in, what they weigh, what they carry."""

    def test_visitor_is_led_to_login_and_back(self):
        answer = self.url_open("/performance", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login?redirect=", answer.headers["Location"])
        page = self.url_open(answer.headers["Location"]).text
        token = self._hidden(page, "csrf_token")
        redirect = re.search(r'name="redirect" value="([^"]+)"', page)[1]
        data = {"csrf_token": token, "redirect": redirect}
        data |= {"login": "perf_anna", "password": "perf_anna"}
        answer = self.url_open("/web/login", data=data)
        self.assertEqual(answer.status_code, 200)
        self.assertRegex(answer.url, r"/performance\??$")
        self.assertIn("My turn", answer.text)

    def test_home_of_each_kind_of_user(self):
        self._launch()
        page = self._open("/performance", "perf_anna")
        self.assertIn("Confirm your goals", page)
        self.assertIn(f"/performance/review/{self._review_of(self.anna).id}", page)
        self.assertNotIn('href="/performance/team"', page)
        self._move_to(self._review_of(self.anna), "manager")
        page = self._open("/performance", "perf_manager")
        self.assertIn("Score Anna", page)
        self.assertIn('href="/performance/team"', page)
        self._move_to(self._review_of(self.bo), "manager")
        page = self._open("/performance", "perf_manager")
        self.assertIn("Score 2 people", page)
        page = self._open("/performance", "perf_carl")
        self.assertIn("Nothing waits for you", page)
        self.assertIn("No review yet", page)
        self.assertIn("not linked to an employee", self._open("/performance", "perf_hr"))

    def test_portal_user_is_told_that_it_is_not_for_him(self):
        new_test_user(self.env, login="perf_portal", groups="base.group_portal")
        page = self._open("/performance", "perf_portal", status=403)
        self.assertIn("These pages are for employees.", page)

    def test_headers_keep_it_private_and_out_of_frames(self):
        self._open("/performance", "perf_anna")
        headers = self.url_open("/performance").headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["X-Frame-Options"], "SAMEORIGIN")
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    def test_weight(self):
        """One HTML, one stylesheet, one script: under 200 kB together, all from this server."""
        self._add_people(40)
        self._launch()
        self._move_to(self._review_of(self.anna), "manager")
        self._weigh("/performance", "perf_anna")
        self._weigh("/performance/team", "perf_manager")
        self._weigh(f"/performance/review/{self._review_of(self.anna).id}", "perf_manager")

    def _weigh(self, path, login):
        page = self._open(path, login)
        parts = re.findall(r'(?:href|src)="([^"]+\.(?:css|js|png|svg|ico))"', page)
        self.assertEqual(len([part for part in parts if "/web/assets/" in part]), 2, parts)
        self.assertFalse(re.findall(r'(?:href|src)="(?:https?:)?//', page))
        weight = len(page.encode())
        for part in parts:
            answer = self.url_open(part)
            self.assertEqual(answer.status_code, 200, part)
            if "/web/assets/" in part:
                weight += len(answer.content)
                self.assertGreater(len(answer.content), 300, part)
        self.assertLess(weight, 200_000)

    def test_script_runs_in_old_web_views(self):
        script = re.search(
            r'src="(/web/assets/[^"]+\.js)"', self._open("/performance", "perf_anna")
        )
        text = self.url_open(script[1]).text
        for modern in ("=>", "`", "const ", "let ", "async ", "?.", "odoo.define", "import "):
            self.assertNotIn(modern, text)

    def test_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self._launch()
        self.authenticate("perf_anna", "perf_anna")
        self.anna.user_id.lang = "zh_CN"
        page = self._open("/performance")
        self.assertIn('lang="zh-CN"', page)
        self.assertIn("2026/03/01", page)


@tagged("post_install", "-at_install")
class TestPhoneReview(PhoneCase):
    """The loop of one review on the phone, as the employee and as his manager."""

    def setUp(self):
        super().setUp()
        self._add_facts(self.anna, self.visits, 9)
        self._launch()
        self.review = self._review_of(self.anna)
        self.review._refresh()
        self.path = f"/performance/review/{self.review.id}"
        self.rated = self._line(self.review, self.quality)

    # The employee

    def test_targets_progress_and_explanation_are_those_of_the_form(self):
        page = html.unescape(self._open(self.path, "perf_anna"))
        for line in self.review.with_user(self.anna.user_id).line_ids:
            for title, sentence in line._explain():
                self.assertIn(title, page)
                self.assertIn(sentence, page)
        self.assertIn("9 from 1 records", page)
        self.assertIn("Target ≥ 20", page)

    def test_goals_are_confirmed_once(self):
        page = self._open(self.path, "perf_anna")
        self.assertTaken(self._send(self.path, "confirm_goals", page=page), self.path)
        self.assertEqual(self.review.state, "progress")
        # said once, not for ever
        self.assertNotIn('class="notice"', self._open(self.path))
        # the same form again: nothing moves, nothing is refused
        again = self.assertTaken(self._send(self.path, "confirm_goals", page=page))
        self.assertIn("sent already", again)
        self.assertEqual(self.review.state, "progress")
        # a form of its own that comes too late is refused in words
        self.assertRefused(
            self._send(self.path, "confirm_goals", page=page, form_key="another"), "In Progress"
        )

    def test_self_assessment_is_kept_when_refused(self):
        self._move_to(self.review, "self")
        value, comment = f"value_{self.rated.id}", f"comment_{self.rated.id}"
        self.authenticate("perf_anna", "perf_anna")
        answer = self._send(self.path, "submit_self", **{value: "9", comment: "Nine & <b>"})
        self.assertRefused(answer, "a rating lies between")
        self.assertIn("Nine &amp; &lt;b&gt;", answer.text)
        self.assertFalse(self.rated.self_comment)
        answer = self._send(self.path, "save_self", **{value: "4", comment: "No complaint"})
        self.assertTaken(answer, self.path)
        self.assertRecordValues(
            self.rated, [{"self_set": True, "self_value": 4, "self_comment": "No complaint"}]
        )
        page = self._open(self.path)
        self.assertRegex(page, r'value="4"\s+checked')
        answer = self._send(
            self.path, "submit_self", **{value: "4", comment: "x", "self_comment": "I enjoyed it"}
        )
        self.assertTaken(answer, "/performance")
        self.assertRecordValues(self.review, [{"state": "manager", "self_comment": "I enjoyed it"}])

    def test_return_tells_the_employee_why(self):
        self._move_to(self.review, "manager")
        self.authenticate("perf_manager", "perf_manager")
        self.assertRefused(self._send(self.path, "return", reason=" "), "Give the reason")
        self.assertTaken(self._send(self.path, "return", reason="Say more\nabout May"))
        self.assertRecordValues(
            self.review,
            [
                {
                    "state": "self",
                    "return_reason": "Say more\nabout May",
                    "returned_by_id": self.manager.user_id.id,
                }
            ],
        )
        page = self._open(self.path, "perf_anna")
        self.assertIn("Say more\nabout May", page)
        self.assertIn("Returned by", page)
        values = self.review.with_user(self.anna.user_id).get_my_performance()["reviews"][0]
        self.assertEqual(values["return_reason"], "Say more\nabout May")
        self.assertTaken(self._send(self.path, "submit_self", self_comment="May was busy"))
        self.assertFalse(self.review.return_reason)
        self.assertNotIn("Say more", self._open(self.path))

    def test_consent_is_given_and_taken_back(self):
        self.assertNotIn("What is done with your data", self._open(self.path, "perf_anna"))
        self.program.write({"consent_asked": True, "consent_text": "<p>Kept for two years</p>"})
        page = self._open(self.path)
        self.assertIn("<p>Kept for two years</p>", page)
        version = str(self.program.consent_version)
        self.assertRefused(
            self._send(self.path, "give_consent", version="99"), "words have changed"
        )
        self.assertRefused(self._send(self.path, "withdraw_consent"), "no consent to take back")
        self.assertTaken(self._send(self.path, "give_consent", version=version), self.path)
        consent = self.env["hr.performance.consent"].search([("employee_id", "=", self.anna.id)])
        self.assertEqual(len(consent), 1)
        self.assertTaken(self._send(self.path, "withdraw_consent"), self.path)
        self.assertTrue(consent.withdrawn_on)
        self.authenticate("perf_manager", "perf_manager")
        self.assertNotIn("Kept for two years", self._open(self.path))

    def test_what_the_manager_opens_is_noted(self):
        Log = self.env["hr.performance.access.log"]
        # a page that reads notes after its end, which a cursor of the tests never comes to
        self.set_registry_readonly_mode(False)
        self.addCleanup(self.set_registry_readonly_mode, True)
        self._open(self.path, "perf_anna")
        self.assertFalse(Log.search([("review_id", "=", self.review.id)]))
        self._open("/performance/team", "perf_manager")
        self._open(self.path)
        self.assertEqual(
            set(Log.search([("review_id", "=", self.review.id)]).mapped("way")), {"list", "form"}
        )

    def test_result_shows_place_comment_and_reasons(self):
        self.program.rank_display = "exact"
        self._rate(self.review, 4, "Careful, sometimes late")
        self.review.manager_comment = "A good month"
        self._move_to(self.review, "published")
        page = html.unescape(self._open(self.path, "perf_anna"))
        for text in ("Careful work", "A good month", "Result in detail", self.review.rank_display):
            self.assertIn(text, page)
        self.assertIn(self.path, self._open("/performance/results"))

    # Evidence

    def _make_evidence_line(self):
        metric = self.env["hr.performance.metric"].create(
            {"name": "Training", "code": "t_training", "source": "evidence", "unit": "hours"}
        )
        line = self.review.line_ids.filtered(lambda line: line.metric_id == self.visits)
        line.metric_id = metric
        return line

    def test_evidence_with_a_picture_is_sent_decided_and_taken_back(self):
        line = self._make_evidence_line()
        path = f"/performance/line/{line.id}/evidence"
        self.authenticate("perf_anna", "perf_anna")
        files = [
            ("files", ("a.png", PNG, "image/png")),
            ("files", ("../b.pdf", b"%PDF-1.4 text", "application/pdf")),
        ]
        page = self._open(path)
        fields = {"description": "Course of two days", "quantity": "1,5"}
        self.assertTaken(self._send(path, "send", files, page, **fields), self.path)
        self.assertTaken(self._send(path, "send", files, page, **fields))
        evidence = line.evidence_ids
        self.assertRecordValues(
            evidence,
            [{"description": "Course of two days", "quantity": 1.5, "state": "submitted"}],
        )
        self.assertEqual(
            evidence.attachment_ids.sorted("id").mapped("mimetype"),
            ["image/png", "application/pdf"],
        )
        own = f"/performance/evidence/{evidence.id}"
        self.assertIn(f"/web/image/{evidence.attachment_ids.sorted('id')[0].id}", self._open(own))
        # nobody decides about his own
        self.assertRefused(self._send(own, "accept"), "own evidence")

        self.authenticate("perf_manager", "perf_manager")
        picture = self.url_open(f"/web/image/{evidence.attachment_ids.sorted('id')[0].id}")
        self.assertEqual(picture.content, PNG)
        self.assertRefused(self._send(own, "refuse", reason=""), "Write the reason")
        self.assertTaken(self._send(own, "accept"), self.path)
        self.assertEqual(evidence.state, "accepted")
        self.assertTaken(self._send(own, "refuse", reason="Not in this month"))
        self.assertRecordValues(
            evidence, [{"state": "refused", "decision_reason": "Not in this month"}]
        )
        self.assertIn("Not in this month", self._open(self.path, "perf_anna"))

        self.assertTaken(self._send(path, "send", description="Second"))
        second = line.evidence_ids - evidence
        self.assertTaken(self._send(f"/performance/evidence/{second.id}", "take_back"), self.path)
        self.assertFalse(second.exists())

    def test_files_that_are_not_taken_are_named(self):
        line = self._make_evidence_line()
        path = f"/performance/line/{line.id}/evidence"
        self.authenticate("perf_anna", "perf_anna")
        page = self._open(path)
        for name, content, text in (
            ("page.html", b"<script>alert(1)</script>", "page.html cannot be taken"),
            ("drawing.svg", b"<svg onload='x'/>", "drawing.svg cannot be taken"),
            ("photo.jpg", b"MZ program", "photo.jpg cannot be taken"),
            ("big.png", PNG + b"0" * 10 * 1024 * 1024, "big.png is too big: 10 MB"),
        ):
            answer = self._send(path, "send", [("files", (name, content))], page, description="Hi")
            self.assertRefused(answer, text)
            self.assertIn(">Hi</textarea>", answer.text)
        many = [("files", (f"{n}.png", PNG)) for n in range(11)]
        self.assertRefused(self._send(path, "send", many, page), "10 files at most")
        self.assertRefused(self._send(path, "send", page=page), "Write a sentence")
        self.assertRefused(
            self._send(path, "send", page=page, description="x", quantity="two"), "not a number"
        )
        self.assertRefused(
            self._send(path, "send", page=page, description="x", date="2026-99-01"), "not a date"
        )
        self.assertRefused(
            self._send(path, "send", page=page, description="x", date="2026-05-01"), "period"
        )
        self.assertFalse(line.evidence_ids)
        self.assertFalse(
            self.env["ir.attachment"].search([("create_uid", "=", self.anna.user_id.id)])
        )

    # The manager

    def test_manager_scores_with_reasons_and_submits(self):
        self._move_to(self.review, "manager")
        self.rated.write({"manager_value": 0, "manager_set": False, "manager_reason": False})
        value, reason = f"value_{self.rated.id}", f"reason_{self.rated.id}"
        self.authenticate("perf_manager", "perf_manager")
        answer = self._send(
            self.path, "save_scores", **{value: "4", reason: "", "manager_comment": "Well"}
        )
        self.assertRefused(answer, "give the reason")
        self.assertIn(">Well</textarea>", answer.text)
        self.assertRegex(answer.text, r'value="4"\s+checked')
        self.assertFalse(self.rated.manager_set)
        answer = self._send(self.path, "submit_scores", **{reason: "Careful"})
        self.assertRefused(answer, "give a value and the reason")
        answer = self._send(self.path, "save_scores", **{value: "4", reason: "Careful"})
        self.assertTaken(answer, self.path)
        # an override of a measured line, and the override taken back
        visits = self._line(self.review, self.visits)
        fields = {value: "4", reason: "Careful", f"value_{visits.id}": "12.5"}
        fields |= {f"reason_{visits.id}": "Two visits were not booked"}
        self.assertTaken(self._send(self.path, "save_scores", **fields))
        self.assertRecordValues(visits, [{"manager_set": True, "manager_value": 12.5}])
        fields[f"value_{visits.id}"] = ""
        self.assertTaken(self._send(self.path, "save_scores", **fields))
        self.assertFalse(visits.manager_set)
        answer = self._send(self.path, "submit_scores", **fields, manager_comment="A good month")
        self.assertTaken(answer, "/performance/team/score")
        self.assertRecordValues(
            self.review, [{"state": "ready", "manager_comment": "A good month"}]
        )
        self.assertRecordValues(self.rated, [{"manager_value": 4, "manager_reason": "Careful"}])

    def test_team_shows_who_is_late_and_whose_turn_it_is(self):
        self._move_to(self.review, "manager")
        page = self._open("/performance/team", "perf_manager")
        self.assertRegex(page, r"(?s)Bo.*Waits for\s+Bo.*Anna.*Waits for\s+you")
        self.assertIn("Late since", page)
        page = self._open("/performance/team/score")
        self.assertIn("Anna", page)
        self.assertNotIn("<strong>Bo</strong>", page)
        page = self._open("/performance/team", "perf_director")
        self.assertRegex(page, r"(?s)Anna.*Waits for\s+Manager")
        self._open("/performance/team", "perf_carl", status=404)
        self._open("/performance/team/unknown", "perf_manager", status=404)

    def test_team_of_many_has_pages_and_a_search_outside_the_address(self):
        self._add_team(34)
        page = self._open("/performance/team", "perf_manager")
        self.assertEqual(page.count('class="row"'), 30)
        self.assertIn('href="/performance/team?page=2"', page)
        self.assertEqual(self._open("/performance/team?page=2").count('class="row"'), 6)
        for number in ("0", "-1", "99", "x", "9" * 400):
            self._open(f"/performance/team?page={number}")
        answer = self._send("/performance/team", "search", name="Person 07")
        self.assertEqual(answer.status_code, 303)
        self.assertNotIn("Person", answer.headers["Location"])
        page = self._open("/performance/team")
        self.assertEqual(page.count('class="row"'), 1)
        self.assertIn("Person 07", page)

    def test_who_has_left_is_found_by_his_name(self):
        self._add_team(3)
        leaver = self.env["hr.employee"].search([("name", "=", "Person 02")])
        leaver.action_archive()
        phone = self.env["hr.performance.phone"].with_user(self.manager.user_id)
        page = phone._get_team_page("all", 1, "person 02")
        self.assertEqual([row["employee"] for row in page["rows"]], ["Person 02"])

    def test_a_search_by_name_does_not_ask_for_the_rights_on_employees(self):
        """Core's view of colleagues joins each with his manager: seconds where statistics lag."""
        self._add_team(3)
        phone = self.env["hr.performance.phone"].with_user(self.manager.user_id)
        public = self.registry["hr.employee.public"]
        calls = []
        for name in ("", "person"):
            self.env.invalidate_all()
            with patch.object(public, "_search", autospec=True, side_effect=public._search) as ask:
                phone._get_team_page("all", 1, name)
            calls.append(ask.call_count)
        self.assertEqual(calls[0], calls[1])

    def _add_team(self, count):
        self._add_people(count)
        self.cycle.with_user(self.hr_user).action_launch()

    def test_queries_do_not_grow_with_the_team(self):
        counts = []
        for more in (8, 90):
            self._add_team(more)
            phone = self.env["hr.performance.phone"].with_user(self.manager.user_id)
            for warm_up in (True, False):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                page = phone._get_team_page("all", 1)
                home = phone._get_home_values()
                if not warm_up:
                    counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(page["pages"], 4)
        self.assertTrue(home["is_employee"])
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestPhoneAttacks(PhoneCase):
    """What must not work: foreign ids, forms of others, forms without a token."""

    def setUp(self):
        super().setUp()
        self._add_facts(self.anna, self.visits, 9)
        self._launch()
        self.review = self._review_of(self.anna)
        self.review._refresh()
        self.line = self._line(self.review, self.visits)
        self.paths = (
            f"/performance/review/{self.review.id}",
            f"/performance/line/{self.line.id}/records",
            f"/performance/line/{self.line.id}/evidence",
        )

    def test_foreign_ids_look_as_if_they_did_not_exist(self):
        missing = self._open("/performance/review/99999999", "perf_bo", status=404)
        for login in ("perf_bo", "perf_carl"):
            self.authenticate(login, login)
            for path in self.paths:
                page = self._open(path, status=404)
                self.assertNotIn("Anna", page)
                self.assertIn("does not exist, or it is not for you", page)
        self.assertIn("does not exist, or it is not for you", missing)
        self._open("/performance/evidence/1", status=404)

    def test_manager_and_stranger_add_no_evidence_for_others(self):
        for login in ("perf_manager", "perf_carl", "perf_hr"):
            self._open(self.paths[2], login, status=404)
            answer = self._post_raw(self.paths[2], "send", description="Me too")
            self.assertEqual(answer.status_code, 404)
        self.assertFalse(self.line.evidence_ids)

    def _post_raw(self, path, do, **fields):
        """A form that its page would not show, with a valid token."""
        data = {"csrf_token": self.csrf_token(), "form_key": f"{path}-{do}-{len(fields)}"}
        return self.url_open(path, data={**data, "do": do, **fields}, allow_redirects=False)

    def csrf_token(self):
        return http.Request.csrf_token(self)

    def test_every_move_is_refused_to_who_may_not_make_it(self):
        path = self.paths[0]
        moves = ("confirm_goals", "start_assessment", "skip_self", "return", "save_self")
        moves += ("submit_self", "save_scores", "submit_scores", "refresh")
        self.authenticate("perf_carl", "perf_carl")
        for do in moves:
            self.assertEqual(self._post_raw(path, do, reason="x").status_code, 404, do)
        self.authenticate("perf_manager", "perf_manager")
        for do in ("save_self", "submit_self", "submit_scores"):
            self.assertEqual(self._post_raw(path, do, self_comment="I am bad").status_code, 422, do)
        self._move_to(self.review, "manager")
        self.authenticate("perf_anna", "perf_anna")
        fields = {f"value_{self.line.id}": "99", f"reason_{self.line.id}": "I am the best"}
        fields |= {"manager_comment": "The best", "reason": "no"}
        for do in ("save_scores", "submit_scores", "return", "start_assessment", "skip_self"):
            self.assertEqual(self._post_raw(path, do, **fields).status_code, 422, do)
        self.assertRecordValues(self.review, [{"state": "manager", "manager_comment": False}])
        self.assertFalse(self.line.manager_set)
        self.assertEqual(self._post_raw(path, "unlink").status_code, 404)

    def test_form_without_token_or_key_does_nothing(self):
        path = self.paths[0]
        page = self._open(path, "perf_anna")
        key, token = self._hidden(page, "form_key"), self._hidden(page, "csrf_token")
        form = {"do": "confirm_goals", "form_key": key}
        self.assertForged(path, form)
        self.assertForged(path, {**form, "csrf_token": token[:-3] + "123"})
        answer = self.url_open(path, data={"do": "confirm_goals", "csrf_token": token})
        self.assertRefused(answer, "out of date")
        # the token of somebody else's session
        self.authenticate("perf_bo", "perf_bo")
        self.assertForged(path, {**form, "csrf_token": token})
        self.assertEqual(self.review.state, "goal")

    def assertForged(self, path, form):
        with self.assertLogs("odoo.http", "WARNING") as logged:
            self.assertEqual(self.url_open(path, data=form).status_code, 400)
        self.assertIn("CSRF", logged.output[0])

    def test_a_form_of_a_visitor_leads_to_login_and_nothing_happens(self):
        page = self._open(self.paths[0], "perf_anna")
        data = {name: self._hidden(page, name) for name in ("csrf_token", "form_key")}
        self.logout()
        self.opener.cookies.clear()
        answer = self.url_open(
            self.paths[0], data={**data, "do": "confirm_goals"}, allow_redirects=False
        )
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login", answer.headers["Location"])
        self.assertEqual(self.review.state, "goal")

    def test_keys_of_forms_are_kept_for_a_while_and_for_their_user(self):
        Form = self.env["hr.performance.phone.form"]
        self.assertTrue(Form.with_user(self.anna.user_id)._take("a"))
        self.assertFalse(Form.with_user(self.anna.user_id)._take("a"))
        self.assertTrue(Form.with_user(self.bo.user_id)._take("a"))
        with self.assertRaises(AccessError):
            Form.with_user(self.anna.user_id).search([])
        old = Form.search([("key", "=", "a"), ("user_id", "=", self.bo.user_id.id)])
        old.taken_on = "2026-01-01 00:00:00"
        Form._gc_forms()
        self.assertFalse(old.exists())
        self.assertEqual(Form.search_count([("key", "=", "a")]), 1)
