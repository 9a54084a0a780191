import { expect, test } from "@odoo/hoot";
import { click, edit, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    getService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

defineMailModels();

function makeLine(values) {
    return {
        id: 1,
        name: "Conversion",
        description: "Won of the handled enquiries",
        dimension: "Results",
        kind: "metric",
        value: "45 %",
        target: "≥ 45 %",
        known: true,
        scored: true,
        excluded: false,
        behind: false,
        met: true,
        points: "60",
        weight: "60",
        percent: 100,
        steps: [
            ["Measured", "45 % = 9 of 20"],
            ["Points", "100 % of the weight 60 = 60 points"],
        ],
        has_records: true,
        can_add_evidence: false,
        can_assess: false,
        self_value: null,
        self_comment: "",
        evidence: [],
        ...values,
    };
}

function makeReview(values) {
    return {
        id: 7,
        name: "2026-03 · Monthly",
        period: "1 – 31 March",
        purpose: "<p>To talk about work</p>",
        state: "goal",
        is_final: false,
        is_live: true,
        is_overdue: false,
        scored: true,
        score: "92.5",
        percent: 92.5,
        coverage: 60,
        coverage_display: "60",
        explanation: ["60 points of 60 that are measured = 100"],
        grade: "",
        place: "",
        steps: [
            { state: "goal", label: "Goals", deadline: "4 Mar", status: "now" },
            { state: "progress", label: "Period", deadline: "31 Mar", status: "later" },
        ],
        todo: {
            title: "Confirm your goals",
            text: "Read the targets",
            due: "4 March",
            is_mine: true,
        },
        can_confirm_goals: true,
        can_submit_self: false,
        can_edit_self: false,
        consent: false,
        can_appeal: false,
        appeal_note: "",
        appeals: [],
        interviews: [],
        return_reason: "",
        returned_by: "",
        self_comment: "",
        manager_comment: "",
        manager: "Mona",
        strengths: [],
        weaknesses: [],
        measured_on: "5 March",
        lines: [
            makeLine(),
            makeLine({
                id: 2,
                name: "Quality",
                known: false,
                scored: false,
                points: "",
                weight: "40",
                percent: 0,
                steps: [["Not measured", "Nobody has entered it yet."]],
                has_records: false,
            }),
        ],
        ...values,
    };
}

function makePage(values) {
    return { is_employee: true, reviews: [makeReview()], history: [], ...values };
}

/** Open the page; ``pages`` are the answers of the server, the last one for ever. */
async function openPage(...pages) {
    onRpc("hr.performance.review", "get_my_performance", () => {
        expect.step("load");
        return pages.length > 1 ? pages.shift() : pages[0];
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction("hr_performance.my_performance");
    expect.verifySteps(["load"]);
}

test("a review shows its steps, what to do, its metrics and its score", async () => {
    await openPage(makePage());
    expect(".o_performance_review h2").toHaveText("2026-03 · Monthly");
    expect(".o_performance_total .o_performance_score").toHaveText("92.5");
    expect(".o_step_now").toHaveText(/Goals/);
    expect(".o_step_now").toHaveAttribute("aria-current", "step");
    expect(".o_performance_todo.o_todo_mine strong").toHaveText("Confirm your goals");
    expect(queryAllTexts(".o_performance_line .fw-bold.flex-grow-1")).toEqual([
        "Conversion",
        "Quality",
    ]);
    expect(".o_performance_line:eq(0) [role=progressbar]").toHaveAttribute("aria-valuenow", "100");
    expect(".o_performance_line:eq(1)").toHaveText(/Not measured yet/);
    expect(".o_performance_line:eq(1) .o_performance_points").toHaveText("– / 40");
    expect(".o_performance_sum").toHaveText("60 points of 60 that are measured = 100");
});

test("a metric explains itself and leads to its records", async () => {
    onRpc("hr.performance.review.line", "action_view_records", ({ args }) => {
        expect.step(`records of ${args[0]}`);
        return { type: "ir.actions.act_window_close" };
    });
    await openPage(makePage());
    expect(".o_performance_line_panel").toHaveCount(0);
    await contains(".o_performance_line:eq(0) .o_performance_line_head").click();
    expect(".o_performance_line_head:eq(0)").toHaveAttribute("aria-expanded", "true");
    expect(queryAllTexts(".o_performance_line_panel dd")).toEqual([
        "45 % = 9 of 20",
        "100 % of the weight 60 = 60 points",
    ]);
    await contains(".o_performance_records").click();
    expect.verifySteps(["records of 1"]);
    await contains(".o_performance_line:eq(1) .o_performance_line_head").click();
    expect(".o_performance_line:eq(1) .o_performance_records").toHaveCount(0);
});

test("goals are confirmed and the page follows", async () => {
    onRpc("hr.performance.review", "action_confirm_goals", ({ args }) => {
        expect.step(`confirm ${args[0]}`);
        return true;
    });
    const after = makeReview({
        state: "progress",
        can_confirm_goals: false,
        todo: { title: "Nothing to do but your work", text: "", due: "", is_mine: false },
    });
    await openPage(makePage(), makePage({ reviews: [after] }));
    await contains(".o_performance_confirm").click();
    expect.verifySteps(["confirm 7", "load"]);
    expect(".o_performance_confirm").toHaveCount(0);
    expect(".o_performance_todo").not.toHaveClass("o_todo_mine");
});

test("a self-assessment is sent as it was typed, zero included, nothing invented", async () => {
    onRpc("hr.performance.review", "write", ({ args }) => {
        expect.step(["write", ...args]);
        return true;
    });
    onRpc("hr.performance.review", "action_submit_self", ({ args }) => {
        expect.step(["submit", ...args]);
        return true;
    });
    const review = makeReview({
        state: "self",
        can_confirm_goals: false,
        can_submit_self: true,
        can_edit_self: true,
        lines: [
            makeLine({ id: 2, name: "Quality", can_assess: true }),
            makeLine({ id: 3, name: "Spirit", can_assess: true }),
        ],
    });
    await openPage(makePage({ reviews: [review] }));
    expect(".o_performance_assess").toHaveCount(2);
    await click(".o_performance_assess:eq(0) .o_performance_self_value");
    await edit("four");
    await contains(".o_performance_submit").click();
    expect(".o_performance_assess:eq(0) .o_performance_self_value").toHaveClass("is-invalid");
    expect.verifySteps([]);
    await click(".o_performance_assess:eq(0) .o_performance_self_value");
    await edit("0");
    await click(".o_performance_assess:eq(1) .o_performance_self_reason");
    await edit("Helped a lot");
    await click(".o_performance_self_comment");
    await edit("A fair month");
    await contains(".o_performance_submit").click();
    expect.verifySteps([
        [
            "write",
            [7],
            {
                self_comment: "A fair month",
                line_ids: [
                    [1, 2, { self_comment: "", self_value: 0 }],
                    [1, 3, { self_comment: "Helped a lot" }],
                ],
            },
        ],
        ["submit", [7]],
        "load",
    ]);
});

test("what is typed outlives a refresh of the values", async () => {
    onRpc("hr.performance.review", "action_refresh", ({ args }) => {
        expect.step(["refresh", ...args]);
        return true;
    });
    const review = makeReview({ state: "self", can_edit_self: true, can_confirm_goals: false });
    await openPage(makePage({ reviews: [review] }));
    await click(".o_performance_self_comment");
    await edit("Not yet done");
    await contains(".o_performance_refresh").click();
    expect.verifySteps([["refresh", [7]], "load"]);
    expect(".o_performance_self_comment").toHaveValue("Not yet done");
});

test("evidence is submitted in a dialog against its line", async () => {
    onRpc("hr.performance.review.line", "action_add_evidence", ({ args }) => {
        expect.step(`evidence for ${args[0]}`);
        return { type: "ir.actions.act_window_close" };
    });
    const evidence = {
        id: 5,
        date: "5 March",
        description: "Course",
        quantity: "2 h",
        state: "refused",
        state_label: "Refused",
        reason: "No certificate",
    };
    const line = makeLine({ can_add_evidence: true, evidence: [evidence] });
    await openPage(makePage({ reviews: [makeReview({ lines: [line] })] }));
    expect(".o_performance_evidence").toHaveText(/5 March: 2 h, Course\s*No certificate/);
    expect(".o_performance_evidence i[title=Refused]").toHaveCount(1);
    await contains(".o_performance_add_evidence").click();
    expect.verifySteps(["evidence for 1", "load"]);
});

test("past results stand as columns, the empty page says what comes", async () => {
    const history = [
        { id: 1, name: "2026-01", score: "80", percent: 80, grade: "Qualified", place: "2 of 4" },
        { id: 2, name: "2026-02", score: "110", percent: 110, grade: "Excellent", place: "" },
    ];
    await openPage(makePage({ reviews: [], history }));
    expect(queryAllTexts(".o_trend_score")).toEqual(["80", "110"]);
    expect(".o_performance_trend button:eq(0)").toHaveAttribute("title", "Qualified · 2 of 4");
    expect(queryOne(".o_trend_column:eq(1) span").style.height).toBe("100%");
    expect(".o_performance_empty").toHaveCount(0);
    expect(".o_performance_refresh").toHaveCount(0);
});

test("without any review the page says what comes", async () => {
    await openPage({ is_employee: true, reviews: [], history: [] });
    expect(".o_performance_empty").toHaveText(/As soon as HR launches a cycle/);
});

test("a user who is no employee is told so", async () => {
    await openPage({ is_employee: false, reviews: [], history: [] });
    expect(".o_performance_empty").toHaveText(/not linked to an employee/);
});

test("a refused move leaves the page usable", async () => {
    expect.errors(1);
    patchWithCleanup(console, { warn: () => {} });
    onRpc("hr.performance.review", "action_confirm_goals", () => {
        throw new Error("no");
    });
    await openPage(makePage());
    await contains(".o_performance_confirm").click();
    await animationFrame();
    expect.verifySteps(["load"]);
    expect(".o_performance_confirm").toBeEnabled();
    expect.verifyErrors([/no/]);
});
