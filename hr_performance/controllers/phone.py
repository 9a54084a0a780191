"""What every page outside the backend has in common, for a phone of 360 pixels.

A feature adds its pages in a file of its own::

    class PerformancePhonePlans(PhonePages, Controller):

        @phone_route("/performance/plan/<int:plan_id>")
        def plan(self, plan_id, **form):
            plan = self._get_record("hr.performance.plan", plan_id)
            return self._answer(
                "hr_performance.phone_plan",
                lambda: {"title": plan.name, "tab": "plans", "plan": plan._get_page_values()},
                {"close": lambda: self._close(plan, form)},
            )

        def _close(self, plan, form):
            plan.action_close()
            return Done(request.env._("Plan closed"), "/performance/plans")

Rules of these pages: everything goes through the user's own environment, so that record rules and
the methods of the models decide; a form posts to the address of its own page; an address holds ids
at most; what is said after a form was taken lives in the session. Forms are written with the
template ``hr_performance.phone_form``, which carries the CSRF token and the key that makes sending
the same form twice harmless.
"""

import functools
import secrets
from collections.abc import Callable
from typing import NamedTuple

from psycopg2 import IntegrityError
from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.exceptions import AccessDenied, AccessError, MissingError, UserError
from odoo.http import request, route
from odoo.tools.misc import get_lang

from ..tools import uploads
from ..tools.typed_number import read_number

HOME = "/performance"
NOTICE = "hr_performance_notice"
#: The pages carry everything with them and are shown in no foreign frame.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
        "img-src 'self' data: blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}


class Done(NamedTuple):
    """What an action answers: a short sentence to show, and where; by default the same page."""

    notice: str = ""
    path: str = ""


def phone_route(*paths, **routing):
    """A page of the phone: ``odoo.http.route`` for internal users, GET reads only, POST writes.

    The language and the time zone are the user's of today; a missing record or page is said in
    words, in the same look.
    """
    methods = routing.pop("methods", ["GET", "POST"])

    def decorate(endpoint):
        @route(paths, type="http", auth="user", methods=methods, readonly=_only_reads, **routing)
        @functools.wraps(endpoint)
        def page(self, *args, **params):
            user = request.env.user
            request.update_context(lang=user.lang or get_lang(request.env).code, tz=user.tz)
            if not user._is_internal():
                return self._show_problem(request.env._("These pages are for employees."), 403)
            try:
                return endpoint(self, *args, **params)
            except (NotFound, MissingError):
                text = request.env._("This page does not exist, or it is not for you.")
                return self._show_problem(text, 404)
            except AccessError as error:
                return self._show_problem(str(error), 403)

        return page

    return decorate


def _only_reads(controller, rule, args):
    return request.httprequest.method in ("GET", "HEAD")


class PhonePages:
    """A mixin of controllers: reading a record, showing a page, taking a form."""

    # Reading

    def _get_record(self, model, record_id):
        """One record that the user may read; else the page does not exist.

        :raises NotFound: also for a record that exists and is not for this user
        """
        Model = request.env[model]
        record = Model.has_access("read") and Model.search([("id", "=", record_id)])
        if not record:
            raise NotFound()
        return record

    # Showing

    def _answer(self, template, get_values: Callable[[], dict], actions=None):
        """Show a page, or take the form that was sent to it.

        :param template: xml id of a template that calls ``hr_performance.phone_layout``
        :param get_values: makes the values of the template, called after the actions
        :param actions: ``{name: function}``; ``name`` is the value of the button ``do`` that was
            pressed. The function writes under the user's rights and returns a :class:`Done`, or
            raises what the models raise: then the page is shown again with the message and with
            what was typed (``form``).
        """
        if request.httprequest.method != "POST":
            return self._show(template, get_values())
        action = (actions or {}).get(request.params.get("do"))
        if action is None:
            raise NotFound()
        problem = self._take(action)
        if not isinstance(problem, str):
            return self._redirect(problem)
        values = {"form": request.params, "problem": problem, **get_values()}
        return self._show(template, values, status=422)

    def _show(self, template, values, status=200):
        """The page as HTML, made at once, so that errors are caught here."""
        values = {**self._get_layout_values(), **values}
        html = request.env["ir.qweb"]._render(template, values)
        return request.make_response(
            html, headers=[("Content-Type", "text/html; charset=utf-8"), *HEADERS.items()],
            status=status,
        )  # fmt: skip

    def _show_problem(self, text, status):
        values = {"title": request.env._("Not available"), "problem": text}
        return self._show("hr_performance.phone_problem", values, status)

    def _get_layout_values(self):
        phone = request.env["hr.performance.phone"]
        internal = request.env.user._is_internal()
        return {
            "tabs": phone._get_bar_tabs() if internal else [],
            "tab": "",
            "back": "",
            "notice": request.session.pop(NOTICE, "") if NOTICE in request.session else "",
            "problem": "",
            "form": {},
            "user": request.env.user,
            "scripts": request.env["ir.qweb"]._get_asset_links(
                "hr_performance.assets_phone", css=False, debug=request.session.debug
            ),
            "html_lang": (request.env.lang or "en_US").replace("_", "-"),
            "csrf_token": request.csrf_token,
            "new_form_key": lambda: secrets.token_urlsafe(12),
        }

    # Taking

    def _take(self, action):
        """Do what a form asks for, once: a :class:`Done`, or why it was refused as a sentence."""
        key = request.params.get("form_key")
        if not key:
            return request.env._("The page is out of date. Load it again, then send.")
        try:
            with request.env.cr.savepoint():
                if not request.env["hr.performance.phone.form"]._take(key):
                    return Done(request.env._("This was sent already."))
                return action() or Done()
        except AccessDenied:
            raise
        except (AccessError, MissingError, UserError) as error:
            return str(error)
        except IntegrityError as error:
            return _explain_integrity_error(error)

    def _get_files(self, name):
        """The files of a form as ``[(name, content)]``; nothing beyond the limit is read."""
        return [
            (file.filename, file.read(uploads.MAX_BYTES + 1))
            for file in request.httprequest.files.getlist(name)
            if file.filename
        ]

    def _redirect(self, done):
        """See Other: going back or loading again sends nothing a second time."""
        if done.notice:
            request.session[NOTICE] = done.notice
        response = request.redirect(done.path or request.httprequest.path, code=303)
        response.headers.update(HEADERS)
        return response


def _explain_integrity_error(error):
    table = error.diag.table_name
    models = (name for name, model in request.env.registry.items() if model._table == table)
    return request.env[next(models, "base")]._sql_error_to_message(error)


def get_number(text, label):
    """The number that somebody typed in his own language; None where nothing was typed.

    :raises UserError: for anything else, with the name of the field
    """
    lang = request.env["res.lang"]._get_data(code=request.env.lang)
    try:
        return read_number(text, lang.decimal_point or ".")
    except ValueError:
        raise UserError(
            request.env._("%(field)s: “%(text)s” is not a number.", field=label, text=text)
        ) from None


def get_id(text):
    """The id of what was chosen; 0 where nothing was, or no list offers such a thing."""
    text = text or ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def get_date(text):
    """The day of a date field; None where nothing was chosen.

    :raises UserError: for anything else
    """
    try:
        return fields.Date.to_date((text or "").strip()) or None
    except ValueError:
        raise UserError(request.env._("“%s” is not a date.", text)) from None
