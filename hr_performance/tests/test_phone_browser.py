from odoo.tests import tagged

from .phone_common import PhoneBrowserCase


@tagged("post_install", "-at_install")
class TestPhoneBrowser(PhoneBrowserCase):
    def setUp(self):
        super().setUp()
        training = self.env["hr.performance.metric"].create(
            {"name": "Training", "code": "t_training", "source": "evidence", "unit": "hours"}
        )
        self._add_facts(self.anna, self.visits, 9)
        self._launch()
        self.review = self._review_of(self.anna)
        self.review._refresh()
        self.quality_line = self._line(self.review, self.quality)
        self.visits_line = self._line(self.review, self.visits)
        self._line(self._review_of(self.bo), self.visits).metric_id = training
        self.training = training

    def test_employee(self):
        """Confirms the goals, reads why, assesses himself, reads the result."""
        self._drive(
            "perf_anna",
            """
            await open("/performance");
            await press("a.row", "Confirm your goals");
            find("summary", "How this came about").click();
            see("9 from 1 records");
            await press("button[value=confirm_goals]");
            see("Goals confirmed");
            await press("a.tab", "Results");
            see("No result yet");
            """,
        )
        self.assertEqual(self.review.state, "progress")
        self._move_to(self.review, "self")
        self._drive(
            "perf_anna",
            """
            await open("/performance");
            await press("a.row", "Assess yourself");
            find(".rating-choice input[value='4']").click();
            type("self_comment", "I enjoyed it\\nmost of the time");
            await press("button[value=submit_self]");
            see("Self-assessment submitted");
            see("Nothing waits for you.");
            """,
        )
        self.assertRecordValues(self.quality_line, [{"self_value": 4, "self_set": True}])
        self.assertEqual(
            self.review.self_comment.split(), ["I", "enjoyed", "it", "most", "of", "the", "time"]
        )
        self._move_to(self.review, "published")
        self._drive(
            "perf_anna",
            """
            await open("/performance/results");
            await press("a.row");
            see("Result in detail");
            see("Careful work");
            find("summary", "How the score came about").click();
            see("that are measured");
            """,
        )

    def test_evidence_with_pictures(self):
        line = self.env["hr.performance.review.line"].search(
            [("metric_id", "=", self.training.id)], limit=1
        )
        self._drive(
            "perf_bo",
            """
            await open("/performance/review/$review");
            await press("a.button", "Add evidence");
            type("description", "Two days with the new light");
            const canvas = document.createElement("canvas");
            const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
            for (const input of page().querySelectorAll("input[type=file]")) {
                const files = new DataTransfer();
                files.items.add(new File([picture], "light.png", { type: "image/png" }));
                input.files = files.files;
                input.dispatchEvent(new Event("change", { bubbles: true }));
            }
            if (page().querySelectorAll(".files-chosen img").length !== 2) {
                throw new Error("the chosen pictures are not shown");
            }
            await press("button[value=send]");
            see("Sent.");
            await press("a.evidence");
            see("Two days with the new light");
            await Promise.all([...page().images].map((image) => image.decode()));
            """,
            review=line.review_id.id,
        )
        self.assertRecordValues(
            line.evidence_ids,
            [{"description": "Two days with the new light", "attachment_count": 2}],
        )
        self._drive(
            "perf_manager",
            """
            await open("/performance/evidence/$evidence");
            await press("button[value=refuse]");
            see("Write the reason first");
            type("reason", "Belongs to the next month");
            await press("button[value=refuse]");
            see("Refused");
            see("Belongs to the next month");
            """,
            evidence=line.evidence_ids.id,
        )
        self.assertEqual(line.evidence_ids.state, "refused")

    def test_manager(self):
        """Finds whom to score, is refused without a reason, loses nothing, submits, sends back."""
        self._move_to(self.review, "manager")
        self.quality_line.write({"manager_set": False, "manager_reason": False})
        other = self._move_to(self._review_of(self.bo), "manager")
        self._drive(
            "perf_manager",
            """
            await open("/performance");
            await press("a.row", "Score 2 people");
            await press("a.row", "Anna");
            find(".rating-choice input[value='4'][name=value_$line]").click();
            type("manager_comment", "A good month");
            await press("button[value=submit_scores]");
            see("give the reason");
            if (!find("input[value='4'][name=value_$line]").checked
                || find("[name=manager_comment]").value !== "A good month") {
                throw new Error("what was typed is lost");
            }
            type("reason_$line", "Careful, sometimes late");
            await press("button[value=submit_scores]");
            see("Scores of Anna submitted");
            await press("a.row", "Bo");
            find("summary", "Return to the employee").click();
            type("reason", "Say more about May");
            await press("button[value=return]");
            see("Returned to the employee");
            """,
            line=self.quality_line.id,
        )
        self.assertRecordValues(
            self.review, [{"state": "ready", "manager_comment": "A good month"}]
        )
        self.assertRecordValues(other, [{"state": "self", "return_reason": "Say more about May"}])

    def test_every_page_fits_in_chinese_too(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        (self.anna.user_id | self.manager.user_id).lang = "zh_CN"
        self._move_to(self.review, "manager")
        self.anna.sudo().name = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"
        self._drive(
            "perf_manager",
            """
            for (const path of [
                "/performance", "/performance/team", "/performance/team/score",
                "/performance/review/$review", "/performance/results", "/performance/more",
            ]) {
                await open(path);
            }
            """,
            review=self.review.id,
        )
