"""Reading from DingTalk, killed and doubled, by real processes against the fake over HTTP."""

import os
import random
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from test_faults import Actor, Stage

sys.path.append(str(Path(__file__).parent / "fakes"))
from fake_dingtalk import FakeDingTalk

pytestmark = pytest.mark.skipif(not os.environ.get("FAULTS"), reason="set FAULTS=1 to run them")

ACTOR = Path(__file__).parent / "faults" / "dingtalk_actor.py"
ADDONS = ["hr_performance", "hr_performance_im", "hr_performance_dingtalk"]
PEOPLE = 100
PUNCHES = "external_id, user_key, work_date, check_type, result, employee_id IS NOT NULL"
OPEN = "SELECT count(*) FROM hr_performance_im_run WHERE state IN ('waiting', 'running')"


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
    def actor(self, **_sizes):
        actor = DingtalkActor(self.database, self.databases.environment)
        self.actors.append(actor)
        return actor

    def finish(self, *actors):
        """Let the actors read until no run is open."""
        deadline = time.monotonic() + 180
        while self.number(OPEN):
            assert time.monotonic() < deadline, "the runs do not end"
            for actor in actors:
                actor.send("read")
            for actor in actors:
                assert "answer" in actor.receive()
        assert self.query("SELECT DISTINCT state FROM hr_performance_im_run") == [["done"]]

    def punches(self):
        return self.query(
            f"SELECT {PUNCHES} FROM hr_performance_dingtalk_punch ORDER BY external_id"
        )

    def employees(self):
        return self.query(
            "SELECT i.external_id, e.name FROM hr_performance_im_identity i"
            " LEFT JOIN hr_employee e ON e.id = i.employee_id ORDER BY 1"
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


@pytest.fixture
def make_stage(databases, make_database, fake):
    """Make a database with a connection to the fake; a run of a kind is begun in it."""
    stages = []

    def make(kind, mapped):
        stage = DingtalkStage(databases, make_database(*ADDONS))
        stages.append(stage)
        app = fake.state.app
        names = ("client_id", "client_secret", "corp_id", "agent_id")
        actor = stage.actor()
        connection = actor.ask(
            "connect",
            app={name: getattr(app, name) for name in names},
            hosts=fake.hosts,
            people=PEOPLE,
            mapped=mapped,
        )
        actor.ask("start", connection=connection, kind=kind)
        return stage, actor

    yield make
    for stage in stages:
        for actor in stage.actors:
            actor.close()


@pytest.mark.parametrize(("kind", "content"), [("attendance", "punches"), ("people", "employees")])
def test_killed_at_any_moment_ends_like_an_undisturbed_run(make_stage, kind, content):
    mapped = kind == "attendance"
    calm, actor = make_stage(kind, mapped)
    started = time.monotonic()
    calm.finish(actor)
    duration = time.monotonic() - started
    expected = getattr(calm, content)()
    assert len(expected) == (PEOPLE * 40 if mapped else PEOPLE)

    stage, _actor = make_stage(kind, mapped)
    kills = 0
    while stage.number(OPEN) and kills < 10:
        worker = stage.actor()
        worker.send("read")
        time.sleep(random.uniform(0.05, 0.5 * duration))
        worker.kill()
        kills += 1
    assert kills >= 2, f"killed too late, {duration:.1f} s"
    stage.finish(stage.actor())
    assert getattr(stage, content)() == expected


def test_two_workers_do_no_double_work(make_stage, fake):
    path = "/attendance/list"
    stage, first = make_stage("attendance", True)
    second = stage.actor()
    before = len(fake.state.calls(path))
    stage.finish(first, second)
    bodies = [repr(request.body) for request in fake.state.calls(path)[before:]]
    assert len(bodies) == len(set(bodies)), "a page was read twice"
    assert len(stage.punches()) == PEOPLE * 40
    assert stage.deadlocks() == 0
