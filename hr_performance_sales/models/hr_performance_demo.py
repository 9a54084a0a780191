from collections import defaultdict
from datetime import datetime, timedelta
from itertools import count
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.hr_performance.tools import story
from odoo.addons.hr_performance.tools.period import Period, elapsed_share, utc_bounds

FOLDER = "hr_performance_sales/demo"
#: What the templates of the studio import where there are no records: the metric of the records.
LIVE_METRICS = {
    "imported_conversion": "conversion",
    "imported_satisfaction": "satisfaction",
    "imported_repurchase": "repurchase",
    "imported_sales": "ordered_amount",
    "reported_visits": "visits",
}
PRODUCTS = ("wedding", "family", "children", "newborn", "personal")
#: What is asked for in turn, by place in PRODUCTS.
DEMAND = (0, 2, 1, 2, 4, 0, 3, 1, 2, 0, 4, 2)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻柏水窦章"
GIVEN_NAMES = [
    "思雨",
    "子涵",
    "欣怡",
    "浩然",
    "雨桐",
    "梓萱",
    "俊杰",
    "晓彤",
    "佳琪",
    "明轩",
    "诗涵",
    "文博",
    "雅婷",
    "建国",
    "秀英",
    "志强",
    "丽华",
    "海燕",
    "国平",
    "晓峰",
    "春梅",
    "永康",
    "婉清",
    "嘉怡",
    "天佑",
    "雪莹",
    "立群",
    "淑珍",
    "家豪",
    "若曦",
    "一诺",
    "承泽",
    "可馨",
    "景行",
    "语嫣",
    "振华",
    "晨曦",
]
#: Whom salespeople visit.
HOSTS = ("kindergarten", "weddings", "neighbourhood", "technology", "maternity")
#: Contacts after the shooting, from the month in which they begin to count.
CONTACT_WEIGHT, CONTACT_TARGET = 10, 12


class Month(NamedTuple):
    """What one person did in one month; ``end`` is its last instant (UTC), or now while it runs."""

    login: str
    months_ago: int
    period: Period
    end: datetime
    enquiries: int
    won: int
    customers: int
    returning: int
    surveys: int
    rating: float
    contacts: int
    sales: int

    def get_moments(self, number):
        return story.moments(number, self.period.date_from, self.period.date_to, self.end)


