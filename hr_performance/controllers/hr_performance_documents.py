import tempfile

from werkzeug.exceptions import NotFound
from werkzeug.wsgi import wrap_file

from odoo.exceptions import AccessError
from odoo.http import Controller, Response, content_disposition, request, route

from ..tools.table_writer import XlsxTable

XLSX = XlsxTable.mimetype


class HrPerformanceDocuments(Controller):
    """Workbooks to download."""

    @route(
        "/hr_performance/cycle/<int:cycle_id>/results.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def cycle_results(self, cycle_id):
        """The results of a cycle that the user may see, as his record rules say."""
        user = request.env.user
        cycles = request.env["hr.performance.cycle"].with_context(
            lang=user.lang, tz=user.tz, allowed_company_ids=user.company_ids.ids
        )
        # a cycle that the user may not see looks as one that does not exist
        cycle = cycles.search([("id", "=", cycle_id)])
        if not cycle:
            raise NotFound()
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer is sent
        try:
            cycle._export_xlsx(file)
        except BaseException:
            file.close()
            raise
        return _send(file, cycle._get_export_filename())

    @route(
        "/hr_performance/import/sample/<string:target>.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def import_sample(self, target):
        """A small file that can be imported once its names are changed."""
        if not request.env["hr.performance.import"].has_access("create"):
            raise AccessError(request.env._("Only HR officers import."))
        name = f"hr.performance.import.target.{target}"
        if name not in request.env:
            raise NotFound()
        headers, rows = request.env[name].with_context(lang=request.env.user.lang)._get_sample()
        table = XlsxTable(headers)
        for row in rows:
            table.add(row)
        content = table.close()
        filename = request.env._("Sample - %s.xlsx", target)
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(filename)),
            ],
        )


def _send(file, filename):
    """Stream a file to the reader, piece by piece; it is closed at the end."""
    size = file.seek(0, 2)
    file.seek(0)
    return Response(
        wrap_file(request.httprequest.environ, file),
        headers=[
            ("Content-Type", XLSX),
            ("Content-Length", size),
            ("Content-Disposition", content_disposition(filename)),
            ("Cache-Control", "no-store"),
        ],
        direct_passthrough=True,
    )
