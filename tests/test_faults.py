"""Killed, doubled and conflicting work, by real processes on a real database.

Tests inside Odoo share one connection and one transaction, so nothing of this shows there.
Random moments come from ``random``; a failure prints what it saw.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from devkit.databases import unique_name

ACTOR = Path(__file__).parent / "faults" / "actor.py"
PEOPLE = 1200
BATCH = 100
#: How many processes a test kills, each somewhere else in the work.
KILLS = 3
LINES = 5
#: What a review and a line say, without where they are.
REVIEW = "employee_id, department_id, job_id, manager_id, template_id, participation, state"
RESULT = (
    f"{REVIEW}, total, scored, full_grade_id, full_rank, full_count, rank, rank_count, grade_id"
)
LINE = "employee_id, department_id, metric_id, kind, sequence, weight, target, base_target, rule"


class Actor:
    """A process that does what it is told on a database."""

    def __init__(self, database, environment):
        self.process = subprocess.Popen(
            [sys.executable, ACTOR, database],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.receive() == {"answer": "ready"}

    def send(self, do, **options):
        """Give a command, without waiting for its end."""
        self.process.stdin.write(json.dumps({"do": do, **options}) + "\n")
        self.process.stdin.flush()

    def receive(self):
        """Wait for the answer of a command."""
        line = self.process.stdout.readline()
        assert line, "the process ended"
        return json.loads(line)

    def ask(self, do, **options):
        """Give a command and wait for its answer."""
        self.send(do, **options)
        reply = self.receive()
        assert "answer" in reply, reply
        return reply["answer"]

    def kill(self):
        """End the process at once, as a power cut does."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.close()

    def close(self):
        """Let the process go home."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


class Stage:
    """A database with actors on it."""

    def __init__(self, databases, database):
        self.databases, self.database = databases, database
        self.actors = []

    def actor(self, **sizes):
        """Start another process."""
        actor = Actor(self.database, self.databases.environment)
        self.actors.append(actor)
        if sizes:
            actor.ask("set_sizes", **sizes)
        return actor

    def query(self, sql):
        """The rows of a query, as lists of texts."""
        text = self.databases.query(sql, self.database)
        return [row.split("|") for row in text.splitlines()]

    def number(self, sql):
        """The number that a query gives."""
        return int(self.query(sql)[0][0])

    def pending(self, cycle):
        """How many work items of the cycle are left."""
        return self.number(
            f"SELECT count(*) FROM hr_performance_work_item"
            f" WHERE cycle_id = {cycle} AND state = 'pending'"
        )

    def counts(self, cycle):
        """Reviews and lines of the cycle."""
        (row,) = self.query(
            f"SELECT (SELECT count(*) FROM hr_performance_review WHERE cycle_id = {cycle}),"
            f" (SELECT count(*) FROM hr_performance_review_line WHERE cycle_id = {cycle})"
        )
        return tuple(map(int, row))

    def content(self, cycle, columns=REVIEW):
        """What the reviews and lines of a cycle say, with what was noted on the way."""
        issues = "SELECT employee_id, code FROM hr_performance_cycle_issue"
        items = "SELECT kind, state, count(*) FROM hr_performance_work_item"
        rows = [
            self.query(f"{sql} WHERE cycle_id = {cycle} ORDER BY {order}")
            for sql, order in (
                (f"SELECT {columns} FROM hr_performance_review", "employee_id"),
                (f"SELECT {LINE} FROM hr_performance_review_line", "employee_id, metric_id"),
                (issues, "employee_id, code"),
            )
        ]
        # How much was done: the ids of the reviews are others in each cycle.
        done = self.query(f"{items} WHERE cycle_id = {cycle} GROUP BY kind, state ORDER BY kind")
        return [*rows, done]

    def deadlocks(self):
        """How many deadlocks the server found in this database."""
        return self.number(
            f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{self.database}'"
        )

    def wait_for(self, condition):
        """Look again and again until ``condition()`` holds."""
        deadline = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < deadline, "it does not happen"
            time.sleep(0.02)

    def wait_for_lock(self, table):
        """Wait until somebody holds rows of the table."""
        held = (
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            f" WHERE d.datname = '{self.database}' AND l.relation = '{table}'::regclass"
            " AND l.mode IN ('RowShareLock', 'RowExclusiveLock')"
        )
        self.wait_for(lambda: self.number(held))

    def work_off(self, cycle, *actors):
        """Let the actors run the scheduled job until nothing is left; what each has done."""
        done = [[] for _actor in actors]
        deadline = time.monotonic() + 120
        while self.pending(cycle):
            assert time.monotonic() < deadline, "the work does not end"
            for actor in actors:
                actor.send("work")
            for actor, items in zip(actors, done, strict=True):
                items += actor.receive()["answer"]
        return done


@pytest.fixture(scope="module")
def company(databases):
    """A database with a company of many people, and what identifies them."""
    database = unique_name()
    databases.copy(databases.installed(["hr_performance"]), database)
    stage = Stage(databases, database)
    try:
        found = stage.actor().ask("add_company", people=PEOPLE)
        found["rated"] = stage.actors[0].ask("add_rated_company", people=260)
        stage.actors[0].close()
        yield {"database": database, **found}
    finally:
        databases.drop(database)


@pytest.fixture
def stage(databases, make_database, company):
    """A copy of that database."""
    stage = Stage(databases, make_database(template=company["database"]))
    yield stage
    for actor in stage.actors:
        actor.close()


@pytest.fixture
def outbox(databases, make_database):
    """A database with nobody in it yet."""
    stage = Stage(databases, make_database("hr_performance"))
    yield stage
    for actor in stage.actors:
        actor.close()


def launch_in_background(stage, company, officer=0):
    """Press the button: the cycle with its work items, and none of the work done."""
    actor = stage.actor(batch=BATCH)
    cycle = actor.ask("add_cycle", company=company["company"])
    press(actor, company, cycle, "action_launch", officer)
    assert stage.pending(cycle) == PEOPLE / BATCH
    return actor, cycle


def press(actor, company, cycle, button, officer=0):
    """Press a button of a cycle as an HR officer."""
    return actor.ask(
        "call",
        user=company["officers"][officer],
        model="hr.performance.cycle",
        ids=[cycle],
        method=button,
    )


def test_launch_killed_at_any_moment_is_finished_by_the_next_run(stage, company):
    worker, undisturbed = launch_in_background(stage, company)
    started = time.monotonic()
    stage.work_off(undisturbed, worker)
    item_time = (time.monotonic() - started) * BATCH / PEOPLE

    _, cycle = launch_in_background(stage, company)
    seen = []
    while (before := stage.pending(cycle)) > 2 and len(seen) < KILLS:
        worker = stage.actor()
        worker.send("work")
        stage.wait_for(lambda before=before: stage.pending(cycle) < before)
        time.sleep(random.uniform(0, item_time))
        worker.kill()
        reviews, lines = stage.counts(cycle)
        assert lines == LINES * reviews
        seen.append(reviews)
    interrupted = [reviews for reviews in seen if reviews < PEOPLE]
    assert len(interrupted) >= 2, f"killed too late: {seen} reviews, {item_time:.2f} s an item"
    assert seen == sorted(seen), "what was finished before a kill stays"

    stage.work_off(cycle, stage.actor())
    assert stage.counts(cycle) == (PEOPLE, LINES * PEOPLE)
    assert stage.content(cycle) == stage.content(undisturbed)


def test_two_workers_share_the_work(stage, company):
    first, alone = launch_in_background(stage, company)
    check_work(stage, alone, [first])
    for button in ("action_start_assessment", "action_close_early"):
        press(first, company, alone, button)
        check_work(stage, alone, [first])

    workers = [first, stage.actor(batch=BATCH)]
    _, together = launch_in_background(stage, company)
    done = check_work(stage, together, workers)
    assert all(done), f"one worker did everything: {done}"
    for button in ("action_start_assessment", "action_close_early"):
        press(first, company, together, button)
        check_work(stage, together, workers)
    assert stage.deadlocks() == 0
    assert stage.content(together, RESULT) == stage.content(alone, RESULT)
    states = "SELECT DISTINCT state FROM hr_performance_cycle"
    assert stage.query(f"{states} WHERE id IN ({alone}, {together})") == [["closed"]]


def test_answer_that_arrives_while_its_poll_closes(stage, company):
    """It is counted or refused, and never taken and lost, whichever comes first."""
    first, second = stage.actor(), stage.actor()
    users = first.ask("add_readers", people=5, channel="inbox")
    for answer_is_first in (True, False):
        asked = first.ask("add_pulse", company=company["company"], users=users)
        vote = {"question": asked["question"]}
        for user, ballot in zip(users[:4], asked["ballots"], strict=False):
            assert first.ask("answer_poll", user=user, ballot=ballot, **vote)
        late = {"user": users[4], "ballot": asked["ballots"][4], **vote}
        if answer_is_first:
            first.send("answer_poll", delay=3, **late)
            stage.wait_for_lock("hr_performance_poll")
            second.send("close_poll", poll=asked["poll"])
            assert first.receive() == {"answer": True}
        else:
            second.send("close_poll", poll=asked["poll"], delay=3)
            stage.wait_for_lock("hr_performance_poll")
            first.send("answer_poll", **late)
            assert first.receive()["error"] == "UserError", "it is told that it came too late"
        assert second.receive() == {"answer": True}
        counted = second.ask("count_poll", poll=asked["poll"])
        assert counted == (5 if answer_is_first else 4), "closing waits for the answer, or is first"
        left = f"WHERE poll_id = {asked['poll']}"
        assert stage.number(f"SELECT count(*) FROM hr_performance_answer {left}") == 0
        assert stage.number(f"SELECT count(*) FROM hr_performance_ballot {left}") == 0
    assert stage.deadlocks() == 0


def check_work(stage, cycle, workers):
    """Let the workers do what waits and fail if anything was done twice; what each has done."""
    done = stage.work_off(cycle, *workers)
    items = [tuple(item) for part in done for item in part]
    assert len(items) == len(set(items)), f"done twice: {sorted(items)}"
    return done


@pytest.mark.parametrize("direct", [0, 300])
def test_two_launches_of_one_cycle_at_once(stage, company, direct):
    rated = company["rated"]
    actors = [stage.actor(batch=20, direct=direct) for _officer in rated["officers"]]
    for _round in range(4):
        cycle = actors[0].ask("add_cycle", company=rated["company"])
        for actor, officer in zip(actors, rated["officers"], strict=True):
            actor.send(
                "call",
                user=officer,
                model="hr.performance.cycle",
                ids=[cycle],
                method="action_launch",
                delay=random.uniform(0, 0.05),
            )
        answers = [actor.receive() for actor in actors]
        assert answers == [{"answer": True}] * 2
        stage.work_off(cycle, *actors)
        assert stage.counts(cycle) == (260, 2 * 260)
    assert stage.deadlocks() == 0


def test_published_result_rests_on_the_last_accepted_value(stage, company):
    """One officer changes a value while the other submits the scores, which publishes them."""
    rated = company["rated"]
    author, publisher = stage.actor(), stage.actor(batch=1000, direct=1000)
    cycle = publisher.ask("add_cycle", company=rated["company"], steps=["manager_scoring"])
    press(publisher, rated, cycle, "action_launch")
    rate(stage, cycle, "manager")
    reviews = stage.query(
        "SELECT review_id, id FROM hr_performance_review_line"
        f" WHERE cycle_id = {cycle} AND weight = 60 ORDER BY review_id LIMIT 80"
    )
    accepted, outcomes = {}, []
    # How much later one of them starts follows what happened, so that their moments meet on a
    # machine of any speed.
    lead = 0.0
    for number, (review, line) in enumerate(reviews):
        value = 60 + number % 40
        vals = {"manager_value": value, "manager_reason": "Looked again"}
        model = "hr.performance.review"
        author.send(
            "call", user=rated["officers"][0], model=f"{model}.line", ids=[int(line)],
            method="write", arguments=[vals], delay=max(0, lead) + random.uniform(0, 0.04),
        )  # fmt: skip
        publisher.send(
            "call", user=rated["officers"][1], model=model, ids=[int(review)],
            method="action_submit_scores", delay=max(0, -lead) + random.uniform(0, 0.04),
        )  # fmt: skip
        changed, published = author.receive(), publisher.receive()
        assert published == {"answer": True}
        assert changed.get("error", "AccessError") == "AccessError", changed
        accepted[review] = value if "answer" in changed else 40
        outcomes.append("answer" in changed)
        lead += 0.02 if outcomes[-1] else -0.02
    assert 10 <= sum(outcomes) <= len(outcomes) - 10, "the moments do not meet"
    check_results(stage, cycle, accepted)


def test_results_published_by_the_batch_rest_on_what_was_accepted(stage, company):
    """Officers leave lines out while the scheduled job publishes the whole cycle."""
    rated = company["rated"]
    worker = stage.actor(batch=10, direct=0)
    authors = [stage.actor() for _officer in rated["officers"]]
    cycle = worker.ask(
        "add_cycle", company=rated["company"], steps=["manager_scoring", "publication"]
    )
    press(worker, rated, cycle, "action_launch")
    stage.work_off(cycle, worker)
    rate(stage, cycle, "ready")
    lines = stage.query(
        f"SELECT max(id), review_id FROM hr_performance_review_line WHERE cycle_id = {cycle}"
        " GROUP BY review_id"
    )
    random.shuffle(lines)
    press(worker, rated, cycle, "action_publish")
    worker.send("work")
    left_out = {}
    for start in range(0, 160, 2):
        for author, officer, (line, _review) in zip(
            authors, rated["officers"], lines[start : start + 2], strict=True
        ):
            vals = {"excluded": True, "exclusion_reason": "Not his work"}
            author.send(
                "call", user=officer, model="hr.performance.review.line", ids=[int(line)],
                method="write", arguments=[vals],
            )  # fmt: skip
        for author, (_line, review) in zip(authors, lines[start : start + 2], strict=True):
            reply = author.receive()
            assert reply.get("error", "AccessError") == "AccessError", reply
            left_out[review] = "answer" in reply
    worker.receive()
    stage.work_off(cycle, worker)
    assert any(left_out.values()), "nobody was in time"
    assert not all(left_out.values()), "nobody was late"
    check_results(stage, cycle, {}, left_out)


def rate(stage, cycle, state):
    """Take all reviews of a cycle to a state, with a value of 40 on each line."""
    stage.query(
        "UPDATE hr_performance_review_line SET manager_set = TRUE, manager_value = 40,"
        f" manager_reason = 'First look' WHERE cycle_id = {cycle}"
    )
    stage.query(f"UPDATE hr_performance_review SET state = '{state}' WHERE cycle_id = {cycle}")


def check_results(stage, cycle, values, left_out=None):
    """Fail unless what is published follows from the lines, and the lines say what was accepted.

    :param values: accepted value of the first line by review
    :param left_out: by review, whether leaving out its second line was accepted
    """
    rows = stage.query(
        "SELECT r.id, r.state, r.total::float8, min(l.manager_value::float8)"
        " FILTER (WHERE l.weight = 60), bool_or(l.excluded), round(100 * sum(l.weight *"
        " l.manager_value / l.target) FILTER (WHERE NOT l.excluded)"
        " / sum(l.weight) FILTER (WHERE NOT l.excluded), 2)::float8"
        " FROM hr_performance_review r JOIN hr_performance_review_line l ON l.review_id = r.id"
        f" WHERE r.cycle_id = {cycle} GROUP BY r.id"
    )
    published = [row for row in rows if row[1] == "published"]
    assert published, "nothing was published"
    for review, _state, total, first, excluded, expected in published:
        assert total == expected, f"review {review}: {total} is shown, its lines say {expected}"
        if review in values:
            assert float(first) == values[review], f"review {review}: an accepted value is lost"
        if left_out and review in left_out:
            assert (excluded == "t") == left_out[review], f"review {review}"


def test_conflict_of_the_scheduled_job_is_tried_again(stage, company):
    worker, cycle = launch_in_background(stage, company)
    meanwhile = [
        int(row[0])
        for row in stage.query(
            "SELECT id FROM hr_employee"
            f" WHERE company_id = {company['company']} ORDER BY id LIMIT 7"
        )
    ]
    tries = worker.ask("launch_meanwhile", cycle=cycle, employees=meanwhile)
    assert tries == PEOPLE / BATCH + 1
    assert stage.pending(cycle) == 0
    assert stage.counts(cycle) == (PEOPLE, LINES * PEOPLE)
    failures = "SELECT sum(attempts) FROM hr_performance_work_item"
    assert stage.number(f"{failures} WHERE cycle_id = {cycle}") == 0


def queue_messages(stage, channel, people=120):
    """Tell people two things each; the process that did, and who they are."""
    actor = stage.actor()
    users = actor.ask("add_readers", people=people, channel=channel)
    actor.ask("queue_messages", users=users, key="first")
    assert stage.number(f"SELECT count(*) {of_readers(users)}") == 2 * people
    return actor, users


def of_readers(users):
    """The messages to these users, as the end of a query."""
    return f"FROM hr_performance_message WHERE user_id IN ({', '.join(map(str, users))})"


def message_states(stage, users):
    """``{id: state}`` of the messages to these users."""
    return {int(i): state for i, state in stage.query(f"SELECT id, state {of_readers(users)}")}


def test_killed_inside_the_database_nothing_is_sent_twice_or_lost(outbox):
    _, users = queue_messages(outbox, "inbox")
    arrived = (
        "SELECT count(*) FROM mail_notification n JOIN res_users u ON u.partner_id ="
        f" n.res_partner_id WHERE u.id IN ({', '.join(map(str, users))})"
    )
    sent = f"SELECT count(*) {of_readers(users)} AND state = 'sent'"
    seen = []
    while len(seen) < KILLS and (not seen or seen[-1] < 2 * len(users)):
        before = outbox.number(sent)
        worker = outbox.actor()
        worker.send("send_messages", batch=10)
        outbox.wait_for(lambda before=before: outbox.number(sent) > before)
        time.sleep(random.uniform(0, 0.2))
        worker.kill()
        assert outbox.number(arrived) == outbox.number(sent)
        seen.append(outbox.number(sent))
    assert any(0 < number < 2 * len(users) for number in seen), f"no kill met it: {seen}"
    outbox.actor().ask("send_messages")
    assert set(message_states(outbox, users).values()) == {"sent"}
    assert outbox.number(arrived) == 2 * len(users)
    per_text = outbox.query(
        "SELECT n.res_partner_id, m.subject FROM mail_notification n JOIN mail_message m"
        " ON m.id = n.mail_message_id JOIN hr_performance_message p ON p.reference = m.id::text"
        f" WHERE p.user_id IN ({', '.join(map(str, users))})"
    )
    assert len(per_text) == len(set(map(tuple, per_text))) == 2 * len(users)


def test_killed_while_sending_outside_it_is_unknown_and_never_repeated(outbox, tmp_path):
    _, users = queue_messages(outbox, "email")
    world = tmp_path / "world"
    world.touch()
    kills = 0
    while kills < KILLS and "waiting" in message_states(outbox, users).values():
        worker = outbox.actor()
        before = world.stat().st_size
        worker.send("send_messages", outside=str(world), delay=0.4, batch=10)
        outbox.wait_for(lambda before=before: world.stat().st_size > before)
        time.sleep(random.uniform(0, 0.8))
        worker.kill()
        kills += 1
        check_world(outbox, users, world)
    outbox.actor().ask("send_messages", outside=str(world), batch=50)
    states = check_world(outbox, users, world)
    unknown = [message for message, state in states.items() if state == "unknown"]
    assert set(states.values()) <= {"sent", "unknown"}, "nothing is left behind"
    assert unknown, f"none of {kills} kills met a message on its way"
    assert len(unknown) < len(states) / 2
    again = world.read_text()
    outbox.actor().ask("send_messages", outside=str(world))
    assert world.read_text() == again, "what is unknown is not repeated"


def check_world(stage, users, world):
    """Fail when the world heard something twice, or not what is noted as sent; the states."""
    states = message_states(stage, users)
    heard = [int(line) for line in world.read_text().splitlines()]
    assert len(heard) == len(set(heard)), "sent twice"
    missing = {message for message, state in states.items() if state == "sent"} - set(heard)
    assert not missing, "noted as sent, and never was"
    unnoted = {states[message] for message in heard} - {"sent", "sending", "unknown"}
    assert not unnoted, f"sent, and noted as {unnoted}"
    return states


def test_two_processes_send_at_once(outbox, tmp_path):
    """Queued and sent by several processes at the same time, each thing is told once."""
    first, users = queue_messages(outbox, "email", people=100)
    second, third = outbox.actor(), outbox.actor()
    world = tmp_path / "world"
    world.touch()
    for round_number in range(4):
        key = f"round {round_number}"
        for actor in (first, second):
            actor.send("send_messages", outside=str(world), delay=0.05, batch=10)
        third.send("queue_messages", users=users, key=key)
        replies = [actor.receive() for actor in (first, second, third)]
        assert replies == [{"answer": True}] * 3
        third.ask("queue_messages", users=users, key=key)
    first.ask("send_messages", outside=str(world), batch=50)
    states = check_world(outbox, users, world)
    assert set(states.values()) <= {"sent", "digested"}
    digest = "SELECT id FROM hr_performance_message_type WHERE code = 'digest'"
    told = f"SELECT count(*) {of_readers(users)} AND type_id NOT IN ({digest})"
    assert outbox.number(told) == 2 * 5 * len(users)
    assert outbox.deadlocks() == 0
