import base64
import csv
from collections import defaultdict
from datetime import datetime, time, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import file_open

from ..tools.period import elapsed_share, next_period, period_of, utc_bounds

CLOSED_MONTHS = 3
STORY = "hr_performance/demo"
CHINESE = "zh_CN"
#: Imported metric: (column of figures.csv that counts, column that it is divided by or weighted
#: with). A share is in percent of the second one; an average is weighted with it.
SHARES = {
    "imported_conversion": ("orders", "enquiries"),
    "imported_repurchase": ("returning", "customers"),
    "tasks_on_time": ("on_time", "tasks"),
}
AVERAGES = {"imported_satisfaction": ("rating", "surveys")}
TOTALS = {"imported_sales": "sales", "training_hours": "training_hours"}
RESULTS = {"training_result": "training_result"}
#: How far a review of the running month has come, in order.
PROGRESS = ("goal", "progress", "self", "manager", "ready")


class HrPerformanceDemo(models.AbstractModel):
    """The photo studio of the demo data: three closed months and the running one.

    Nothing here is a result. The files in ``demo/`` say what happened in the studio and what
    people wrote; the reviews are launched, scored, published and closed by the buttons of the app,
    pressed by the people of the studio with their own rights, so every number is measured.

    An app that brings the records behind a metric inherits this model, makes its records, and
    calls :meth:`_load` in its own demo data: the months are then made anew from these records.
    """

    _name = "hr.performance.demo"
    _description = "Demo Company"

    # ------------------------------------------------------------
    # The story
    # ------------------------------------------------------------

    @api.model
    def _load(self):
        """Make the months of the studio, anew where an app with more records has come.

        Months that have become history since they were made stay as they are.
        """
        if not self._ref("program_demo").exists():
            return
        self = self._as_studio()
        program, periods = self._ref("program_demo"), self._get_periods()
        if program.cycle_ids and program.cycle_ids[0].date_from != periods[-1].date_from:
            return
        self._forget()
        self._set_up_people(periods)
        self._set_up_templates()
        self._make_facts(periods)
        program.date_start = periods[0].date_from
        *closed, running = self._open_cycles(periods)
        for months_ago, cycle in zip(range(CLOSED_MONTHS, 0, -1), closed, strict=True):
            self._close_month(cycle, months_ago)
        self._run_month(running)

    @api.model
    def _start_anew(self):
        """Let the files of the demo data be loaded again over what was made of them before."""
        if self._ref("program_demo"):
            studio = self._as_studio()
            studio._forget()
            studio._get_templates().action_set_draft()

    @api.model
    def _get_metric_map(self):
        """``{metric of imported figures: metric that measures the same from records}``."""
        return {}

    @api.model
    def _get_rules(self):
        """The deduction and bonus rules that every template of the studio takes over."""
        return self.env["hr.performance.template.rule"]

    @api.model
    def _get_story_folders(self):
        """Folders with files of the story, of this app and of those that add to it."""
        return [STORY]

    # ------------------------------------------------------------
    # Reading the files
    # ------------------------------------------------------------

    @api.model
    def _ref(self, name):
        """A record of the demo data by its id, with the app's name where it is of another app."""
        # Thousands of times: without a query each time for whether the record still exists.
        xml_id = name if "." in name else f"hr_performance.{name}"
        model, id_ = self.env["ir.model.data"]._xmlid_to_res_model_res_id(xml_id)
        return self.env[model].browse(id_) if model in self.env else self.browse()

    @api.model
    def _as_studio(self):
        """This model in the company of the studio and its language, quiet: nothing is mailed and
        nothing logged."""
        company = self._ref("company_lumiere")
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        context |= {"tz": self._get_zone(), "lang": self._get_language()}
        return self.with_company(company).with_context(**context)

    @api.model
    def _get_zone(self):
        return self._ref("company_lumiere")._get_performance_tz()

    @api.model
    def _get_language(self):
        """Chinese where it is installed."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        return next(code for code in (CHINESE, "en_US", *languages) if code in languages)

    @api.model
    def _get_periods(self):
        """The closed months and the running one, oldest first, by the day in the company."""
        today = self._ref("company_lumiere")._get_performance_today()
        first = fields.Date.subtract(today.replace(day=1), months=CLOSED_MONTHS)
        periods = [period_of("monthly", first)]
        while len(periods) <= CLOSED_MONTHS:
            periods.append(next_period("monthly", periods[-1]))
        return periods

    @api.model
    def _read(self, name, folder=STORY):
        """The rows of a file of the story as dictionaries; an empty cell is an empty text."""
        with file_open(f"{folder}/{name}.csv") as file:
            return list(csv.DictReader(file))

    @api.model
    def _read_by_month(self, name):
        """``{(login, months ago): [row]}``"""
        rows = defaultdict(list)
        for row in self._read(name):
            rows[row["login"], int(row["months_ago"])].append(row)
        return rows

    @api.model
    def _get_user(self, login):
        return self._ref(f"user_{login.replace('.', '_')}")

    @api.model
    def _get_employee(self, login):
        return self._ref(f"employee_{login.replace('.', '_')}")

    @api.model
    def _get_lines(self, review):
        """``{code of the story: line}``; the line of a metric of records under the code of the
        imported one."""
        codes = {live: imported.code for imported, live in self._get_metric_map().items()}
        return {codes.get(line.metric_id, line.metric_id.code): line for line in review.line_ids}

    # ------------------------------------------------------------
    # Before the first month
    # ------------------------------------------------------------

    @api.model
    def _forget(self):
        """Remove the months made before."""
        cycles = self._ref("program_demo").cycle_ids
        cycles.review_ids.line_ids.evidence_ids.unlink()
        cycles.review_ids.write({"state": "cancelled"})
        cycles.review_ids.unlink()
        cycles.unlink()
        own = Domain("company_id", "=", self.env.company.id)
        self.env["hr.performance.value"].search(own).unlink()
        self.env["hr.performance.fact"].search(own & Domain("import_ref", "=", "demo")).unlink()

    @api.model
    def _set_up_people(self, periods):
        """The newcomer joined in the middle of the first month; all read the same language."""
        joined = periods[0].date_from + timedelta(days=15)
        newcomer = self._get_employee("sun.li")
        newcomer.version_id.write({"date_version": joined, "contract_date_start": joined})
        users = self.env["res.users"].search([("company_id", "=", self.env.company.id)])
        (users.partner_id + self._ref("company_lumiere").partner_id).lang = self._get_language()
        self._translate()

    @api.model
    def _translate(self):
        """The Chinese names of what has an English one too, before anything is named after it."""
        if self._get_language() != CHINESE:
            return
        self._load_terms()
        for folder in self._get_story_folders():
            for row in self._read("zh_CN", folder):
                record = self._ref(row["record"])
                if record:
                    self._set_chinese(record, row["field"], row["text"])

    @api.model
    def _load_terms(self):
        """Translate the data of the app that is being installed.

        Odoo does that after the demo data, too late for what people are told in it.
        """
        classes = type(self).mro()
        names = {vars(parent).get("_module") for parent in classes} - {None}
        modules = self.env["ir.module.module"].search(
            [
                ("name", "in", [name for name in names if name.startswith("hr_performance")]),
                ("state", "!=", "installed"),
            ]
        )
        modules._load_module_terms(modules.mapped("name"), [CHINESE])
        self.env.invalidate_all()

    @api.model
    def _set_chinese(self, record, name, text):
        """Write a translation beside the English text."""
        field = record._fields[name]
        if callable(field.translate):
            # HTML is translated term by term
            english = record.with_context(lang="en_US")[name]
            terms = zip(field.get_trans_terms(english), field.get_trans_terms(text), strict=True)
            text = dict(terms)
        record.update_field_translations(name, {CHINESE: text})

    @api.model
    def _get_templates(self):
        domain = [("company_id", "=", self.env.company.id), ("active", "=", True)]
        return self.env["hr.performance.template"].search(domain)

    @api.model
    def _set_up_templates(self):
        """Put measured metrics in the place of imported ones, add the rules, make them ready."""
        templates = self._get_templates()
        templates.action_set_draft()
        replaced = self._get_metric_map()
        for line in templates.line_ids:
            if line.metric_id in replaced:
                line.metric_id = replaced[line.metric_id]
        templates.rule_ids.unlink()
        for template in templates:
            self._get_rules().copy({"template_id": template.id})
        templates.action_set_ready()

    @api.model
    def _make_facts(self, periods):
        """The imported rows of the metrics that the templates take from outside."""
        used = self._get_templates().line_ids.metric_id._with_operands()
        used = {metric.code for metric in used if metric.source == "fact"}
        today = self.env.company._get_performance_today()
        vals_list = []
        for (login, months_ago), (row,) in self._read_by_month("figures").items():
            period = periods[-1 - months_ago]
            elapsed = elapsed_share(period, today)
            for code, value, weight in self._get_figures(row, elapsed):
                if code in used:
                    day = min(period.date_to, today)
                    vals_list.append(self._get_fact_vals(login, code, day, value, weight))
        self.env["hr.performance.fact"].create(vals_list)

    @api.model
    def _get_fact_vals(self, login, code, day, value, weight):
        return {
            "metric_id": self._ref(f"metric_{code}").id,
            "employee_id": self._get_employee(login).id,
            "date": day,
            "value": value,
            "weight": weight,
            "external_id": f"demo-{day:%Y-%m}-{login}",
            "import_ref": "demo",
        }

    @api.model
    def _get_figures(self, row, elapsed):
        """``[(code, value, weight)]`` of one person and month; what is not known is left out."""
        number = {key: Decimal(text) for key, text in row.items() if text and key != "login"}
        figures = []
        for code, (part, whole) in SHARES.items():
            if number.get(whole):
                figures.append((code, 100 * number[part] / number[whole], number[whole]))
        for code, (average, count) in AVERAGES.items():
            if number.get(count):
                figures.append((code, number[average], number[count]))
        figures += [
            (code, round(number[column] * elapsed), 1)
            for code, column in TOTALS.items()
            if number.get(column)
        ]
        figures += [(code, number[c], 1) for code, c in RESULTS.items() if number.get(c)]
        return [(code, float(value), float(weight)) for code, value, weight in figures]

    # ------------------------------------------------------------
    # A month
    # ------------------------------------------------------------

    @api.model
    def _open_cycles(self, periods):
        """Open and launch the months as HR does."""
        officer = self._get_user("chen.jing")
        cycles = self._ref("program_demo").with_user(officer)._open_cycles(periods)
        cycles = cycles.sorted("date_from")
        cycles.action_launch()
        return cycles.sudo()

    @api.model
    def _close_month(self, cycle, months_ago):
        """Take a month from confirmed goals to closed results."""
        officer = self._get_user("chen.jing")
        reviews = self._get_reviews(cycle)
        self._confirm_goals(reviews)
        self._show_evidence(reviews, months_ago)
        cycle.with_user(officer).action_start_assessment()
        self._assess(reviews, months_ago)
        self._score(reviews, months_ago)
        cycle.with_user(officer).action_publish()
        self._after_publishing(cycle, reviews, months_ago)
        cycle.with_user(officer).action_close_early()
        self._date_back(cycle)

    @api.model
    def _after_publishing(self, cycle, reviews, months_ago):
        """What happens between publication and closing; features add their part."""

    @api.model
    def _run_month(self, cycle):
        """Leave the running month as it stands on any day: people are at different steps."""
        states = {row["login"]: row["state"] for row in self._read("states")}
        reviews = self._get_reviews(cycle)

        def beyond(state):
            place = PROGRESS.index(state)
            return {
                login: review
                for login, review in reviews.items()
                if PROGRESS.index(states[login]) > place
            }

        self._confirm_goals(beyond("goal"))
        self._show_evidence(reviews, 0)
        for review in beyond("progress").values():
            review.with_user(self._get_decider(review)).action_start_assessment()
        self._write_remarks(reviews, 0)
        self._assess(beyond("self"), 0)
        self._score(beyond("manager"), 0)
        self._move_goal_deadline(cycle)
        cycle.with_user(self._get_user("chen.jing")).action_refresh()
        self._remind(cycle)

    @api.model
    def _get_reviews(self, cycle):
        """``{login: review}``"""
        return {review.employee_id.user_id.login: review for review in cycle.review_ids}

    @api.model
    def _get_decider(self, review):
        """The user who scores: the manager, or HR for whom nobody manages."""
        return review.manager_id.user_id or self._get_user("chen.jing")

    @api.model
    def _confirm_goals(self, reviews):
        for login, review in reviews.items():
            review.with_user(self._get_user(login)).action_confirm_goals()

    @api.model
    def _show_evidence(self, reviews, months_ago):
        """Submit evidence as the employees, and decide it as their managers."""
        rows_by_month = self._read_by_month("evidence")
        decided = defaultdict(lambda: self.env["hr.performance.evidence"])
        for login, review in reviews.items():
            lines = self._get_lines(review)
            for row in rows_by_month[login, months_ago]:
                line = lines[row["metric"]]
                if line.source == "evidence":
                    evidence = self._submit_evidence(line, row)
                    decided[self._get_decider(review), row["decision"]] += evidence
        for (decider, decision), evidence in decided.items():
            if decision == "accepted":
                evidence.with_user(decider).action_accept()
            elif decision == "refused":
                evidence.with_user(decider).action_refuse()

    @api.model
    def _submit_evidence(self, line, row):
        user = line.employee_id.user_id
        period = line.cycle_id._get_period()
        latest = min(period.date_to, line.cycle_id._get_today())
        day = min(period.date_from + timedelta(days=int(row["day"]) - 1), latest)
        vals = {
            "review_line_id": line.id,
            "date": day,
            "quantity": float(row["quantity"]),
            "description": row["description"],
        }
        if row["file"]:
            with file_open(f"{STORY}/files/{row['file']}", "rb") as file:
                content = base64.b64encode(file.read())
            attachment = {"name": row["title"], "datas": content, "mimetype": "text/csv"}
            vals["attachment_ids"] = [Command.create(attachment)]
        evidence = self.env["hr.performance.evidence"].with_user(user).create(vals).sudo()
        if row["reason"]:
            evidence.decision_reason = row["reason"]
        return evidence

    @api.model
    def _assess(self, reviews, months_ago):
        """Let the employees assess themselves and hand in."""
        self._write_scores(reviews, months_ago, "self_value")
        self._write_remarks(reviews, months_ago)
        for login, review in reviews.items():
            review.with_user(self._get_user(login)).action_submit_self()

    @api.model
    def _score(self, reviews, months_ago):
        """Let the managers score and write what they think, with the reasons."""
        self._write_scores(reviews, months_ago, "manager_value")
        remarks = self._read_by_month("remarks")
        by_decider = defaultdict(self.env["hr.performance.review"].browse)
        for login, review in reviews.items():
            (row,) = remarks[login, months_ago]
            decider = self._get_decider(review)
            review.with_user(decider).manager_comment = row["manager_comment"]
            by_decider[decider] += review
        for decider, scored in by_decider.items():
            scored.with_user(decider).action_submit_scores()

    @api.model
    def _write_remarks(self, reviews, months_ago):
        remarks = self._read_by_month("remarks")
        for login, review in reviews.items():
            (row,) = remarks[login, months_ago]
            if row["self_comment"] and not review.self_comment:
                review.with_user(self._get_user(login)).self_comment = row["self_comment"]

    @api.model
    def _write_scores(self, reviews, months_ago, field):
        """Write the values of one side, the manager's with his reasons."""
        rows_by_month = self._read_by_month("scores")
        for login, review in reviews.items():
            lines = self._get_lines(review)
            for row in rows_by_month[login, months_ago]:
                line, text = lines[row["metric"]], row[field]
                if not text:
                    continue
                if field == "manager_value":
                    vals = {field: float(text), "manager_reason": row["manager_reason"]}
                    line.with_user(self._get_decider(review)).write(vals)
                else:
                    line.with_user(self._get_user(login)).write({field: float(text)})

    # ------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------

    @api.model
    def _move_goal_deadline(self, cycle):
        """On the first days of a month too, somebody is late with the goals."""
        step = cycle.step_ids.filtered(lambda step: step.code == "goal_confirmation")
        yesterday = cycle._get_today() - timedelta(days=1)
        if step.deadline > yesterday:
            step.write({"deadline": yesterday, "remind_on": yesterday, "escalate_on": False})

    @api.model
    def _date_back(self, cycle):
        """Let what was done in a moment here have been done at the time of the month."""
        now = fields.Datetime.now()
        launched = utc_bounds(cycle._get_period(), self._get_zone())[0] + timedelta(hours=9)
        published = datetime.combine(cycle.date_to + timedelta(days=7), time(2, 0))
        published = min(published, now)
        cycle.write({"launched_on": launched, "refreshed_on": published})
        cycle.review_ids.write({"published_on": published})
        evidence = cycle.review_ids.line_ids.evidence_ids
        decided = min(datetime.combine(cycle.date_to + timedelta(days=3), time(2, 0)), now)
        evidence.write({"decided_on": decided})
        messages = cycle.review_ids.message_ids
        messages.write({"date": decided})
        messages.notification_ids.write({"is_read": True, "read_date": decided})

    @api.model
    def _remind(self, cycle):
        """Tell people what they have to do, as the scheduled job would within the hour."""
        Review = self.env["hr.performance.review"]
        for flag, kind, domain in Review._get_due_reminders():
            domain &= Domain("cycle_id", "=", cycle.id) & Domain(flag, "=", False)
            due = Review.search(domain)
            due._remind(kind)
            due.write({flag: True})
        running = cycle.review_ids.filtered(lambda review: review.state in ("goal", "progress"))
        running._remind_behind_batch()
