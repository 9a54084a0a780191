"""Reading from DingTalk, killed and doubled, by real processes against the fake over HTTP."""

import random
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from devkit.databases import unique_name
from test_faults import Actor, Stage

sys.path.append(str(Path(__file__).parent / "fakes"))
from fake_dingtalk import FakeDingTalk

ACTOR = Path(__file__).parent / "faults" / "dingtalk_actor.py"
ADDONS = ["hr_performance", "hr_performance_im", "hr_performance_dingtalk"]
PEOPLE = 40
#: How many processes the test kills, each somewhere else in the work.
KILLS = 4
PUNCHES = "external_id, user_key, work_date, check_type, result, employee_id IS NOT NULL"
OPEN = "SELECT count(*) FROM hr_performance_im_run WHERE state IN ('waiting', 'running')"
PROGRESS = "SELECT id, state, position FROM hr_performance_im_run ORDER BY id"
#: Interfaces whose pages are each read once.
READ = ("/attendance/list", "/topapi/v2/user/list")


class DingtalkActor(Actor):
    def __init__(self, database, environment):
        self.process = subprocess.Popen(
            [sys.executable, ACTOR, database],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.receive() == {"answer": "ready"}


class DingtalkStage(Stage):
    """A copy of the prepared database, with runs that wait."""

    def actor(self, **_sizes):
        actor = DingtalkActor(self.database, self.databases.environment)
        self.actors.append(actor)
        return actor

    def finish(self, *actors):
        """Let the actors read until no run is open."""
        deadline = time.monotonic() + 120
        while self.number(OPEN):
            assert time.monotonic() < deadline, "the runs do not end"
            for actor in actors:
                actor.send("read")
            for actor in actors:
                assert "answer" in actor.receive()
        assert self.query("SELECT DISTINCT state FROM hr_performance_im_run") == [["done"]]

    def content(self):
        """What was read: punches, and the employees that were found or made."""
        return (
            self.query(f"SELECT {PUNCHES} FROM hr_performance_dingtalk_punch ORDER BY external_id"),
            self.query(
                "SELECT i.connection_id, i.external_id, e.name"
                " FROM hr_performance_im_identity i"
                " LEFT JOIN hr_employee e ON e.id = i.employee_id ORDER BY 1, 2"
            ),
            self.query("SELECT count(*) FROM hr_employee"),
        )


@pytest.fixture(scope="module")
def fake():
    """A company in DingTalk with a month of punches."""
    with FakeDingTalk() as fake:
        fake.state.qps = fake.state.quota = 10**9
        for number in range(1, PEOPLE + 1):
            fake.state.add_user(f"u{number}", f"Person {number}")
            for day in range(20):
                when = date.today() - timedelta(days=30 - day)
                result = "Late" if (number + day) % 7 == 0 else "Normal"
                fake.state.add_punch(f"u{number}", when, "OnDuty", result)
                fake.state.add_punch(f"u{number}", when, "OffDuty")
        yield fake


@pytest.fixture(scope="module")
def prepared(databases, fake):
    """A database where attendance waits to be read, and people to become employees."""
    database = unique_name()
    databases.copy(databases.installed(ADDONS), database)
    try:
        actor = DingtalkStage(databases, database).actor()
        app = {
            name: getattr(fake.state.app, name)
            for name in ("client_id", "client_secret", "corp_id", "agent_id")
        }
        for kind, mapped in (("attendance", True), ("people", False)):
            connection = actor.ask(
                "connect", app=app, hosts=fake.hosts, people=PEOPLE, mapped=mapped
            )
            actor.ask("start", connection=connection, kind=kind)
        actor.close()
        yield database
    finally:
        databases.drop(database)


@pytest.fixture
def make_stage(databases, make_database, prepared):
    """Make a copy of the prepared database."""
    stages = []

    def make():
        stages.append(DingtalkStage(databases, make_database(template=prepared)))
        return stages[-1]

    yield make
    for stage in stages:
        for actor in stage.actors:
            actor.close()


def test_killed_or_doubled_ends_like_an_undisturbed_run(make_stage, fake):
    calm = make_stage()
    started = time.monotonic()
    calm.finish(calm.actor())
    step_time = (time.monotonic() - started) / 20
    expected = calm.content()
    assert (len(expected[0]), len(expected[1])) == (PEOPLE * 40, PEOPLE * 2)

    stage = make_stage()
    kills = 0
    while stage.number(OPEN) and kills < KILLS:
        before, worker = stage.query(PROGRESS), stage.actor()
        worker.send("read")
        stage.wait_for(lambda before=before: stage.query(PROGRESS) != before)
        time.sleep(random.uniform(0, step_time))
        worker.kill()
        kills += 1
    assert kills >= 2, f"killed too late, {step_time:.2f} s a step"
    stage.finish(stage.actor())
    assert stage.content() == expected

    doubled = make_stage()
    before = {path: len(fake.state.calls(path)) for path in READ}
    doubled.finish(doubled.actor(), doubled.actor())
    for path in READ:
        bodies = [repr(request.body) for request in fake.state.calls(path)[before[path] :]]
        assert len(bodies) == len(set(bodies)), f"a page of {path} was read twice"
    assert doubled.content() == expected
    assert doubled.deadlocks() == 0
