from urllib.parse import urlencode

from werkzeug.exceptions import NotFound

from odoo.http import Controller, request

from odoo.addons.hr_performance.controllers.phone import HEADERS, PhonePages, phone_route

PATH = "/performance/leaderboard"
PAGE_SIZE = 30
STAMP = "X-Board-Stamp"
POLICY = "Content-Security-Policy"


class PerformancePhoneBoard(PhonePages, Controller):
    """The leaderboard on the phone: the same page of the same board as on the desktop."""

    @phone_route(PATH, methods=["GET"])
    def leaderboard(self, **choice):
        choice = self._get_choice(choice)
        values = self._get_values(choice)
        choices = request.env["hr.performance.sales.board"].get_choices()
        several = len(choices["plans"]) > 1
        values |= {
            "title": request.env._("Leaderboard"),
            "tab": "leaderboard",
            "periods": [
                (period["id"], f"{period['name']} · {plan['name']}" if several else period["name"])
                for plan in choices["plans"]
                for period in plan["periods"]
            ],
        }
        response = self._show("hr_performance_sales.phone_board", values)
        # it reads itself again
        response.headers[POLICY] = f"{HEADERS[POLICY]}; connect-src 'self'"
        return response

    @phone_route(f"{PATH}/rows", methods=["GET"])
    def leaderboard_rows(self, **choice):
        """The inside of the page for the script on it; no content while nothing changed."""
        choice = self._get_choice(choice)
        period = self._get_record("hr.performance.sales.period", choice.get("period"))
        stamp = request.env["hr.performance.sales.board"]._get_stamp(period)
        headers = {STAMP: stamp, "Cache-Control": "no-store"}
        if request.httprequest.headers.get(STAMP) == stamp:
            return request.make_response("", headers=headers, status=204)
        html = request.env["ir.qweb"]._render(
            "hr_performance_sales.phone_board_rows", self._get_values(choice)
        )
        headers["Content-Type"] = "text/html; charset=utf-8"
        return request.make_response(html, headers=headers)

    def _get_choice(self, choice):
        """The ids and the page of an address; anything else is no page of ours."""
        texts = {name: choice[name] for name in ("period", "group", "page") if choice.get(name)}
        if not all(text.isdecimal() and len(text) < 10 for text in texts.values()):
            raise NotFound()
        return {name: int(text) for name, text in texts.items()}

    def _get_values(self, choice):
        board = request.env["hr.performance.sales.board"].get_page(
            period_id=choice.get("period"),
            group=choice.get("group"),
            page=choice.get("page", 1),
            size=PAGE_SIZE,
        )
        if not board["period"]:
            return {"board": board}
        return {
            "board": board,
            "live_path": self._get_path(board, board["page"], f"{PATH}/rows"),
            "paths": {
                "before": self._get_path(board, board["page"] - 1),
                "next": self._get_path(board, board["page"] + 1),
                "own": self._get_path(board, board["own"]["page"]) if board["own"] else "",
            },
        }

    def _get_path(self, board, page, path=PATH):
        ids = {"period": board["period"]["id"], "group": board["group"], "page": page}
        return f"{path}?{urlencode(ids)}"
