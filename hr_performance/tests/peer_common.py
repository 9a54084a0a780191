from odoo.fields import Command
from odoo.tests import freeze_time

from .common import PerformanceCase

#: A day on which the 360° reviews of the period take answers.
ASKING_DAY = "2026-03-28 04:00:00"
AFTERWARDS = "2026-05-01 04:00:00"


class PeerCase(PerformanceCase):
    """The small company with 360° reviews; ``dora``, ``emil``, ``fay`` and ``gus`` join it.

    The four work beside Anna and Bo under the manager. Two questions: a rating and a text.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dora, cls.emil, cls.fay, cls.gus = [
            cls._create_employee(name, cls.sales_east, cls.manager)
            for name in ("dora", "emil", "fay", "gus")
        ]
        cls.clear, cls.remark = cls.env["hr.performance.question"].create(
            [
                {"name": "Is clear", "template_id": cls.template.id, "sequence": 1},
                {
                    "name": "Anything else?",
                    "template_id": cls.template.id,
                    "kind": "text",
                    "sequence": 2,
                },
            ]
        )
        cls.program.peer_used = True
        cls._set_perspectives(self=0, manager=40, peer=30, report=20, other=10)
        cls.reviews = cls._launch_cycle()
        cls.review = cls.reviews.filtered(lambda r: r.employee_id == cls.anna)
        cls.poll = cls.review.poll_ids

    @classmethod
    def _set_perspectives(cls, auto=("report",), **weights):
        cls.program.peer_perspective_ids = [
            Command.clear(),
            *(
                Command.create({"code": code, "weight": weight, "auto": code in auto})
                for code, weight in weights.items()
            ),
        ]

    @classmethod
    def _launch_cycle(cls):
        cls.cycle.with_user(cls.hr_user).action_launch()
        return cls.cycle.review_ids

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(ASKING_DAY))

    def _invite(self, *people, poll=None, user=None):
        return (
            self.env["hr.performance.peer.invitation"]
            .with_user(user or self.manager.user_id)
            .create([{"poll_id": (poll or self.poll).id, "reviewer_id": p.id} for p in people])
        )

    def _ballot(self, person, poll=None):
        """The ballot as its own user sees it."""
        ballots = self.env["hr.performance.ballot"].with_user(person.user_id).search([])
        return ballots.filtered(lambda b: b.sudo().poll_id == (poll or self.poll))

    def _answer(self, person, rating=None, text=None, poll=None):
        answers = {self.clear.id: rating, self.remark.id: text}
        self._ballot(person, poll).cast({k: v for k, v in answers.items() if v is not None})

    def _close(self, poll=None):
        """Close the poll as the scheduler does, after its last day."""
        with freeze_time(AFTERWARDS), self.enter_registry_test_mode():
            self.env.ref("hr_performance.ir_cron_polls").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((poll or self.poll).state, "closed")

    def _groups(self, poll=None):
        """``{perspective: (status, answers, average)}``"""
        results = (poll or self.poll).result_ids.filtered(lambda r: r.kind == "group")
        return {r.perspective: (r.status, r.answers, r.average) for r in results}

    def _total(self, poll=None):
        return (poll or self.poll).result_ids.filtered(lambda r: r.kind == "total")
