import { Component, useState } from "@odoo/owl";

/** One metric: value against target, points, and on demand how they came about. */
export class MetricLine extends Component {
    static template = "hr_performance.MetricLine";
    static props = {
        line: Object,
        busy: Boolean,
        addEvidence: Function,
        openEvidence: Function,
        openRecords: Function,
    };

    setup() {
        this.state = useState({ open: false });
    }

    get panelId() {
        return `o_performance_line_${this.props.line.id}`;
    }

    get isMetric() {
        return this.props.line.kind === "metric";
    }

    toggle() {
        this.state.open = !this.state.open;
    }
}