class HrPerformanceDemo(models.AbstractModel):
    """The leads, orders, ratings and visits of the photo studio, from the figures of the story."""

    _inherit = "hr.performance.demo"

    @api.model
    def _load_sales(self):
        """Make the records of the months once, then the reviews that measure them."""
        if self._ref("program_demo") and not self._has_sales():
            studio = self._as_studio()
            studio._translate()
            studio._make_sales()
            self._load()

    @api.model
    def _has_sales(self):
        team = self._ref("hr_performance_sales.team_studio_sales")
        leads = self.env["crm.lead"].with_context(active_test=False)
        return bool(team and leads.search_count([("team_id", "=", team.id)], limit=1))

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
    # Figures
    # ------------------------------------------------------------

    @api.model
    def _make_sales(self):
        months = self._get_months()
        orders = self._make_orders(months)
        self._make_leads(months, orders)
        self._make_ratings(months, orders)
        self._make_contacts_after_delivery(months, orders)
        self._make_visits(months)

    @api.model
    def _get_months(self):
        """The months of everybody who sells, oldest first."""
        periods = self._get_periods()
        rows = [row for row in self._read("figures") if row["enquiries"]]
        months = [self._get_month(row, periods[-1 - int(row["months_ago"])]) for row in rows]
        return sorted(months, key=lambda month: -month.months_ago)

    @api.model
    def _get_month(self, row, period):
        elapsed = float(elapsed_share(period, self.env.company._get_performance_today()))
        last = utc_bounds(period, self._get_zone())[1] - timedelta(seconds=1)
        number = {name: float(text or 0) for name, text in row.items() if name != "login"}
        counted = {
            name: story.part_of(int(number[name]), elapsed)
            for name in ("enquiries", "customers", "surveys", "contacts")
        }

        def share(part, whole):
            return round(counted[whole] * number[part] / number[whole]) if number[whole] else 0

        return Month(
            login=row["login"],
            months_ago=int(row["months_ago"]),
            period=period,
            end=min(last, fields.Datetime.now()),
            won=share("orders", "enquiries"),
            returning=share("returning", "customers"),
            rating=number["rating"],
            sales=round(number["sales"] * elapsed),
            **counted,
        )

    @api.model
    def _get_texts(self, kind):
        """Sentences of this kind, one after the other and again from the beginning."""
        texts = [row["text"] for row in self._read("talk", FOLDER) if row["kind"] == kind]
        return (texts[index % len(texts)] for index in count())

    @api.model
    def _get_team(self, login):
        """The sales team of somebody."""
        member = self._ref(f"hr_performance_sales.member_{login.replace('.', '_')}")
        return member.crm_team_id

    @api.model
    def _get_products(self):
        """Products in the order in which they are asked for, without end."""
        products = [self._ref(f"hr_performance_sales.product_{name}") for name in PRODUCTS]
        return (products[DEMAND[index % len(DEMAND)]] for index in count())

    # ------------------------------------------------------------
    # Customers and orders
    # ------------------------------------------------------------

    @api.model
    def _make_orders(self, months):
        """Make the orders of all months, and before them the first orders of old customers.

        :return: ``{month: orders}``, those of new customers first
        """
        customers = self._make_customers(months)
        products = self._get_products()
        keys, vals_list = [], []
        for month in months:
            old = customers.pop((month.login, None), [])
            before = month.period.date_from - timedelta(days=30)
            for partner, moment in zip(
                old,
                story.moments(len(old), before, before + timedelta(days=20), month.end),
                strict=True,
            ):
                product = next(products)
                keys.append(None)
                vals_list.append(
                    self._get_order_vals(month, partner, moment, product, product.list_price)
                )
            partners = customers[month.login, month.months_ago]
            bought = [next(products) for _partner in partners]
            prices = [product.list_price for product in bought]
            if month.sales:
                prices = story.amounts(month.sales, prices)
            rows = zip(partners, month.get_moments(len(partners)), bought, prices, strict=True)
            for partner, moment, product, price in rows:
                keys.append(month)
                vals_list.append(self._get_order_vals(month, partner, moment, product, price))
        orders = defaultdict(self.env["sale.order"].browse)
        for key, order in zip(keys, self.env["sale.order"].create(vals_list), strict=True):
            orders[key] += order
        return orders

    @api.model
    def _make_customers(self, months):
        """``{(login, months ago): customers of the month, new ones first}``; the customers from
        before the first month stand under ``(login, None)``."""
        needed = sum(month.customers for month in months)
        numbers = range(needed)
        partners = self.env["res.partner"].create([self._get_partner_vals(n) for n in numbers])
        fresh = iter(partners)
        customers, known = {}, {}
        for month in months:
            if month.login not in known:
                old = [next(fresh) for _number in range(month.returning)]
                known[month.login] = old
                customers[month.login, None] = list(old)
            pool = known[month.login]
            returning = [pool[-1 - index] for index in range(month.returning)]
            new = [next(fresh) for _number in range(month.customers - month.returning)]
            pool += new
            customers[month.login, month.months_ago] = new + returning
        return customers

    @api.model
    def _get_partner_vals(self, number):
        name = SURNAMES[number % len(SURNAMES)] + GIVEN_NAMES[number * 7 % len(GIVEN_NAMES)]
        return {
            "name": name,
            "company_id": self.env.company.id,
            "phone": f"+86 138 {1000 + number * 37 % 9000} {1000 + number * 61 % 9000}",
            "city": "上海",
            "country_id": self.env.ref("base.cn").id,
            "lang": self.env.company.partner_id.lang,
        }

    @api.model
    def _get_order_vals(self, month, partner, moment, product, price):
        line = {"product_id": product.product_variant_id.id, "price_unit": price}
        return {
            "partner_id": partner.id,
            "company_id": self.env.company.id,
            "user_id": self._get_user(month.login).id,
            "team_id": self._get_team(month.login).id,
            "date_order": moment,
            # The day of the shooting
            "commitment_date": moment + timedelta(days=5),
            "state": "sale",
            "order_line": [Command.create(line)],
        }

    # ------------------------------------------------------------
    # Leads
    # ------------------------------------------------------------

    @api.model
    def _make_leads(self, months, orders):
        """A lead for each order that came from an enquiry, and those that were lost or are open.

        Somebody won more than he entered orders: he left the orders for later.
        """
        products = self._get_products()
        vals_list = []
        for month in months:
            ordered = orders[month][: month.won]
            vals_list += [self._get_ordered_vals(month, order) for order in ordered]
            for number, moment in enumerate(month.get_moments(month.enquiries - len(ordered))):
                vals = self._get_asked_vals(month, moment, next(products), number)
                if number < month.won - len(ordered):
                    vals |= self._get_won_vals(moment)
                elif number % 3 < 2:
                    vals |= self._get_lost_vals(month, moment, number)
                vals_list.append(vals)
        self._note_follow_ups(self.env["crm.lead"].create(vals_list))

    @api.model
    def _get_ordered_vals(self, month, order):
        """A lead that became this order: it came in some days before, within the same month."""
        begin = utc_bounds(month.period, self._get_zone())[0]
        vals = self._get_common_vals(month, max(begin, order.date_order - timedelta(days=3)))
        vals |= self._get_won_vals(order.date_order)
        vals |= {
            "name": f"{order.partner_id.name} · {order.order_line.product_id.name}",
            "partner_id": order.partner_id.id,
            "expected_revenue": order.amount_untaxed,
        }
        if "opportunity_id" in order._fields:
            vals["order_ids"] = [Command.link(order.id)]
        return vals

    @api.model
    def _get_asked_vals(self, month, moment, product, number):
        """Somebody asked for this product."""
        name = SURNAMES[(number * 5 + month.months_ago) % len(SURNAMES)]
        return self._get_common_vals(month, moment) | {
            "name": f"{name}女士 · {product.name}",
            "contact_name": f"{name}女士",
            "expected_revenue": product.list_price,
        }

    @api.model
    def _get_won_vals(self, moment):
        stage = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        return {"stage_id": stage.id, "probability": 100, "date_closed": moment}

    @api.model
    def _get_lost_vals(self, month, moment, number):
        reasons = self.env["crm.lost.reason"].search([], limit=3)
        return {
            "active": False,
            "probability": 0,
            "lost_reason_id": reasons[number % 3 : number % 3 + 1].id,
            "date_closed": min(moment + timedelta(days=4), month.end),
        }

    @api.model
    def _get_common_vals(self, month, moment):
        return {
            "type": "opportunity",
            "company_id": self.env.company.id,
            "user_id": self._get_user(month.login).id,
            "team_id": self._get_team(month.login).id,
            "create_date": moment,
            "date_open": moment,
        }

    @api.model
    def _note_follow_ups(self, leads):
        """The record of the first talk with each customer: what he needs and what was said."""
        needs, talks = self._get_texts("need"), self._get_texts("talk")
        now = fields.Datetime.now()
        vals_list = []
        for number, lead in enumerate(leads):
            latest = min(lead.date_closed or now, now)
            moment = min(lead.date_open + timedelta(minutes=8 + number % 23), latest)
            body = f"客户需求:{next(needs)}沟通内容:{next(talks)}"
            vals_list.append(self._get_note_vals(lead, lead.user_id, moment, body))
        self.env["mail.message"].create(vals_list)

    @api.model
    def _get_note_vals(self, record, user, moment, body):
        return {
            "model": record._name,
            "res_id": record.id,
            "author_id": user.partner_id.id,
            "date": moment,
            "body": body,
            "message_type": "comment",
            "subtype_id": self.env.ref("mail.mt_note").id,
        }

    # ------------------------------------------------------------
    # After the order
    # ------------------------------------------------------------

    @api.model
    def _make_ratings(self, months, orders):
        """What customers answered when they were asked how it was, from 1 to 5 points."""
        texts = {kind: self._get_texts(kind) for kind in ("poor", "good", "praise")}
        vals_list, rated_on = [], []
        for month in months:
            user = self._get_user(month.login)
            marks = story.marks(month.rating, month.surveys)
            moments = month.get_moments(len(marks))
            asked = orders[month][: len(marks)]
            for mark, moment, order in zip(marks, moments, asked, strict=True):
                kind = "praise" if mark == 5 else "good" if mark == 4 else "poor"
                vals_list.append(
                    {
                        "res_model_id": self.env["ir.model"]._get_id("sale.order"),
                        "res_id": order.id,
                        "rated_partner_id": user.partner_id.id,
                        "partner_id": order.partner_id.id,
                        "rating": mark,
                        "feedback": next(texts[kind]),
                        "consumed": True,
                    }
                )
                rated_on.append(moment)
        # The model notes the instant of the answer itself, over whatever is given.
        for rating, moment in zip(
            self.env["rating.rating"].create(vals_list), rated_on, strict=True
        ):
            rating.rated_on = moment

    @api.model
    def _make_contacts_after_delivery(self, months, orders):
        """Notes on orders, written within a week after the shooting."""
        texts = self._get_texts("after")
        now = fields.Datetime.now()
        vals_list = []
        for month in months:
            user = self._get_user(month.login)
            for order in orders[month][: month.contacts]:
                moment = order.commitment_date + timedelta(days=2)
                if moment <= now:
                    vals_list.append(self._get_note_vals(order, user, moment, next(texts)))
        self.env["mail.message"].create(vals_list)

    @api.model
    def _make_visits(self, months):
        """The visits that salespeople report where there is no calendar, as meetings."""
        by_person = {(month.login, month.months_ago): month for month in months}
        hosts = [self._ref(f"hr_performance_sales.host_{name}") for name in HOSTS]
        vals_list = []
        for key, rows in self._read_by_month("evidence").items():
            month = by_person.get(key)
            rows = [row for row in rows if row["metric"] == "reported_visits"]
            total = sum(int(row["quantity"]) for row in rows)
            if not month or not total:
                continue
            moments = month.get_moments(total)
            topics = [row["description"] for row in rows for _n in range(int(row["quantity"]))]
            for number, topic in enumerate(topics):
                host = hosts[number % len(hosts)]
                vals_list.append(self._get_visit_vals(month, moments[number], topic, host))
        quiet = {"no_mail_to_attendees": True, "dont_notify": True}
        self.env["calendar.event"].with_context(**quiet).create(vals_list)

    @api.model
    def _get_visit_vals(self, month, moment, topic, host):
        user = self._get_user(month.login)
        return {
            "name": topic,
            "user_id": user.id,
            "partner_ids": [Command.set((user.partner_id + host).ids)],
            "start": moment,
            "stop": min(moment + timedelta(hours=1), month.end),
        }

    # ------------------------------------------------------------
    # The templates change
    # ------------------------------------------------------------

    @api.model
    def _forget(self):
        result = super()._forget()
        self._get_template_versions().unlink()
        return result

    @api.model
    def _get_template_versions(self):
        """The later versions of the template of the customer consultants."""
        first = self._ref("template_demo_operations")
        versions = self.env["hr.performance.template"].with_context(active_test=False)
        return versions.search([("root_id", "=", first.id), ("id", "!=", first.id)])

    @api.model
    def _set_up_templates(self):
        """From the running month contacts after the shooting count, for they bring customers back.

        The new metric takes 10 %, the others keep their proportions in what is left.
        """
        super()._set_up_templates()
        if not self._has_sales():
            return
        action = self._ref("template_demo_operations").action_new_version()
        version = self.env["hr.performance.template"].browse(action["res_id"])
        metric = self._ref("hr_performance_sales.metric_contacts_after_delivery")
        line = {"metric_id": metric.id, "weight": CONTACT_WEIGHT, "target": CONTACT_TARGET}
        version.write(
            {
                "date_from": self._get_periods()[-1].date_from,
                "line_ids": [Command.create({**line, "sequence": 40})],
            }
        )
        version._apply_weights(version._get_rebalanced_weights())
        version.action_set_ready()
