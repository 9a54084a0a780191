"""A client and a fake with one clock, for tests."""

import contextlib

from fake_dingtalk import FakeDingTalk, instant

from odoo.addons.hr_performance_dingtalk.tools import DingTalkClient
from odoo.addons.hr_performance_im.tools.client import Policy

START = instant("2026-04-16 23:40")

#: Short enough for tests that wait for real silence.
POLICY = Policy(connect=2, read=0.25, total=1)


class Clock:
    """A clock that stands until somebody sleeps."""

    def __init__(self, now=START):
        self.now = now
        self.sleeps = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.now += seconds


class Lab:
    """Fake, clock and a client that is connected to it."""

    def __init__(self, fake, clock):
        self.fake, self.clock, self.state = fake, clock, fake.state
        self._stack = contextlib.ExitStack()
        self.client = self.make_client()

    def make_client(self, **options):
        """Another client of the application."""
        app = self.state.app
        options = {
            "agent_id": app.agent_id,
            "corp_id": app.corp_id,
            "hosts": self.fake.hosts,
            "login_url": self.fake.api_url,
            "policy": POLICY,
            "clock": self.clock,
            "sleep": self.clock.sleep,
            "chance": lambda: 0.5,
            **options,
        }
        client_id = options.pop("client_id", app.client_id)
        secret = options.pop("client_secret", app.client_secret)
        return self._stack.enter_context(DingTalkClient(client_id, secret, **options))

    def fill(self, people=3):
        """Some people u1, u2 … in department 2."""
        self.state.add_department(2, "研发")
        for number in range(1, people + 1):
            self.state.add_user(f"u{number}", f"员工{number}", (2,), job_number=f"A{number:03}")

    def close(self):
        self._stack.close()


@contextlib.contextmanager
def laboratory(fake=None):
    """A :class:`Lab` of one's own; with ``fake``, on that running one, emptied."""
    clock = Clock()
    with contextlib.ExitStack() as stack:
        if fake is None:
            fake = stack.enter_context(FakeDingTalk(clock))
        else:
            fake.reset(clock)
        lab = Lab(fake, clock)
        stack.callback(lab.close)
        yield lab
