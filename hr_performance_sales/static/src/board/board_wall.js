import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { BoardBar, BoardMove } from "./board";
import { useChanges, useLiveBoard } from "./live_board";

/** Where the browser keeps which board it shows, for when its page is loaded again. */
const KEPT = "hr_performance_sales_wall";
const TURN_AFTER = 12000;
const HEAD_HEIGHT = 190;
/** Rows are at least this high; where there are few people, they share the screen. */
const ROW_HEIGHT = 84;
const ROW_HEIGHT_MOST = 150;

/**
 * The leaderboard for a screen on the wall of the office: the newest period of a plan, as many
 * large rows as fit, page after page, without anything to press. It asks for what every colleague
 * may see, whoever opened it.
 */
export class BoardWall extends Component {
    static template = "hr_performance_sales.BoardWall";
    static components = { BoardBar, BoardMove };
    static props = { ...standardActionServiceProps, wall: { type: Object, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ board: null, time: "" });
        this.which = this.props.wall || this.recall();
        browser.localStorage.setItem(KEPT, JSON.stringify(this.which));
        this.page = 1;
        this.changes = useChanges();
        this.live = useLiveBoard({ read: () => this.load(), always: true });
        const turning = browser.setInterval(() => this.turn(), TURN_AFTER);
        const ticking = browser.setInterval(() => this.tick(), 1000);
        useBus(this.env.bus, "resize", () => this.load());
        this.stayAwake();
        onWillStart(async () => {
            this.tick();
            await this.load();
        });
        onWillDestroy(() => {
            browser.clearInterval(turning);
            browser.clearInterval(ticking);
            this.lock?.release?.();
        });
    }

    get board() {
        return this.state.board;
    }

    get lineText() {
        return `${this.board.line_label} ${this.board.line}`;
    }

    get size() {
        return Math.max(Math.floor((window.innerHeight - HEAD_HEIGHT) / ROW_HEIGHT), 3);
    }

    get rowHeight() {
        const rows = this.board.pages > 1 ? this.board.size : this.board.rows.length;
        const fair = Math.floor((window.innerHeight - HEAD_HEIGHT) / Math.max(rows, 1));
        return Math.min(Math.max(fair, ROW_HEIGHT), ROW_HEIGHT_MOST);
    }

    get dots() {
        return Array.from({ length: Math.min(this.board.pages, 20) }, (_, number) => number + 1);
    }

    recall() {
        try {
            return JSON.parse(browser.localStorage.getItem(KEPT)) || {};
        } catch {
            return {};
        }
    }

    async stayAwake() {
        try {
            this.lock = await navigator.wakeLock?.request("screen");
        } catch {
            // the screen follows its own settings
        }
    }

    tick() {
        this.state.time = luxon.DateTime.now()
            .setZone(user.tz || "system")
            .toFormat("HH:mm");
    }

    async load(isTurn = false) {
        const query = { team: true, page: this.page, size: this.size, ...this.which };
        let board;
        try {
            board = await this.keepLast.add(
                this.orm.silent.call("hr.performance.sales.board", "get_page", [], query),
            );
        } catch (error) {
            if (!this.board) {
                throw error;
            }
            return; // the network is away: what is shown stays, the next turn asks again
        }
        if (this.board && !isTurn) {
            this.changes.note(this.board, board);
        }
        this.state.board = board;
        this.live.follow(board.period && board.period.id);
    }

    turn() {
        if (this.board?.period && this.board.pages > 1) {
            this.page = this.board.page >= this.board.pages ? 1 : this.board.page + 1;
            return this.load(true);
        }
    }

    leave() {
        if (document.fullscreenElement) {
            document.exitFullscreen();
        }
        return this.action.doAction("hr_performance_sales.hr_performance_sales_board_action", {
            clearBreadcrumbs: true,
        });
    }
}

registry.category("actions").add("hr_performance_sales.board_wall", BoardWall);
