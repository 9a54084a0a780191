from odoo import models
from odoo.tools import formatLang

from ..tools.decimals import round_half_up


class HrPerformanceNumberMixin(models.AbstractModel):
    """Numbers as people read them; the form, the page, the PDF and the phone show the same."""

    _name = "hr.performance.number.mixin"
    _description = "Numbers for Readers"

    def _show_number(self, value, signed=False):
        """At most two decimals, by the reader's locale; ``signed`` shows a plus as well."""
        value = float(round_half_up(value)) + 0.0
        digits = next(d for d in (0, 1, 2) if d == 2 or round(value, d) == value)
        text = formatLang(self.env, value, digits=digits)
        return f"+{text}" if signed and value > 0 else text

    def _show_percent(self, value, signed=False):
        return f"{self._show_number(value, signed)} %"
