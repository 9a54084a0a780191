import re

from odoo.tests import HttpCase

from .common import PerformanceCase


class PhoneCase(PerformanceCase, HttpCase):
    """The small company on its phones: pages by HTTP, forms as a browser sends them."""

    def _open(self, path, login=None, status=200):
        """The text of a page; ``login`` changes the user."""
        if login:
            self.authenticate(login, login)
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, status, answer.text[-1500:])
        return answer.text

    def _send(self, path, do, files=None, page=None, **fields):
        """Fill in the form of a page and press ``do``; the answer, not followed.

        :param page: HTML that the hidden fields are taken from; the page itself by default
        """
        page = page or self._open(path)
        data = {name: self._hidden(page, name) for name in ("csrf_token", "form_key")}
        return self.url_open(
            path, data={**data, "do": do, **fields}, files=files, allow_redirects=False
        )

    def _hidden(self, page, name):
        found = re.search(rf'name="{name}" value="([^"]+)"', page)
        self.assertTrue(found, f"no form on the page\n{page[-1500:]}")
        return found[1]

    def assertTaken(self, answer, path=None):
        """See Other to ``path``, which shows what was done; its text."""
        self.assertEqual(answer.status_code, 303, answer.text[-1500:])
        location = re.sub(r"^https?://[^/]+", "", answer.headers["Location"])
        if path:
            self.assertEqual(location, path)
        page = self._open(location)
        self.assertIn('class="notice"', page)
        return page

    def assertRefused(self, answer, text):
        """The page again, with the message."""
        self.assertEqual(answer.status_code, 422, answer.text[-1500:])
        problem = re.search(r'class="problem"[^>]*>([^<]*)', answer.text)
        self.assertTrue(problem, answer.text[-1500:])
        self.assertIn(text, problem[1].replace("&#39;", "'"))

    def _add_people(self, count):
        """People of the manager without a login."""
        self.env["hr.employee"].create(
            [
                {
                    "name": f"Person {number:02}",
                    "company_id": self.company.id,
                    "department_id": self.sales.id,
                    "parent_id": self.manager.id,
                    "date_version": "2020-01-01",
                }
                for number in range(count)
            ]
        )
