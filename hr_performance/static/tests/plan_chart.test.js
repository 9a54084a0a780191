import { expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

const point = (label, value, rest = {}) => ({
    label,
    value,
    text: value === null ? "–" : `${value} points`,
    before: false,
    reached: false,
    ...rest,
});

class Plan extends models.Model {
    _name = "plan";

    chart = fields.Json();

    _records = [
        {
            id: 1,
            chart: {
                series: [
                    {
                        name: "Satisfaction",
                        target: 4.5,
                        target_text: "≥ 4.5 points",
                        points: [
                            point("Mar", 3.8, { before: true }),
                            point("Apr", 4.3),
                            point("May", null),
                            point("Jun", 4.5, { reached: true }),
                        ],
                    },
                ],
            },
        },
        {
            id: 2,
            chart: {
                series: [
                    {
                        name: "Visits",
                        target: 10,
                        target_text: "≥ 10",
                        points: [point("Mar", null)],
                    },
                ],
            },
        },
    ];
}

defineMailModels();
defineModels([Plan]);

const mount = (resId) =>
    mountView({
        type: "form",
        resModel: "plan",
        resId,
        arch: `<form><field name="chart" widget="performance_plan_chart"/></form>`,
    });

test("the way of a metric, with the target and a gap where nothing is known", async () => {
    await mount(1);
    expect(queryAllTexts(".o_plan_value")).toEqual(["3.8 points", "4.3 points", "4.5 points"]);
    expect(queryAllTexts(".o_plan_label")).toEqual(["Mar", "Apr", "May", "Jun"]);
    expect(".o_plan_before").toHaveCount(1);
    expect(".o_plan_reached").toHaveCount(1);
    expect(".o_plan_line").toHaveCount(1, { message: "the gap is not drawn across" });
    expect("svg").toHaveAttribute(
        "aria-label",
        "Satisfaction: Mar 3.8 points, Apr 4.3 points, Jun 4.5 points",
    );
    const [before, later] = queryAll(".o_plan_point");
    expect(Number(before.getAttribute("cy"))).toBeGreaterThan(Number(later.getAttribute("cy")));
    expect(".o_plan_target").toHaveAttribute(
        "y1",
        queryAll(".o_plan_reached")[0].getAttribute("cy"),
    );
});

test("nothing measured is said in words", async () => {
    await mount(2);
    expect("svg").toHaveCount(0);
    expect(".o_performance_plan_chart p").toHaveText(/No checkpoint has data yet/);
});
