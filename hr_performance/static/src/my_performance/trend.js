import { Component } from "@odoo/owl";

/** The last results as columns; each one opens its review. */
export class Trend extends Component {
    static template = "hr_performance.Trend";
    static props = { results: Array, open: Function };

    /** Height of a column in percent: 100 points, or the best result where it is higher. */
    height(result) {
        const top = Math.max(100, ...this.props.results.map((r) => r.percent));
        return Math.max(2, (100 * result.percent) / top);
    }

    title(result) {
        return [result.grade, result.place].filter(Boolean).join(" · ");
    }
}
