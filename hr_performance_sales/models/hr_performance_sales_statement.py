# Append-only: nothing goes on to the ORM.
# pylint: disable=method-required-super,no-raise-unlink
from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare

from odoo.addons.hr_performance.tools.decimals import round_half_up, to_decimal

from ..tools import dual_target

#: What the person may do with his statement.
OWN_FIELDS = {"state", "acknowledged_on"}


class HrPerformanceSalesStatement(models.Model):
    """What one person is paid for one period, and why: frozen when the period closes.

    Its figures are never changed. What turns out differently later is an adjustment, a row of its
    own; what has been paid are the rows of the payout ledger. What is due is the sum of them all.
    """

    _name = "hr.performance.sales.statement"
    _description = "Sales Statement"
    _inherit = ["mail.thread", "hr.performance.sales.standing.mixin"]
    _order = "period_id, total desc, id"
    _rec_names_search = ["employee_id"]

    period_id = fields.Many2one(index=True)
    is_pilot = fields.Boolean("Pilot", readonly=True)
    state = fields.Selection(
        [("issued", "Issued"), ("acknowledged", "Acknowledged"), ("disputed", "Disputed")],
        default="issued",
        required=True,
        readonly=True,
        tracking=True,
    )
    acknowledged_on = fields.Datetime(readonly=True)
    #: The leaf of the seal of the period; written by whoever seals it.
    seal = fields.Char(readonly=True)
    line_ids = fields.One2many("hr.performance.sales.statement.line", "statement_id", "Deals")
    adjustment_ids = fields.One2many("hr.performance.sales.adjustment", "statement_id")
    payout_ids = fields.One2many("hr.performance.sales.payout", "statement_id", "Payouts")
    adjusted = fields.Monetary("Adjustments", compute="_compute_due")
    held = fields.Monetary("Held Back", compute="_compute_due")
    paid = fields.Monetary(compute="_compute_due")
    due = fields.Monetary("Still to Pay", compute="_compute_due")

    _employee_unique = models.UniqueIndex(
        "(period_id, employee_id)", "This person has a statement for this period already."
    )

    @api.depends("employee_id", "period_id.name")
    def _compute_display_name(self):
        for statement in self:
            # sudo: names, for whoever may read the statement
            known = statement.sudo()
            statement.display_name = f"{known.employee_id.name} · {known.period_id.name}"

    def _compute_due(self):
        """What is due: the reward and its adjustments, less what is held back and what is paid."""
        # sudo: sums of the statement's own rows, for whoever may read the statement
        self = self.sudo()
        adjusted = self._get_sums("hr.performance.sales.adjustment", "amount")
        paid = self._get_sums("hr.performance.sales.payout", "amount")
        held = self._get_sums(
            "hr.performance.sales.statement.line", "held", Domain("state", "=", "disputed")
        )
        for statement in self:
            statement.adjusted = adjusted.get(statement, 0)
            statement.paid = paid.get(statement, 0)
            owed = 0 if statement.is_pilot else statement.total + statement.adjusted
            # held back is at most what is owed: several disputes do not add up beyond it
            statement.held = min(held.get(statement, 0), max(owed, 0))
            statement.due = statement.currency_id.round(owed - statement.held - statement.paid)

    def _get_sums(self, model, field, domain=Domain.TRUE):
        rows = self.env[model]._read_group(
            Domain("statement_id", "in", self.ids) & domain, ["statement_id"], [f"{field}:sum"]
        )
        return dict(rows)

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Statements come from closing a period."))

    def write(self, vals):
        frozen = {name for name in vals if name in self._fields and self._fields[name].store}
        if frozen - OWN_FIELDS - {"seal", "message_main_attachment_id", "message_ids"}:
            raise UserError(self.env._("A statement is frozen. Reopen its period to adjust it."))
        if not self.env.su and frozen:
            raise AccessError(self.env._("Statements move by their buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        raise UserError(self.env._("Statements are kept."))

    # Issuing

    @api.model
    def _issue(self, period):
        """Freeze the results of a period, and the deals that they are made of: two statements."""
        names = (
            "period_id, plan_id, company_id, employee_id, manager_id, department_id, team_id,"
            " share, full_minimum, minimum, barred, moved, amount, compared, line, has_line,"
            " line_size, basis, gap, rank, rank_count, meets_minimum, is_above, helped, reward,"
            " pool_reward, total"
        )
        columns = SQL(names)
        self.env.cr.execute(
            SQL(
                """INSERT INTO hr_performance_sales_statement
                          (%(columns)s, state, is_pilot, create_uid, create_date, write_date)
                   SELECT %(columns)s, 'issued', %(pilot)s, %(uid)s, %(now)s, %(now)s
                     FROM hr_performance_sales_result WHERE period_id = %(period)s
                 ORDER BY id""",
                columns=columns,
                pilot=period.is_pilot,
                uid=self.env.uid,
                now=self.env.cr.now(),
                period=period.id,
            )
        )
        credits = period.plan_id._get_credit_sql(period._get_period(), period._get_late())
        self._count_credits(period, credits)
        self.env["hr.performance.sales.uncounted"]._note(period, credits)
        self.env.invalidate_all()

    @api.model
    def _count_credits(self, period, credits, adjustment=None):
        """Note the credits as counted in the statements of a period; each counts once in a plan."""
        self.env.cr.execute(
            SQL(
                """INSERT INTO hr_performance_sales_statement_line
                          (statement_id, period_id, root_id, company_id, employee_id, credit_id,
                           amount, is_late, after_closing, state, held, create_uid, create_date)
                   SELECT s.id, s.period_id, %(root)s, s.company_id, s.employee_id, c.id,
                          c.amount, c.is_late, %(after)s, 'ok', 0, %(uid)s, %(now)s
                     FROM (%(credits)s) AS c
                     JOIN hr_performance_sales_statement s
                          ON s.period_id = %(period)s AND s.employee_id = c.employee_id
                 ORDER BY s.id, c.id""",
                root=period.root_id.id,
                after=bool(adjustment),
                uid=self.env.uid,
                now=self.env.cr.now(),
                credits=credits,
                period=period.id,
            )
        )
        self.env["hr.performance.sales.uncounted"]._forget_counted(period)

    # The person

    def action_acknowledge(self):
        """The person says that the statement is right."""
        for statement in self:
            statement._check_own()
            if statement.state == "disputed":
                raise UserError(self.env._("A line is disputed. It is settled first."))
            # sudo: nobody writes statements; it is his own, as was checked
            statement.sudo().write(
                {"state": "acknowledged", "acknowledged_on": fields.Datetime.now()}
            )
        return True

    def _check_own(self):
        self.ensure_one()
        self.check_access("read")
        if not self.env.su and not self.is_own:
            raise AccessError(self.env._("This is somebody else's statement."))

    def _follow_lines(self):
        """A statement is disputed as long as one of its lines is."""
        for statement in self.sudo():  # sudo: the state follows from the lines
            lines = statement.line_ids.filtered(lambda line: line.state == "disputed")
            statement._hold_back(lines)
            state = "disputed" if lines else "issued"
            if lines or statement.state == "disputed":
                statement.write({"state": state})

    def _hold_back(self, lines):
        """Divide among disputed lines what hangs on all of them together: without two deals
        somebody may miss a target that he reaches without either."""
        self.ensure_one()
        amount = held = Decimal(0)
        for line in lines.filtered(lambda line: line.amount > 0).sorted("id"):
            amount += to_decimal(line.amount)
            whole = self._get_held(amount)
            line.held = whole - held
            held = whole

    # Disputes

    def _get_held(self, amount):
        """The part of the reward that hangs on an amount: what would be paid without it is not
        held back. The line and the colleagues stay as they are."""
        self.ensure_one()
        rule, outcome = self._get_outcome()
        digits = self.currency_id.decimal_places
        share = to_decimal(self.share) if rule.scale_amounts else Decimal(1)
        without = outcome.amount - to_decimal(amount)
        compared = round_half_up(without / share, digits) if share else without
        decided = dual_target.decide(
            rule, without, compared, outcome.minimum, outcome.line, outcome.basis, outcome.barred
        )
        rest = Decimal(0)
        if decided:
            numbers = (without, compared, outcome.minimum, outcome.line, share, self.helped, digits)
            rest = dual_target.get_reward(rule.reward, *numbers).total
        return max(outcome.reward.total - rest, Decimal(0))

    def _is_close(self, one, two):
        return not float_compare(one, two, precision_rounding=self.currency_id.rounding)

    # Adjustments

    def _adjust(self, amount, reason, figures=None):
        """Add an adjustment of the reward; the statement itself stays as it is.

        :param figures: what was computed, to be kept with it
        """
        self.ensure_one()
        # sudo: adjustments are added by the engine; the caller has checked who may
        return (
            self.env["hr.performance.sales.adjustment"].sudo()._add(self, amount, reason, figures)
        )

    @api.model
    def _get_due(self, statements):
        """``{statement: amount due}`` of those to whom anything is due, or who owe something."""
        found = defaultdict(float)
        for statement in statements:
            if not statement.currency_id.is_zero(statement.due):
                found[statement] = statement.due
        return dict(found)
