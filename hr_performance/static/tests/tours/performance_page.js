import { registry } from "@web/core/registry";

/** The own page on a phone: readable without moving sideways, explanations open at a touch. */
registry.category("web_tour.tours").add("hr_performance_page_phone", {
    steps: () => [
        { trigger: ".o_performance_review .o_step_now" },
        { trigger: ".o_performance_line_head:first", run: "click" },
        { trigger: ".o_performance_line_panel" },
        {
            content: "Nothing sticks out of the screen",
            trigger: ".o_performance_page",
            run() {
                const page = this.anchor.closest(".o_action_manager");
                if (page.scrollWidth > page.clientWidth) {
                    throw new Error(`${page.scrollWidth} px wide on ${page.clientWidth} px`);
                }
                for (const el of document.querySelectorAll(".o_performance_page *")) {
                    const { right, width } = el.getBoundingClientRect();
                    if (width && right > window.innerWidth + 1) {
                        throw new Error(`${el.className || el.tagName} ends at ${right} px`);
                    }
                }
            },
        },
    ],
});
