"""A process of its own that acts on a database: ``actor.py DATABASE``.

It reads one command a line from stdin, ``{"do": name, …}``, and answers each with one line of
JSON: ``{"answer": …}``, or ``{"error": class, "text": …}``. It says ``{"answer": "ready"}`` first.
"""

import functools
import json
import os
import random
import signal
import sys
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from odoo import SUPERUSER_ID, api
from odoo.fields import Command, Domain
from odoo.modules.registry import Registry
from odoo.service import model as service
from odoo.tools import config

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import dataset

#: The server waits up to 2, 4, 8 … seconds before it tries a request again; here a fraction.
HASTE = 50
ITEM = "hr.performance.work.item"


class Actor:
    """The commands."""

    def __init__(self, database):
        self.database = database
        self.kept = {}  # what patches replaced, by name

    def act(self, do, **options):
        """Do what a line says, in a transaction of its own."""
        Registry(self.database).check_signaling()
        with Registry(self.database).cursor() as cr:
            env = api.Environment(cr, options.pop("user", SUPERUSER_ID), {})
            return getattr(self, do)(env, **options)

    # Preparing

    def add_company(self, env, people):
        """A company with people, a template of five metrics and two HR officers."""
        company = dataset.add_company(env, people)
        dataset.add_template(env, company)
        return {"company": company.id, "officers": _appoint_officers(env, company)}

    def add_rated_company(self, env, people):
        """A company whose people are rated by hand on two metrics, of 60 and of 40 points."""
        company = dataset.add_company(env, people)
        metrics = env["hr.performance.metric"].create(
            [
                {"name": name, "code": f"fault_{name}", "source": "manual", "unit": "count"}
                for name in ("one", "two")
            ]
        )
        template = env["hr.performance.template"].create(
            {
                "name": "Rated",
                "company_id": company.id,
                "coverage_threshold": 0,
                "line_ids": [
                    Command.create({"metric_id": metric.id, "weight": weight, "target": 100})
                    for metric, weight in zip(metrics, (60, 40), strict=True)
                ],
            }
        )
        template.action_set_ready()
        return {"company": company.id, "officers": _appoint_officers(env, company)}

    def add_cycle(self, env, company, steps=()):
        """A cycle of a programme of its own, which uses these steps."""
        cycle = dataset.add_cycle(env, env["res.company"].browse(company))
        cycle.step_ids = [
            Command.create({"code": code, "deadline": dataset.PERIOD[1]}) for code in steps
        ]
        return cycle.id

    def add_sales_period(self, env, people, deals):
        """A company whose people sold in March, and the open period of its plan."""
        return dataset.add_sales_period(env, people, deals, months=1)["period"]

    # Acting

    def close_sales(self, env, period, delay=0, die_after=None):
        """Close a period as the scheduled job does, tried again on conflicts.

        :param die_after: method of the period or of statements after which the process is killed
        """
        time.sleep(delay)
        record = env["hr.performance.sales.period"].browse(period)
        if die_after:
            statements = env["hr.performance.sales.statement"]
            model = type(record if hasattr(record, die_after) else statements)
            original = getattr(model, die_after)

            def die(records, *arguments):
                original(records, *arguments)
                records.env.flush_all()
                os.kill(os.getpid(), signal.SIGKILL)

            setattr(model, die_after, die)
        return bool(env[ITEM]._retry(record._close))

    def pay_sales(self, env, period, delay=0):
        """Hand over an approved period to payroll, tried again on conflicts."""
        time.sleep(delay)
        periods = env["hr.performance.sales.period"].browse(period)
        return bool(
            service.retrying(lambda: env["hr.performance.sales.payroll"]._pay(periods), env)
        )

    def tell_sales(self, env, period, day, delay=0):
        """Compute a period and tell its people, as the scheduled job does on a day."""
        time.sleep(delay)
        record = env["hr.performance.sales.period"].browse(period)

        def work():
            record._refresh()
            record._tell(date.fromisoformat(day))
            return True

        return bool(env[ITEM]._retry(work))

    def set_sizes(self, env, batch, direct=0):
        """Work in items of ``batch`` people; up to ``direct`` people at once."""
        sys.modules["odoo.addons.hr_performance.models.hr_performance_work_item"].BATCH_SIZE = batch
        sys.modules["odoo.addons.hr_performance.models.hr_performance_cycle"].DIRECT_LIMIT = direct

    def call(self, env, model, ids, method, arguments=(), delay=0):
        """Call a public method as a request does: tried again on conflicts, then committed."""
        time.sleep(delay)
        records = env[model].with_context(
            allowed_company_ids=env.user.company_ids.ids, lang="en_US"
        )
        function = functools.partial(getattr(records.browse(ids), method), *arguments)
        return bool(service.retrying(function, env))

    def work(self, env):
        """Run the scheduled job once; the items that this process finished."""
        done, doing = [], []
        model = env.registry[ITEM]

        def process(item):
            doing[:] = [item.cycle_id.id, item.kind, item.first_id]
            return original_process(item)

        def process_next(items):
            doing.clear()
            result = original_next(items)
            if doing:
                done.append(list(doing))
            return result

        original_process, original_next = model._process, model._process_next
        model._process, model._process_next = process, process_next
        try:
            env[ITEM]._cron_process()
        finally:
            model._process, model._process_next = original_process, original_next
        return done

    def launch_meanwhile(self, env, cycle, employees):
        """Process launching as the scheduled job does; the first time somebody comes in between.

        Another transaction launches ``employees`` after that of the job began.
        """
        model = env.registry["hr.performance.cycle"]
        original, tries = model._work_launch, []
        elsewhere = Domain("id", "in", employees)

        def work_launch(record, ids):
            tries.append(ids)
            if len(tries) == 1:
                with Registry(self.database).cursor() as cr:
                    other = api.Environment(cr, SUPERUSER_ID, {})
                    original(other["hr.performance.cycle"].browse(cycle), elsewhere)
            return original(record, ids)

        model._work_launch = work_launch
        try:
            env[ITEM]._cron_process()
        finally:
            model._work_launch = original
        return len(tries)

    # Polls

    def add_pulse(self, env, company, users):
        """The pulse of a cycle that asks these users: its id, their ballots, a question."""
        cycle = dataset.add_cycle(env, env["res.company"].browse(company))
        values = {**env["hr.performance.poll"]._prepare_pulse(cycle), "state": "open"}
        poll = env["hr.performance.poll"].create(values)
        rows = [
            {"poll_id": poll.id, "user_id": user, "perspective": False, "department_id": False}
            for user in users
        ]
        ballots = poll._add_ballots(rows)
        question = poll._get_questions()[poll].filtered(lambda q: q.kind == "rating")[:1]
        return {"poll": poll.id, "ballots": ballots.ids, "question": question.id}

    def answer_poll(self, env, ballot, question, delay=0):
        """Answer as a request does, tried again on conflicts; commit so many seconds later."""

        def cast():
            env["hr.performance.ballot"].browse(ballot).cast({question: 4})
            time.sleep(delay)
            return True

        return service.retrying(cast, env)

    def close_poll(self, env, poll, delay=0):
        """Press the button that closes, and commit so many seconds later."""

        def close():
            env["hr.performance.poll"].browse(poll).action_close()
            env.flush_all()
            time.sleep(delay)
            return True

        return service.retrying(close, env)

    def count_poll(self, env, poll):
        """Count as the job does; how many answers were counted."""
        env["hr.performance.poll"]._cron_polls()
        return env["hr.performance.poll"].browse(poll).counted

    # Messages

    def add_readers(self, env, people, channel):
        """Users who are told by a channel, without quiet hours; their ids."""
        company = env["res.company"].create({"name": "Readers", "performance_quiet_to": 20})
        company.performance_digest = "direct"
        users = env["res.users"].create(
            [
                {
                    "name": f"Reader {number}",
                    "login": f"reader{number}_{company.id}",
                    "email": f"reader{number}@example.com",
                    "notification_type": "inbox",
                    "performance_channel": channel,
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                }
                for number in range(people)
            ]
        )
        return users.ids

    def queue_messages(self, env, users, key):
        """Tell each of the users two things, one of which goes into a digest where it can."""
        readers = env["res.users"].browse(users)
        for code in ("cycle_started", "task"):
            values = {"employee": key, "task": f"Task {key}"}
            env["hr.performance.message"]._queue(
                code, [{"user": user, "key": key, "values": values} for user in readers]
            )
        return True

    def send_messages(self, env, outside=None, delay=0, batch=20):
        """Run the job that sends, with batches of ``batch`` readers.

        :param outside: a file that stands for the world outside: e-mails leave the database and
            are written there, one line for each, at once
        :param delay: seconds that the world outside takes for each call, after it has heard it
        """
        delivery = sys.modules["odoo.addons.hr_performance.models.hr_performance_message_delivery"]
        delivery.READERS = batch
        if outside:
            outcome = sys.modules["odoo.addons.hr_performance.tools.outbox"].Outcome
            channel = env.registry["hr.performance.channel.email"]

            def send(_channel, messages):
                with open(outside, "a") as world:
                    for message in messages:
                        world.write(f"{message.id}\n")
                        world.flush()
                        time.sleep(delay / len(messages))
                return dict.fromkeys(messages, outcome("sent"))

            channel._is_outside, channel._send = True, send
        env["hr.performance.message"]._cron_send()
        return True


def _appoint_officers(env, company):
    """Two users who may do all that HR officers may, and whom nobody in question reports to."""
    users = env["res.users"].create(
        [
            {
                "name": f"Officer {number}",
                "login": f"officer{number}_{company.id}",
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [
                    Command.link(env.ref("base.group_user").id),
                    Command.link(env.ref("hr_performance.group_hr_performance_user").id),
                ],
            }
            for number in (1, 2)
        ]
    )
    return users.ids


def main():
    database = sys.argv[1]
    config.parse_config(["-d", database, "--log-level", "critical"], setup_logging=True)
    service.random = SimpleNamespace(uniform=lambda low, high: random.uniform(low, high) / HASTE)
    actor = Actor(database)
    Registry(database)
    print(json.dumps({"answer": "ready"}), flush=True)
    for line in sys.stdin:
        try:
            answer = {"answer": actor.act(**json.loads(line))}
        except Exception as error:
            answer = {"error": type(error).__name__, "text": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
