import { onWillDestroy, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useBus, useService } from "@web/core/utils/hooks";

/** The message of a period whose places changed, and the name of the channel that carries it. */
const CHANGED = "hr_performance_sales_board";
/** Boards read again at a moment of their own, so that a thousand of them do not ask at once. */
const SPREAD = 2000;
/** How long a row that changed is lit. */
const LIT = 4000;
/** Without the bus, and on a wall, boards look by themselves. */
const PATIENCE = 60000;

/**
 * Read a board again when its period changes. What nobody looks at waits until somebody does.
 *
 * @param {{ read: Function, always?: boolean }} options `always`: look even though the bus works
 * @returns {{ follow: (periodId: number) => void }}
 */
export function useLiveBoard({ read, always }) {
    const bus = useService("bus_service");
    let followed = null;
    let timer = null;
    let isDue = false;

    const now = async () => {
        isDue = document.hidden;
        if (!isDue) {
            await read();
        }
    };
    const soon = () => {
        browser.clearTimeout(timer);
        timer = browser.setTimeout(now, Math.random() * SPREAD);
    };
    const onChanged = ({ period_id }) => {
        if (period_id === followed) {
            soon();
        }
    };
    const onVisible = () => {
        if (!document.hidden && isDue) {
            now();
        }
    };
    const look = browser.setInterval(() => {
        if (always || bus.workerState !== "CONNECTED") {
            now();
        }
    }, PATIENCE);
    bus.subscribe(CHANGED, onChanged);
    useBus(bus, "BUS:RECONNECT", soon);
    document.addEventListener("visibilitychange", onVisible);

    const channel = () => `${CHANGED}:${followed}`;
    onWillDestroy(() => {
        browser.clearTimeout(timer);
        browser.clearInterval(look);
        document.removeEventListener("visibilitychange", onVisible);
        bus.unsubscribe(CHANGED, onChanged);
        if (followed) {
            bus.deleteChannel(channel());
        }
    });
    return {
        follow(periodId) {
            if (periodId === followed) {
                return;
            }
            if (followed) {
                bus.deleteChannel(channel());
            }
            followed = periodId || null;
            if (followed) {
                bus.addChannel(channel());
            }
        },
    };
}

/**
 * Rows that read differently than before are lit for a while.
 *
 * @returns {{ lit: Object, note: (before: Object, after: Object) => void }} `lit`: `{person: true}`
 */
export function useChanges() {
    const lit = useState({});
    const timers = new Set();
    const text = (row) => [row.place, row.amount, row.band, row.gap].join("|");
    onWillDestroy(() => timers.forEach((timer) => browser.clearTimeout(timer)));
    return {
        lit,
        note(before, after) {
            const known = Object.fromEntries((before?.rows || []).map((r) => [r.id, text(r)]));
            const changed = (after.rows || []).filter((row) => known[row.id] !== text(row));
            for (const { id } of changed) {
                lit[id] = true;
                const timer = browser.setTimeout(() => {
                    timers.delete(timer);
                    delete lit[id];
                }, LIT);
                timers.add(timer);
            }
        },
    };
}
