import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** An appeal from the employee over the manager to HR; the test runs the tours as three users. */

tours.add("hr_performance_appeal_write", {
    steps: () => [
        {
            content: "The published result can be disputed",
            trigger: ".o_performance_review .o_performance_appeal",
            run: "click",
        },
        {
            content: "One line of it",
            trigger: ".o_field_widget[name=line_id] input",
            run: "edit Quality",
        },
        { trigger: ".o-autocomplete--dropdown-item:contains(Quality) a", run: "click" },
        {
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit The album was praised.",
        },
        { trigger: "button[name=action_submit]", run: "click" },
        {
            content: "It waits for the manager",
            trigger: ".o_arrow_button_current:contains(With the Manager)",
        },
        { trigger: "body:not(:has(button[name=action_submit]:visible))" },
    ],
});

tours.add("hr_performance_appeal_answer", {
    steps: () => [
        {
            content: "The board of the team has it",
            trigger: ".o_kanban_record:contains(Anna):contains(Quality)",
            run: "click",
        },
        { trigger: "button[name=action_decide]", run: "click" },
        { trigger: ".modal .o_field_widget:contains(The album was praised)" },
        {
            trigger: ".modal .o_field_widget[name=outcome] input[data-value=changed]",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row:contains(Quality) .o_data_cell[name=value]",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row .o_field_widget[name=value] input",
            run: "edit 5 && press Tab",
        },
        {
            content: "The new score is shown before it is decided",
            trigger: ".modal .o_field_widget[name=new_total]:contains(88)",
        },
        {
            trigger: ".modal .o_field_widget[name=answer] textarea",
            run: "edit It counts.",
        },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Answered)" },
    ],
});

tours.add("hr_performance_appeal_second", {
    steps: () => [
        {
            content: "The own page says what came of it",
            trigger: ".o_performance_links button:contains(Quality)",
            run: "click",
        },
        { trigger: ".o_field_widget[name=answer]:contains(It counts.)" },
        { trigger: "button[name=action_take_to_hr]", run: "click" },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit The visits are wrong as well.",
        },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(With HR)" },
    ],
});

tours.add("hr_performance_appeal_close", {
    steps: () => [
        {
            trigger: ".o_kanban_record:contains(Anna)",
            run: "click",
        },
        { trigger: "button[name=action_decide]", run: "click" },
        { trigger: ".modal .o_field_widget:contains(The visits are wrong as well)" },
        {
            trigger: ".modal .o_field_widget[name=outcome] input[data-value=upheld]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=answer] textarea",
            run: "edit We looked at every visit.",
        },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Closed)" },
    ],
});
