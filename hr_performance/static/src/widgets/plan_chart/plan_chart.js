import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const WIDTH = 560;
const HEIGHT = 150;
const MARGIN = { left: 24, right: 24, top: 26, bottom: 24 };

/**
 * The way of each metric of a plan from before to now as a small line, with the target across it.
 * A checkpoint without data leaves a gap in the line and keeps its place.
 */
export class PlanChart extends Component {
    static template = "hr_performance.PlanChart";
    static props = { ...standardFieldProps };

    setup() {
        this.width = WIDTH;
        this.height = HEIGHT;
    }

    get charts() {
        const value = this.props.record.data[this.props.name];
        return (value?.series || []).map((series) => this.draw(series));
    }

    draw(series) {
        const known = series.points.map((point) => point.value).filter((value) => value !== null);
        const bounds = series.target === null ? known : [...known, series.target];
        const low = Math.min(...bounds);
        const high = Math.max(...bounds);
        const x = (index) =>
            MARGIN.left +
            (series.points.length > 1
                ? (index * (WIDTH - MARGIN.left - MARGIN.right)) / (series.points.length - 1)
                : (WIDTH - MARGIN.left - MARGIN.right) / 2);
        const y = (value) =>
            high === low
                ? HEIGHT / 2
                : HEIGHT -
                  MARGIN.bottom -
                  ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
        const points = series.points.map((point, index) => ({
            ...point,
            key: index,
            x: x(index),
            y: point.value === null ? HEIGHT - MARGIN.bottom : y(point.value),
            known: point.value !== null,
            anchor: index === 0 ? "start" : index === series.points.length - 1 ? "end" : "middle",
        }));
        return {
            name: series.name,
            points,
            lines: this.join(points),
            target: series.target === null || !known.length ? null : y(series.target),
            targetText: series.target_text,
            isEmpty: !known.length,
            label: this.describe(series),
        };
    }

    /** Polylines of neighbouring known points. */
    join(points) {
        const lines = [[]];
        for (const point of points) {
            if (point.known) {
                lines.at(-1).push(`${point.x},${point.y}`);
            } else if (lines.at(-1).length) {
                lines.push([]);
            }
        }
        return lines.filter((line) => line.length > 1).map((line) => line.join(" "));
    }

    describe(series) {
        const way = series.points
            .filter((point) => point.value !== null)
            .map((point) => `${point.label} ${point.text}`)
            .join(", ");
        return _t("%(metric)s: %(way)s", { metric: series.name, way: way || _t("no data yet") });
    }
}

registry.category("fields").add("performance_plan_chart", {
    component: PlanChart,
    supportedTypes: ["json"],
});
