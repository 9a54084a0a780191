import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useChanges, useLiveBoard } from "./live_board";

/** The line across the bars of all rows, and one bar. */
export class BoardBar extends Component {
    static template = "hr_performance_sales.BoardBar";
    static props = { row: Object, mark: { optional: true } };
}

/** Places won or lost since the day before. */
export class BoardMove extends Component {
    static template = "hr_performance_sales.BoardMove";
    static props = { row: Object };

    get title() {
        const { by, up } = this.props.row.move;
        return up ? _t("%s up since yesterday", by) : _t("%s down since yesterday", by);
    }
}

/**
 * Who stands where in a period of a sales plan. Every figure comes as text from the server, which
 * decides what its reader may see; the page only shows it, and reads it again when it changes.
 */
export class Leaderboard extends Component {
    static template = "hr_performance_sales.Leaderboard";
    static components = { Layout, Pager, BoardBar, BoardMove };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.state = useState({ choices: null, board: null });
        this.query = { period_id: false, group: null, page: 1, name: "" };
        this.changes = useChanges();
        this.live = useLiveBoard({ read: () => this.load({ silently: true }) });
        this.search = useDebounced((name) => this.ask({ name, page: 1 }), 300);
        onWillStart(async () => {
            const choices = this.orm.call("hr.performance.sales.board", "get_choices", []);
            await this.load();
            this.state.choices = await choices;
        });
    }

    get board() {
        return this.state.board;
    }

    get lineText() {
        return `${this.board.line_label} ${this.board.line}`;
    }

    get periods() {
        const plan = this.state.choices.plans.find((p) => p.id === this.board.period.plan_id);
        return plan ? plan.periods : [];
    }

    get isEmpty() {
        return !this.board.period || !this.board.total;
    }

    ask(changes) {
        Object.assign(this.query, changes);
        return this.load();
    }

    async load({ silently = false } = {}) {
        const orm = silently ? this.orm.silent : this.orm;
        const board = await this.keepLast.add(
            orm.call("hr.performance.sales.board", "get_page", [], this.query),
        );
        if (silently) {
            this.changes.note(this.state.board, board);
        }
        this.state.board = board;
        this.live.follow(board.period && board.period.id);
    }

    choosePlan(id) {
        const plan = this.state.choices.plans.find((p) => p.id === id);
        return this.choosePeriod(plan.periods[0].id);
    }

    choosePeriod(id) {
        return this.ask({ period_id: id, group: null, page: 1 });
    }

    chooseGroup(id) {
        return this.ask({ group: id, page: 1, period_id: this.board.period.id });
    }

    turn({ offset }) {
        return this.ask({ page: Math.floor(offset / this.board.size) + 1 });
    }

    async showOwn() {
        await this.ask({ page: this.board.own.page, name: "" });
        document
            .querySelector(".o_board_rows .o_board_own")
            ?.scrollIntoView({ block: "center", behavior: "smooth" });
    }

    openStatements() {
        return this.action.doAction("hr_performance_sales.hr_performance_sales_result_action");
    }

    openPlans() {
        return this.action.doAction("hr_performance_sales.hr_performance_sales_plan_action");
    }

    openWall() {
        // Without a click of the user no page fills the screen; where it is refused, the wall does
        // with the window.
        document.documentElement.requestFullscreen?.().catch(() => {});
        return this.action.doAction("hr_performance_sales.hr_performance_sales_wall_action", {
            props: { wall: { plan_id: this.board.period.plan_id, group: this.board.group } },
        });
    }
}

registry.category("actions").add("hr_performance_sales.board", Leaderboard);
