import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "hr.performance.sales.day";

/**
 * A salesperson's own page: his targets, his result, and what his open deals would add.
 * All figures come as text from the server, which computes a what-if as it computes results.
 */
export class MySales extends Component {
    static template = "hr_performance_sales.MySales";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.keepLast = new KeepLast();
        this.state = useState({ results: [], day: null, chosen: {}, further: 0, then: null });
        this.ask = useDebounced(() => this.compute(), 250);
        onWillStart(() => this.load());
    }

    get chosen() {
        return this.state.day.leads.filter((deal) => this.state.chosen[deal.key]);
    }

    getChosenIds(kind) {
        return this.chosen.filter((deal) => deal.kind === kind).map((deal) => deal.id);
    }

    get title() {
        const count = this.chosen.length;
        if (count && this.state.further) {
            return _t("If %s of these close, and more beside them", count);
        }
        if (count === 1) {
            return _t("If this one closes");
        }
        return count ? _t("If these %s close", count) : _t("If you sell more");
    }

    async load(resultId) {
        const found = await this.orm.call(MODEL, "get_my_sales", [resultId || null]);
        Object.assign(this.state, { ...found, chosen: {}, further: 0, then: null });
    }

    toggle(deal) {
        this.state.chosen[deal.key] = !this.state.chosen[deal.key];
        this.ask();
    }

    slide(ev) {
        this.state.further = Number(ev.target.value);
        this.ask();
    }

    async compute() {
        if (!this.chosen.length && !this.state.further) {
            this.state.then = null;
            return;
        }
        this.state.then = await this.keepLast.add(
            this.orm.call(MODEL, "get_what_if", [
                this.state.day.id,
                this.getChosenIds("lead"),
                this.state.further,
                this.getChosenIds("order"),
            ]),
        );
    }

    openDeal(deal) {
        return this.openForm(deal.model, deal.id);
    }

    openResult() {
        return this.openForm("hr.performance.sales.result", this.state.day.id);
    }

    openForm(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    report() {
        return this.openNew("hr.performance.sales.report", _t("Sales Report"), {});
    }

    askSupport(lead) {
        return this.openNew("hr.performance.sales.support", _t("Ask for Support"), {
            default_lead_id: lead.id,
        });
    }

    openNew(model, name, context) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name,
                res_model: model,
                views: [[false, "form"]],
                target: "new",
                context,
            },
            { onClose: () => this.load(this.state.day?.id) },
        );
    }
}

registry.category("actions").add("hr_performance_sales.my_sales", MySales);
