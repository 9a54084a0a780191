from odoo import models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def write(self, vals):
        """Who moves the appointment in his calendar moves the interview."""
        result = super().write(vals)
        if vals.keys() & {"start", "stop", "location"} and not self.env.context.get(
            "interview_sync"
        ):
            # sudo: the interview follows an appointment that the user could move
            interviews = self.env["hr.performance.interview"].sudo()
            for interview in interviews.search([("event_id", "in", self.ids)]):
                interview._follow_event()
        return result
