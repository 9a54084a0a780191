import { Component, onWillUnmount, useEffect } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Milliseconds between two looks at work that goes on in the background. */
export const POLL_DELAY = 3000;

/**
 * A bar that follows the background work of a cycle and reloads the form until it is done.
 * Nothing is reloaded while somebody types.
 */
export class WorkProgress extends Component {
    static template = "hr_performance.WorkProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.timer = null;
        useEffect(
            (isPending) => {
                if (isPending) {
                    this.schedule();
                }
                return () => clearTimeout(this.timer);
            },
            () => [this.isPending],
        );
        onWillUnmount(() => clearTimeout(this.timer));
    }

    get data() {
        return this.props.record.data;
    }

    get pending() {
        return this.data.work_total - this.data.work_done - this.data.work_failed;
    }

    get isPending() {
        return this.pending > 0;
    }

    get percent() {
        return Math.round(this.data.work_progress);
    }

    get text() {
        return _t("%(done)s of %(total)s people processed", {
            done: this.data.work_done,
            total: this.data.work_total,
        });
    }

    schedule() {
        this.timer = setTimeout(() => this.look(), POLL_DELAY);
    }

    async look() {
        const { record } = this.props;
        if (!(await record.isDirty())) {
            await record.load();
        }
        if (this.isPending) {
            this.schedule();
        }
    }
}

registry.category("view_widgets").add("performance_work_progress", {
    component: WorkProgress,
    fieldDependencies: [
        { name: "work_total", type: "integer" },
        { name: "work_done", type: "integer" },
        { name: "work_failed", type: "integer" },
        { name: "work_progress", type: "float" },
    ],
});
