import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ReviewCard } from "./review_card";
import { Trend } from "./trend";

/**
 * An employee's own page: what he has to do now, how far he is, how each number came about.
 * All figures come as text from the server, the same as in the form and in the report.
 */
export class MyPerformance extends Component {
    static template = "hr_performance.MyPerformance";
    static components = { Layout, ReviewCard, Trend };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({ data: null, busy: false });
        this.display = { controlPanel: {} };
        onWillStart(() => this.load());
    }

    get isEmpty() {
        return !this.state.data.reviews.length && !this.state.data.history.length;
    }

    get liveIds() {
        return this.state.data.reviews.filter((r) => r.is_live).map((r) => r.id);
    }

    async load() {
        this.state.data = await this.orm.call("hr.performance.review", "get_my_performance", []);
    }

    /** Do one thing at a time and show what came of it, also when it was refused. */
    async doThenLoad(work) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await work();
        } finally {
            this.state.busy = false;
            await this.load();
        }
    }

    refresh() {
        return this.doThenLoad(() =>
            this.orm.call("hr.performance.review", "action_refresh", [this.liveIds]),
        );
    }

    confirmGoals(review) {
        return this.doThenLoad(async () => {
            await this.orm.call("hr.performance.review", "action_confirm_goals", [[review.id]]);
            this.notification.add(_t("Goals confirmed"), { type: "success" });
        });
    }

    saveSelf(review, values) {
        return this.doThenLoad(async () => {
            await this.writeSelf(review, values);
            this.notification.add(_t("Saved"), { type: "success" });
        });
    }

    submitSelf(review, values) {
        return this.doThenLoad(async () => {
            await this.writeSelf(review, values);
            await this.orm.call("hr.performance.review", "action_submit_self", [[review.id]]);
            this.notification.add(_t("Self-assessment submitted"), { type: "success" });
        });
    }

    writeSelf(review, { comment, lines }) {
        return this.orm.write("hr.performance.review", [review.id], {
            self_comment: comment,
            line_ids: Object.entries(lines).map(([id, vals]) => [1, Number(id), vals]),
        });
    }

    async addEvidence(line) {
        const action = await this.orm.call("hr.performance.review.line", "action_add_evidence", [
            [line.id],
        ]);
        return this.action.doAction(action, { onClose: () => this.load() });
    }

    openEvidence(evidence) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                res_model: "hr.performance.evidence",
                res_id: evidence.id,
                views: [[false, "form"]],
                target: "new",
            },
            { onClose: () => this.load() },
        );
    }

    async openRecords(line) {
        const action = await this.orm.call("hr.performance.review.line", "action_view_records", [
            [line.id],
        ]);
        return this.action.doAction(action);
    }

    giveConsent(review) {
        return this.doThenLoad(() =>
            this.orm.call("hr.performance.consent", "give", [review.id, review.consent.version]),
        );
    }

    withdrawConsent(review) {
        return this.doThenLoad(() =>
            this.orm.call("hr.performance.consent", "action_withdraw", [[review.consent.id]]),
        );
    }

    async appeal(review) {
        const action = await this.orm.call("hr.performance.review", "action_appeal", [[review.id]]);
        return this.action.doAction(action);
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openReview(reviewId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "hr.performance.review",
            res_id: reviewId,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("hr_performance.my_performance", MyPerformance);
