import { Component, useEffect, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { parseFloat } from "@web/views/fields/parsers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * A number that may be not given: empty is not zero. A boolean field beside it says whether it is
 * given. Zero can be typed, and emptying the field takes the number back.
 */
export class GivenValue extends Component {
    static template = "hr_performance.GivenValue";
    static props = {
        ...standardFieldProps,
        given: String,
        placeholder: { type: String, optional: true },
    };

    setup() {
        this.input = useRef("input");
        useEffect(
            (el, text) => {
                if (el && document.activeElement !== el) {
                    el.value = text;
                }
            },
            () => [this.input.el, this.text],
        );
        const { bus } = this.props.record.model;
        useBus(bus, "WILL_SAVE_URGENTLY", () => this.commit());
        useBus(bus, "NEED_LOCAL_CHANGES", (ev) => ev.detail.proms.push(this.commit()));
    }

    get isGiven() {
        return this.props.record.data[this.props.given];
    }

    get text() {
        const { record, name } = this.props;
        return this.isGiven
            ? formatFloat(record.data[name], {
                  field: record.fields[name],
                  trailingZeros: false,
              })
            : "";
    }

    onInput(ev) {
        const { record, name } = this.props;
        record.resetFieldValidity(name);
        record.model.bus.trigger("FIELD_IS_DIRTY", ev.target.value !== this.text);
    }

    onKeydown(ev) {
        if (["Enter", "Tab"].includes(ev.key)) {
            this.commit();
        }
    }

    async commit() {
        const { record, name, given } = this.props;
        const typed = this.input.el?.value.trim();
        if (typed === undefined || typed === this.text) {
            return;
        }
        if (!typed) {
            return record.update({ [given]: false });
        }
        let value;
        try {
            value = parseFloat(typed, { allowOperation: true });
        } catch {
            return record.setInvalidField(name);
        }
        return record.update({ [name]: value, [given]: true });
    }
}

registry.category("fields").add("performance_given_value", {
    component: GivenValue,
    displayName: _t("Number that may be not given"),
    supportedTypes: ["float"],
    supportedOptions: [
        { label: _t("Field that says whether it is given"), name: "given", type: "field" },
    ],
    fieldDependencies: ({ options }) => [{ name: options.given, type: "boolean", readonly: false }],
    extractProps: ({ options, attrs }) => ({
        given: options.given,
        placeholder: attrs.placeholder,
    }),
});
