from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time

from odoo.addons.hr_performance.tests.common import PerformanceCase

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))


def shanghai(text):
    """The UTC instant of a time on the clocks of Shanghai, such as ``2026-03-01 00:30``."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M") - timedelta(hours=8)


class SalesCase(PerformanceCase):
    """Anna and Bo sell for Bright Studio in Shanghai, Olga for Other Studio in Brussels.

    The ready-made metrics are those of the addon's data.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company.resource_calendar_id.tz = "Europe/Brussels"
        cls.olga = cls._create_employee("olga", False, company=cls.other_company)
        cls.sellers = cls.anna | cls.bo
        salesman = cls.env.ref("sales_team.group_sale_salesman")
        (cls.sellers | cls.olga).user_id.group_ids = [Command.link(salesman.id)]
        cls.won_stage = cls.env["crm.stage"].create({"name": "T Won", "is_won": True})
        cls.open_stage = cls.env["crm.stage"].create({"name": "T Open", "sequence": 0})
        cls.customer = cls._create_customer("Customer")

    @classmethod
    def _get_metric(cls, code):
        return cls.env.ref(f"hr_performance_sales.metric_{code}")

    def _measure(self, metric, *employees, period=MARCH):
        """The measurements of the employees, in their order; Anna's and Bo's when none is named."""
        metric = self._get_metric(metric) if isinstance(metric, str) else metric
        employees = self.env["hr.employee"].union(*employees) or self.sellers
        found = metric._measure(employees, *period)[metric]
        return [found[employee_id] for employee_id in employees.ids]

    def _values(self, metric, *employees, period=MARCH):
        return [m.value for m in self._measure(metric, *employees, period=period)]

    def at(self, when):
        """Let it be this time in Shanghai."""
        return freeze_time(shanghai(when))

    @classmethod
    def _create_customer(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, **vals})

    # Leads

    @classmethod
    def _create_lead(cls, employee, assigned="2026-01-05 09:00", **vals):
        lead = cls.env["crm.lead"].create(
            {
                "name": "A lead",
                "type": "opportunity",
                "user_id": employee.user_id.id,
                "company_id": employee.company_id.id,
                "partner_id": cls.customer.id,
                "stage_id": cls.open_stage.id,
                **vals,
            }
        )
        lead.date_open = shanghai(assigned)
        return lead

    @classmethod
    def _win(cls, lead, when, revenue=None):
        if revenue is not None:
            lead.expected_revenue = revenue
        with freeze_time(shanghai(when)):
            lead.stage_id = cls.won_stage
        return lead

    @classmethod
    def _lose(cls, lead, when):
        with freeze_time(shanghai(when)):
            lead.action_set_lost()
        return lead

    # Contacts

    @classmethod
    def _post(cls, record, employee, when, body="Wants an album", subtype="mail.mt_note", **values):
        """A message, written in the chatter by the employee."""
        values = {"message_type": "comment", **values}
        message = record.message_post(
            body=body, subtype_xmlid=subtype, author_id=employee.user_id.partner_id.id, **values
        )
        message.date = shanghai(when)
        return message

    @classmethod
    def _do_activity(cls, record, employee, when, kind="mail.mail_activity_data_call"):
        """An activity of the employee, marked as done by him."""
        activity = cls.env["mail.activity"].create(
            {
                "res_model_id": cls.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": cls.env.ref(kind).id,
                "user_id": employee.user_id.id,
            }
        )
        done = activity.with_user(employee.user_id)._action_done(feedback="Called back")[0]
        done.sudo().date = shanghai(when)
        return done

    @classmethod
    def _meet(cls, when, *partners, hours=1, lead=None, organizer=None):
        """A meeting of the partners."""
        start = shanghai(when)
        partners = cls.env["res.partner"].union(*partners)
        return cls.env["calendar.event"].create(
            {
                "name": "Meeting",
                "start": start,
                "stop": start + timedelta(hours=hours),
                "user_id": (organizer or cls.anna).user_id.id,
                "partner_ids": [Command.set(partners.ids)],
                "opportunity_id": lead.id if lead else False,
            }
        )

    # Orders

    @classmethod
    def _create_product(cls, name="Portrait", **vals):
        return cls.env["product.product"].create(
            {"name": name, "type": "service", "invoice_policy": "order", "taxes_id": False, **vals}
        )

    @classmethod
    def _create_order(cls, employee, when, *lines, customer=None, company=None, **vals):
        """An order confirmed by the employee; ``lines`` are pairs of a product and a price."""
        company = company or (employee.company_id if employee else cls.company)
        lines = lines or ((cls._create_product(), 100),)
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": (customer or cls.customer).id,
                    "user_id": employee.user_id.id if employee else False,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "price_unit": price,
                                "product_uom_qty": 1,
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for product, price in lines
                    ],
                    **vals,
                }
            )
        )
        if when:
            with freeze_time(shanghai(when)):
                order.action_confirm()
        return order

    @classmethod
    def _cancel(cls, order, when):
        with freeze_time(shanghai(when)):
            order._action_cancel()
        return order

    @classmethod
    def _invoice(cls, order, day):
        invoice = order._create_invoices()
        invoice.invoice_date = day
        invoice.action_post()
        return invoice

    @classmethod
    def _credit(cls, invoice, day, price=None):
        """A posted credit note of the invoice, over another price where one is given."""
        wizard = (
            cls.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": day})
        )
        wizard.reverse_moves()
        credit_note = wizard.new_move_ids
        if price is not None:
            credit_note.invoice_line_ids.price_unit = price
        credit_note.invoice_date = day
        credit_note.action_post()
        return credit_note
