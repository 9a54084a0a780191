from datetime import date
from typing import NamedTuple

from odoo.fields import Command
from odoo.tests import tagged

from .plan_common import PlanCase
from .test_sales_plan import REWARDS, SALES


class Case(NamedTuple):
    """What happens to the six, who sold for ``SALES`` in March, and what it is worth.

    ``paid``: the rewards of March; ``next``: the amounts that April counts; ``late`` happens after
    March is closed.
    """

    title: str
    happens: object = lambda case: None
    paid: dict = REWARDS
    late: object = lambda case: None
    next: dict = {}
    plan: dict = {}


CASES = [
    Case("nothing more"),
    # -- who ------------------------------------------------------------------------------------
    Case(
        "a deal shared by halves: 1,500 each, and the median is 1,350",
        lambda case: case.share("fred", fred=50, gina=50),
        {"emil": 65, "fred": 15, "gina": 15},
    ),
    Case(
        "a deal shared by thirds lifts one above the median of 1,216.70",
        lambda case: case.share("bo", bo=33.33, gina=33.33, anna=33.34),
        {"anna": 1.67, "emil": 78.33, "fred": 178.33},
    ),
    Case(
        "the salesperson changes in the month: as if it had been hers from the beginning",
        lambda case: case.give("emil", "gina"),
        {"dora": 10, "gina": 90, "fred": 190},
    ),
    Case(
        "the salesperson changes after closing: April takes it from one and gives it to the other",
        late=lambda case: case.give("emil", "gina"),
        next={"emil": -2000, "gina": 2000},
    ),
    Case("an archived user keeps what he sold", lambda case: case.archive("fred")),
    # -- when -----------------------------------------------------------------------------------
    Case(
        "lost again in the same month: the median falls to 950",
        lambda case: case.take_back("fred", "2026-03-20 10:00"),
        {"bo": 5, "dora": 25, "emil": 105},
    ),
    Case(
        "lost again in the next month: March stays, April begins below zero",
        late=lambda case: case.take_back("fred", "2026-04-05 10:00"),
        next={"fred": -3000},
    ),
    Case(
        "cancelled in part after closing: the difference is April's",
        late=lambda case: case.change("fred", 2500),
        next={"fred": -500},
    ),
    Case(
        "entered late: it counts in the month that is open",
        late=lambda case: case._sell(case.gina, 70, "2026-03-31 20:00"),
        next={"gina": 70},
    ),
    Case(
        "the last minute of March in Shanghai",
        lambda case: case._sell(case.gina, 5000, "2026-03-31 23:59"),
        {"emil": 40, "fred": 140, "gina": 340},
    ),
    Case(
        "the first minute of April in Shanghai",
        late=lambda case: case._sell(case.gina, 5000, "2026-04-01 00:01"),
        next={"gina": 5000},
    ),
    Case(
        "a negative month: what was sold in February is lost in March",
        lambda case: case.take_back_old("gina", 500),
    ),
    # -- the group ------------------------------------------------------------------------------
    Case(
        "all alike: nobody is above the median",
        lambda case: [case.change(name, 1500) for name in ("anna", "bo", "dora", "emil", "fred")]
        + [case._sell(case.gina, 1500)],
        {},
    ),
    Case(
        "moved on the 16th: alone in the new group, so measured by the one above, with all he sold",
        lambda case: case.move("fred", date(2026, 3, 16)),
        {"dora": 20, "emil": 100, "fred": 190},
    ),
    Case(
        "moved on the 16th, and small groups have no reward",
        lambda case: case.move("fred", date(2026, 3, 16)),
        {"dora": 20, "emil": 100},
        plan={"small_group": "no_reward"},
    ),
    Case(
        "moved on the first of the next month: still with the old group",
        lambda case: case.move("fred", date(2026, 4, 1)),
    ),
    Case(
        "moved out of the plan: nobody's median any more, and not paid",
        lambda case: case.move("fred", date(2026, 3, 16), inside=False),
        {"dora": 20, "emil": 100},
    ),
    # -- who counts -----------------------------------------------------------------------------
    Case(
        "a newcomer is not in the median, nor paid",
        lambda case: case.hire("gina", date(2026, 3, 17)),
        {"emil": 80, "fred": 180},
        plan={"newcomer_days": 30},
    ),
    Case(
        "a joiner meets the minimum of his days",
        lambda case: (case.hire("fred", date(2026, 3, 17)), case.change("fred", 1150)),
        {"emil": 92.5, "dora": 12.5, "fred": 7.5},
    ),
    Case(
        "somebody who left on the 15th is paid for what he sold",
        lambda case: case.leave("fred", date(2026, 3, 15)),
    ),
    Case(
        "away for the whole month: not in the median, nor paid",
        lambda case: case.be_away("emil"),
        {"dora": 20, "fred": 200},
        plan={"has_absence_limit": True},
    ),
    Case(
        "people without sales left out: the median is 1,200",
        paid={"emil": 80, "fred": 180},
        plan={"count_zeros": False},
    ),
    Case(
        "above the median and below the minimum",
        paid={"emil": 90, "fred": 190},
        plan={"minimum": 1500},
    ),
]


