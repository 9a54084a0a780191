import { Chatter } from "@mail/chatter/web_portal/chatter";
import { session } from "@web/session";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";

/** “Give Feedback” beside the other buttons of a record's chatter, where HR has configured it. */
patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        this.action = useService("action");
    },

    /** The action that opens the form for feedback; none for records that are not configured. */
    get feedbackAction() {
        return session.performance_feedback?.[this.props.threadModel];
    },

    async giveFeedback() {
        const context = { active_model: this.props.threadModel, active_id: this.props.threadId };
        await this.action.doAction(this.feedbackAction, {
            additionalContext: { ...context, active_ids: [this.props.threadId] },
        });
    },
});
