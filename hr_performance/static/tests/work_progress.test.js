import { expect, test } from "@odoo/hoot";
import { advanceTime } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    MockServer,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { POLL_DELAY } from "@hr_performance/widgets/work_progress/work_progress";

class Cycle extends models.Model {
    _name = "cycle";
    work_total = fields.Integer();
    work_done = fields.Integer();
    work_failed = fields.Integer();
    work_progress = fields.Float();
    dimension_shares = fields.Json();
    _records = [
        {
            id: 1,
            work_total: 2000,
            work_done: 500,
            work_failed: 0,
            work_progress: 25,
            dimension_shares: [
                { name: "Results", share: 62.5 },
                { name: "Quality", share: 37.5 },
            ],
        },
        { id: 2, work_total: 0, work_done: 0, work_failed: 0, work_progress: 100 },
    ];
}

defineMailModels();
defineModels([Cycle]);

const ARCH = `<form><widget name="performance_work_progress"/></form>`;

test("the bar follows the work until it is done", async () => {
    onRpc("cycle", "web_read", () => expect.step("read"));
    await mountView({ type: "form", resModel: "cycle", resId: 1, arch: ARCH });
    expect.verifySteps(["read"]);
    expect(".o_performance_work").toHaveText(/500 of 2000 people processed/);
    expect(".o_performance_work [role=progressbar]").toHaveAttribute("aria-valuenow", "25");
    MockServer.env["cycle"].write([1], { work_done: 2000, work_progress: 100 });
    await advanceTime(POLL_DELAY);
    expect.verifySteps(["read"]);
    await advanceTime(3 * POLL_DELAY);
    expect.verifySteps([]);
});

test("without pending work there is no bar and no reading", async () => {
    onRpc("cycle", "web_read", () => expect.step("read"));
    await mountView({ type: "form", resModel: "cycle", resId: 2, arch: ARCH });
    expect(".o_performance_work").toHaveCount(0);
    await advanceTime(3 * POLL_DELAY);
    expect.verifySteps(["read"]);
});

test("shares are drawn in one bar with their legend", async () => {
    await mountView({
        type: "form",
        resModel: "cycle",
        resId: 1,
        arch: `<form><field name="dimension_shares" widget="performance_shares"/></form>`,
    });
    expect(".o_performance_shares .progress-bar").toHaveCount(2);
    expect(".o_performance_shares li:eq(0)").toHaveText(/Results\s*62.5 %/);
});