@tagged("post_install", "-at_install")
class TestSalesCases(PlanCase):
    """From what happens in CRM and in HR to who is paid, and what the next month begins with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north = cls.env["hr.department"].create(
            {"name": "North", "company_id": cls.company.id, "parent_id": cls.sales.id}
        )
        cls.deals = {
            employee.name.lower(): cls._win(
                cls._create_lead(employee, "2026-03-01 09:00"), "2026-03-10 10:00", revenue
            )
            for employee, revenue in zip(cls.team, SALES, strict=True)
            if revenue
        }

    def test_cases(self):
        self.assertEqual(len({case.title for case in CASES}), len(CASES))
        for case in CASES:
            savepoint = self.cr.savepoint(flush=True)
            with self.subTest(case.title):
                self._check(case)
            savepoint.close(rollback=True)
            self.env.invalidate_all()
            self.env.registry.clear_cache()

    def _check(self, case):
        self.plan.write(case.plan)
        with self.at("2026-03-25 10:00"):
            case.happens(self)
        march = self._start()
        self.assertEqual(self._rewards(self._close(march)), case.paid)
        with self.at("2026-04-06 10:00"):
            april = self.plan._open_periods()
            case.late(self)
            found = self._refresh(april)
        amounts = {name: row.amount for name, row in found.items() if row.amount}
        self.assertEqual(amounts, case.next)

    # What happens

    def share(self, owner, **shares):
        self.deals[owner].performance_share_ids = [
            Command.create({"user_id": self[name].user_id.id, "percent": percent})
            for name, percent in shares.items()
        ]

    def give(self, owner, other):
        self.deals[owner].user_id = self[other].user_id

    def change(self, owner, revenue):
        self.deals[owner].expected_revenue = revenue

    def take_back(self, owner, when):
        with self.at(when):
            self.deals[owner].write({"stage_id": self.open_stage.id, "probability": 20})

    def take_back_old(self, name, revenue):
        lead = self._win(
            self._create_lead(self[name], "2026-02-01 09:00"), "2026-02-10 10:00", revenue
        )
        with self.at("2026-03-20 10:00"):
            lead.write({"stage_id": self.open_stage.id, "probability": 20})

    def archive(self, name):
        self[name].user_id.active = False

    def move(self, name, day, inside=True):
        department = self.north if inside else self.north.copy({"parent_id": False})
        self[name].create_version({"date_version": day, "department_id": department.id})

    def hire(self, name, day):
        self[name].version_id.write({"contract_date_start": day, "date_version": date(2020, 1, 1)})

    def leave(self, name, day):
        self[name].version_id.write(
            {"contract_date_start": date(2020, 1, 1), "contract_date_end": day}
        )

    def be_away(self, name):
        self._be_away(self[name], "2026-03-01 00:00", "2026-03-31 23:59")

    def __getitem__(self, name):
        return getattr(self, name)
