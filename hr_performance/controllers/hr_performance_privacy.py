import io
import zipfile

from markupsafe import Markup

from odoo.http import Controller, content_disposition, request, route


class HrPerformancePrivacy(Controller):
    """The archive of what is held about whoever asks for it."""

    @route("/hr_performance/my_data.zip", type="http", auth="user", methods=["GET"], readonly=True)
    def my_data(self):
        user = request.env.user
        request.update_context(lang=user.lang, tz=user.tz)
        content = _zip_archive(request.env["hr.performance.privacy"])
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition("performance-data.zip")),
                ("Cache-Control", "no-store"),
            ],
        )


def _zip_archive(privacy):
    sections = privacy._get_archive()
    env = privacy.env
    page = env["ir.qweb"]._render(
        "hr_performance.archive_page",
        {
            "doctype": Markup("<!DOCTYPE html>\n"),
            "html_lang": (env.lang or "en_US").replace("_", "-"),
            "title": env._("Performance data of %s", env.user.name),
            "sections": sections,
        },
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", privacy._get_archive_json(sections))
        archive.writestr("readable.html", str(page))
        for name, content in privacy._get_archive_files():
            archive.writestr(f"files/{name.replace('/', '_')}", content)
    return stream.getvalue()
