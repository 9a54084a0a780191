import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/**
 * What the user is asked about others and about the review itself. What is typed stays in the
 * browser until it is sent, and is sent once: no draft is kept anywhere.
 */
export class Ballots extends Component {
    static template = "hr_performance.Ballots";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({ ballots: null, openId: false, answers: {}, busy: false });
        this.display = { controlPanel: {} };
        onWillStart(() => this.load());
    }

    async load() {
        this.state.ballots = await this.orm.call("hr.performance.ballot", "get_my_ballots", []);
        this.open(this.state.ballots.length === 1 ? this.state.ballots[0].id : false);
    }

    open(ballotId) {
        this.state.openId = ballotId;
        this.state.answers = {};
    }

    toggle(ballotId) {
        this.open(this.state.openId === ballotId ? false : ballotId);
    }

    ratings(ballot) {
        return Array.from({ length: ballot.rating_max }, (_, index) => index + 1);
    }

    rate(question, rating) {
        // The same one again takes it back.
        this.state.answers[question.id] =
            this.state.answers[question.id] === rating ? null : rating;
    }

    get hasAnswer() {
        return Object.values(this.state.answers).some((value) => String(value ?? "").trim());
    }

    async send(ballot) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const answers = { ...this.state.answers };
            await this.orm.call("hr.performance.ballot", "cast", [[ballot.id], answers]);
            this.notification.add(_t("Thank you. Your answers are in."), { type: "success" });
            await this.load();
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("actions").add("hr_performance.ballots", Ballots);
