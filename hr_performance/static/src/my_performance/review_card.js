import { Component, markup, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";
import { parseFloat } from "@web/views/fields/parsers";
import { MetricLine } from "./metric_line";

/** One review: the way through its steps, what to do now, its metrics. */
export class ReviewCard extends Component {
    static template = "hr_performance.ReviewCard";
    static components = { MetricLine };
    static props = {
        review: Object,
        busy: Boolean,
        confirmGoals: Function,
        saveSelf: Function,
        submitSelf: Function,
        addEvidence: Function,
        openEvidence: Function,
        openRecords: Function,
        openReview: Function,
        appeal: Function,
        openRecord: Function,
        giveConsent: Function,
        withdrawConsent: Function,
    };

    setup() {
        this.draft = useState(this.getDraft(this.props.review));
        onWillUpdateProps(({ review }) => {
            // What is being typed outlives a reload; another step starts from what is saved.
            if (review.state !== this.props.review.state || !review.can_edit_self) {
                Object.assign(this.draft, this.getDraft(review));
            }
        });
    }

    get purpose() {
        return markup(this.props.review.purpose);
    }

    get hasPurpose() {
        return Boolean(this.props.review.purpose.replace(/<[^>]*>/g, "").trim());
    }

    get consentText() {
        return markup(this.props.review.consent.text);
    }

    /** Metrics that the employee may put a value on himself. */
    get assessed() {
        return this.props.review.lines.filter((line) => line.can_assess);
    }

    get metrics() {
        return this.props.review.lines.filter((line) => line.kind === "metric");
    }

    get adjustments() {
        return this.props.review.lines.filter((line) => line.kind !== "metric");
    }

    valueLabel(line) {
        return _t("My value of %s", line.name);
    }

    reasonLabel(line) {
        return _t("Why I see %s so", line.name);
    }

    getDraft(review) {
        const lines = {};
        for (const line of review.lines.filter((l) => l.can_assess)) {
            const known = line.self_value !== null;
            lines[line.id] = {
                text: known
                    ? formatFloat(line.self_value, { digits: [16, 4], trailingZeros: false })
                    : "",
                comment: line.self_comment,
                invalid: false,
            };
        }
        return { comment: review.self_comment, lines };
    }

    /** What is typed, as values to write; false when something typed is not a number. */
    readDraft() {
        const lines = {};
        let valid = true;
        for (const [id, draft] of Object.entries(this.draft.lines)) {
            lines[id] = { self_comment: draft.comment };
            draft.invalid = false;
            if (!draft.text.trim()) {
                continue;
            }
            try {
                lines[id].self_value = parseFloat(draft.text);
            } catch {
                draft.invalid = true;
                valid = false;
            }
        }
        return valid && { comment: this.draft.comment, lines };
    }

    async send(handler) {
        const values = this.readDraft();
        if (values) {
            await handler(this.props.review, values);
        }
    }
}
