from werkzeug.exceptions import NotFound

from odoo.http import Controller, content_disposition, request, route

from odoo.addons.hr_performance.tools.table_writer import CsvTable, XlsxTable

TABLES = {"xlsx": XlsxTable, "csv": CsvTable}


class HrPerformanceSalesDocuments(Controller):
    """Files for payroll."""

    @route(
        "/hr_performance_sales/payroll/<int:payroll_id>.<string:extension>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def payroll(self, payroll_id, extension):
        """The amounts of a payout that the user may see, as his record rules say."""
        user = request.env.user
        payrolls = request.env["hr.performance.sales.payroll"].with_context(
            lang=user.lang, tz=user.tz, allowed_company_ids=user.company_ids.ids
        )
        # a payout that the user may not see looks as one that does not exist
        payroll = payrolls.search([("id", "=", payroll_id)])
        if not payroll or extension not in TABLES:
            raise NotFound()
        content = payroll._write_table(TABLES[extension])
        return request.make_response(
            content,
            headers=[
                ("Content-Type", TABLES[extension].mimetype),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(f"{payroll.name}.{extension}")),
                ("Cache-Control", "no-store"),
            ],
        )
