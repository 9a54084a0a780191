import re
from string import Template

from odoo.tests import HttpCase

from .common import PerformanceCase

#: Pages in a frame of 360 pixels, so that one script can follow several of them. They are shown in
#: frames of their own server only.
DRIVER = """
(async () => {
    const frame = document.createElement("iframe");
    frame.style.cssText = "width:360px;height:740px;border:0;position:fixed;top:0;left:0";
    document.body.replaceChildren(frame);
    const page = () => frame.contentDocument;
    const loaded = (act) => new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("nothing loaded after " + act)), 20000);
        frame.onload = () => { clearTimeout(timer); check(); resolve(); };
        act();
    });
    const open = (path) => loaded(() => { frame.src = path; });
    const find = (selector, text) => {
        const found = [...page().querySelectorAll(selector)].find(
            (el) => !text || el.textContent.includes(text)
        );
        if (!found) {
            throw new Error(`no ${selector} ${text || ""} on ${page().body.innerText}`);
        }
        return found;
    };
    const press = (selector, text) => loaded(() => find(selector, text).click());
    const type = (name, text) => {
        const field = find(`[name="${name}"]`);
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const see = (text) => {
        if (!page().body.innerText.includes(text)) {
            throw new Error(`no “${text}” on ${page().body.innerText}`);
        }
    };
    // Nothing sticks out, everything that is tapped is big enough, no text is tiny.
    const check = () => {
        const window = frame.contentWindow;
        if (!page().querySelector("main")) {
            throw new Error(page().body.innerText);
        }
        if (page().documentElement.scrollWidth > 360) {
            throw new Error(`${page().title}: ${page().documentElement.scrollWidth} px wide`);
        }
        for (const el of page().querySelectorAll("main *, nav *, header *")) {
            const box = el.getBoundingClientRect();
            const style = window.getComputedStyle(el);
            if (!box.width || style.opacity === "0") {
                continue;
            }
            if (box.right > 361 || box.left < -1) {
                throw new Error(`${page().title}: ${el.className || el.tagName} at ${box.right}`);
            }
            if (el.matches("a.row, a.chip, a.tab, button, summary, input, textarea, select")
                && box.height < 42) {
                throw new Error(`${page().title}: ${el.outerHTML} is ${box.height} px high`);
            }
            if (parseFloat(style.fontSize) < 12) {
                throw new Error(`${page().title}: ${el.outerHTML} is written too small`);
            }
        }
    };
    %s
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


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


class PhoneBrowserCase(PhoneCase):
    """The pages under a thumb in a real browser of 360 pixels."""

    browser_size = "360x740"
    touch_enabled = True

    def _drive(self, login, script, **ids):
        """Run a script of steps; ``$name`` in it stands for an id."""
        steps = Template(script).substitute(ids)
        self.browser_js("/web/health", DRIVER % steps, login=login, timeout=120)
