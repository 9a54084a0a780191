from odoo import api, models

from odoo.addons.hr_performance.models.hr_performance_privacy import Personal


class HrPerformancePrivacy(models.AbstractModel):
    """What sales plans hold about people. Amounts stay, for what was paid has to be proven."""

    _inherit = "hr.performance.privacy"

    @api.model
    def _get_personal(self):
        return super()._get_personal() | {
            "hr.performance.sales.credit": Personal(),
            "hr.performance.sales.target": Personal(),
            "hr.performance.sales.result": Personal(),
            "hr.performance.sales.statement": Personal(),
            "hr.performance.sales.statement.line": Personal(),
            "hr.performance.sales.uncounted": Personal(),
            "hr.performance.sales.adjustment": Personal(texts=("reason",)),
            "hr.performance.sales.payout": Personal(),
            "hr.performance.sales.share": Personal(subject="user_id"),
            "hr.performance.sales.report": Personal(texts=("note", "market_note")),
            "hr.performance.sales.watch": Personal(
                texts=("note",),
                drop=True,
                withheld="Notes for HR about deals that may be looked at, without any judgement.",
            ),
            "hr.performance.sales.support": Personal(subject="user_id", texts=("note",)),
        }

    @api.model
    def _get_exempt(self):
        return super()._get_exempt() | {
            "hr.performance.sales.plan": "who takes part in a plan, and who approves it",
            "hr.performance.sales.period": "who approved a period",
            "hr.performance.sales.mark": "a note for the next refresh, deleted within minutes",
        }
