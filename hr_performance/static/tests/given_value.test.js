import { expect, test } from "@odoo/hoot";
import { edit, press } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Line extends models.Model {
    _name = "line";
    value = fields.Float({ digits: [16, 4] });
    given = fields.Boolean();
    _records = [
        { id: 1, value: 0, given: false },
        { id: 2, value: 3.5, given: true },
    ];
}

defineMailModels();
defineModels([Line]);

const ARCH = `
    <form>
        <field name="value" widget="performance_given_value" options="{'given': 'given'}"/>
    </form>`;

function recordWrites() {
    onRpc("line", "web_save", ({ args }) => {
        expect.step(args[1]);
    });
}

test("what is not given is empty, not zero; zero can be given", async () => {
    recordWrites();
    await mountView({ type: "form", resModel: "line", resId: 1, arch: ARCH });
    expect(".o_field_widget[name=value] input").toHaveValue("");
    await contains(".o_field_widget[name=value] input").click();
    await edit("0");
    await press("Tab");
    await animationFrame();
    await clickSave();
    expect.verifySteps([{ value: 0, given: true }]);
    expect(".o_field_widget[name=value] input").toHaveValue("0");
});

test("emptying takes the value back", async () => {
    recordWrites();
    await mountView({ type: "form", resModel: "line", resId: 2, arch: ARCH });
    expect(".o_field_widget[name=value] input").toHaveValue("3.5");
    await contains(".o_field_widget[name=value] input").clear();
    await clickSave();
    expect.verifySteps([{ given: false }]);
});

test("what is no number is marked and not saved", async () => {
    recordWrites();
    await mountView({ type: "form", resModel: "line", resId: 2, arch: ARCH });
    await contains(".o_field_widget[name=value] input").edit("good");
    expect(".o_field_widget[name=value]").toHaveClass("o_field_invalid");
    expect(".o_form_button_save:enabled").toHaveCount(0);
    await contains(".o_field_widget[name=value] input").edit("4");
    expect(".o_field_widget[name=value]").not.toHaveClass("o_field_invalid");
    await clickSave();
    expect.verifySteps([{ value: 4, given: true }]);
});
