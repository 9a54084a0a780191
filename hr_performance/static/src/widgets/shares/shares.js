import { Component } from "@odoo/owl";
import { formatFloat } from "@web/core/utils/numbers";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** One stacked bar with its legend, from ``[{name, share}]`` in percent. */
export class Shares extends Component {
    static template = "hr_performance.Shares";
    static props = { ...standardFieldProps };

    get parts() {
        return (this.props.record.data[this.props.name] || []).map((part, index) => ({
            ...part,
            display: `${formatFloat(part.share, { digits: [16, 2], trailingZeros: false })} %`,
            className: `o_performance_share_${index % 8}`,
        }));
    }
}

registry.category("fields").add("performance_shares", {
    component: Shares,
    supportedTypes: ["json"],
});
