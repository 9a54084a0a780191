from collections import defaultdict
from datetime import timedelta
from itertools import cycle as endless
from itertools import islice
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Command, Domain

from odoo.addons.hr_performance.tools import story
from odoo.addons.hr_performance.tools.period import Period, elapsed_share, utc_bounds

FOLDER = "hr_performance_sales/demo"
LIVE_METRICS = {
    "imported_conversion": "conversion",
    "imported_satisfaction": "satisfaction",
    "imported_repurchase": "repurchase",
    "imported_sales": "ordered_amount",
    "reported_visits": "visits",
}
PRODUCTS = ("wedding", "family", "children", "newborn", "personal")
#: How often each product is sold, in turn.
DEMAND = (0, 2, 1, 2, 4, 0, 3, 1, 2, 0, 4, 2)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻柏水窦章"
GIVEN_NAMES = (
    "思雨 子涵 欣怡 浩然 雨桐 梓萱 俊杰 晓彤 佳琪 明轩 诗涵 文博 雅婷 建国 秀英 志强 丽华 海燕 "
    "国平 晓峰 春梅 永康 婉清 嘉怡 天佑 雪莹 立群 淑珍 家豪 若曦 一诺 承泽 可馨 景行 语嫣 振华 晨曦"
).split()
#: The part of a month in which leads come in, so that they can be worked on before it ends.
INTAKE = 0.8


class Month(NamedTuple):
    """What one person did in one month, and until when it could be done.

    :ivar end: instant (UTC) at which the month ends, or now while it runs
    """

    login: str
    months_ago: int
    period: Period
    end: object
    enquiries: int
    won: int
    customers: int
    returning: int
    surveys: int
    rating: float
    contacts: int
    sales: int


class HrPerformanceDemo(models.AbstractModel):
    """The leads, orders, ratings and visits of the photo studio, from the same figures."""

    _inherit = "hr.performance.demo"

    # ------------------------------------------------------------
    # What the reviews are made of
    # ------------------------------------------------------------

    @api.model
    def _load_sales(self):
        """Make the records of the months once, then the reviews that measure them."""
        team = self._ref("hr_performance_sales.team_studio_sales")
        program = self._ref("program_demo")
        if not program or self.env["crm.lead"].search_count([("team_id", "=", team.id)], limit=1):
            return
        self._as_studio()._make_sales(self._get_periods())
        self._load()

    @api.model
    def _has_sales(self):
        team = self._ref("hr_performance_sales.team_studio_sales")
        return team and self.env["crm.lead"].search_count([("team_id", "=", team.id)], limit=1)

    @api.model
    def _get_metric_map(self):
        result = super()._get_metric_map()
        if not self._has_sales():
            return result
        return result | {
            self._ref(f"metric_{imported}"): self._ref(f"hr_performance_sales.metric_{live}")
            for imported, live in LIVE_METRICS.items()
        }

    @api.model
    def _get_story_folders(self):
        return [*super()._get_story_folders(), FOLDER]

    # ------------------------------------------------------------
    # From figures to records
    # ------------------------------------------------------------

    @api.model
    def _make_sales(self, periods):
        months = self._get_months(periods)
        partners = self._make_customers(months)
        customers = self._get_customers_by_month(months, partners)
        self._make_first_orders(months, customers)
        for month in months:
            returning, new = customers[month.login, month.months_ago]
            orders = self._make_orders(month, returning + new)
            self._make_leads(month, orders)
            self._make_ratings(month, orders)
        self._make_contacts_after_delivery(months)
        self._make_visits(months)

    @api.model
    def _get_months(self, periods):
        """The months of everybody who sells, oldest first."""
        now = fields.Datetime.now()
        today = self.env.company._get_performance_today()
        months = []
        for row in self._read("figures"):
            if not row["enquiries"]:
                continue
            months_ago = int(row["months_ago"])
            period = periods[-1 - months_ago]
            share = float(elapsed_share(period, today))
            end = min(utc_bounds(period, self._get_zone())[1], now)
            counts = {
                name: story.part_of(int(row[name] or 0), share)
                for name in ("enquiries", "customers", "surveys", "contacts")
            }
            months.append(
                Month(
                    login=row["login"],
                    months_ago=months_ago,
                    period=period,
                    end=end,
                    won=_share(row, "orders", "enquiries", counts),
                    returning=_share(row, "returning", "customers", counts),
                    rating=float(row["rating"] or 0),
                    sales=round(float(row["sales"] or 0) * share),
                    **counts,
                )
            )
        return sorted(months, key=lambda month: -month.months_ago)
