import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** One review cycle from launching to publication; the test runs the tours as three users. */

tours.add("hr_performance_flow_launch", {
    steps: () => [
        {
            content: "The empty screen leads into the assistant",
            trigger: ".o_view_nocontent a:contains(Set up the first programme)",
            run: "click",
        },
        {
            content: "A month is proposed",
            trigger: ".modal .o_field_widget[name=name] input:value(Monthly performance)",
        },
        { trigger: ".modal button[name=action_next]", run: "click" },
        {
            content: "The ready template is chosen, the ready-made drafts are not",
            trigger:
                ".modal .o_data_row:contains(Sales people) .o_field_widget[name=chosen] input:checked",
        },
        { trigger: ".modal button[name=action_next]", run: "click" },
        {
            content: "The people of the company are counted",
            trigger: ".modal .o_field_widget[name=employee_count]:contains(5)",
        },
        { trigger: ".modal button[name=action_next]", run: "click" },
        {
            trigger: ".modal .o_field_widget[name=use_self] input:checked",
        },
        { trigger: ".modal button[name=action_next]", run: "click" },
        {
            content: "The preview tells who gets which template",
            trigger: ".modal .o_data_row:contains(Sales people):contains(Anna)",
        },
        {
            content: "... and who is left out, and why",
            trigger:
                ".modal .o_data_row:contains(Left out):contains(No template fits):contains(Carl)",
        },
        { trigger: ".modal button[name=action_launch]", run: "click" },
        {
            content: "The launched cycle opens",
            trigger:
                "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains(Open)",
        },
        { trigger: ".oe_stat_button[name=action_view_reviews]:contains(4)" },
    ],
});

tours.add("hr_performance_flow_confirm", {
    steps: () => [
        {
            trigger: ".o_performance_todo.o_todo_mine:contains(Confirm your goals)",
        },
        {
            content: "The metric says what is expected",
            trigger: ".o_performance_line:contains(Visits):contains(20)",
        },
        { trigger: ".o_performance_confirm", run: "click" },
        {
            trigger: ".o_step_now:contains(Period)",
        },
        { trigger: ".o_performance_review:not(:has(.o_performance_confirm))" },
    ],
});

tours.add("hr_performance_flow_assess", {
    steps: () => [
        { trigger: ".o_form_view button[name=action_start_assessment]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        {
            content: "Nobody is in the running period any more",
            trigger: ".o_form_view:not(:has(button[name=action_start_assessment]))",
        },
    ],
});

tours.add("hr_performance_flow_self", {
    steps: () => [
        {
            trigger: ".o_performance_assess:contains(Quality) .o_performance_self_value",
            run: "edit 4.5",
        },
        {
            trigger: ".o_performance_assess:contains(Quality) .o_performance_self_reason",
            run: "edit No complaint all month",
        },
        { trigger: ".o_performance_self_comment", run: "edit I enjoyed it" },
        { trigger: ".o_performance_submit", run: "click" },
        { trigger: ".o_step_now:contains(Manager)" },
        { trigger: ".o_performance_review:not(:has(.o_performance_submit))" },
    ],
});

tours.add("hr_performance_flow_score", {
    steps: () => [
        {
            content: "What the employee says stands beside the own entry",
            trigger: ".o_data_row:contains(Anna) .o_data_cell[name=self_value]:contains(4.5)",
        },
        {
            content: "Nothing given is empty, not zero",
            trigger:
                ".o_data_row:contains(Anna) .o_data_cell[name=manager_value]:not(:contains(0))",
            run: "click",
        },
        { trigger: ".o_selected_row .o_field_widget[name=manager_value] input", run: "edit 4" },
        {
            trigger: ".o_selected_row .o_field_widget[name=manager_reason] textarea",
            run: "edit Careful, sometimes late",
        },
        { trigger: ".o_list_button_save", run: "click" },
        {
            content: "The points follow",
            trigger: ".o_data_row:contains(Anna) .o_data_cell[name=points]:contains(32)",
        },
        {
            trigger: ".o_data_row:contains(Anna) .o_list_record_selector input",
            run: "click",
        },
        { trigger: "button[name=action_submit_reviews]", run: "click" },
        {
            content: "Nothing is left to score",
            trigger: ".o_view_nocontent:contains(Nothing to score)",
        },
    ],
});

tours.add("hr_performance_flow_publish", {
    steps: () => [
        { trigger: ".o_form_view button[name=action_publish]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=published_count]:contains(1)" },
    ],
});

tours.add("hr_performance_flow_result", {
    steps: () => [
        { trigger: ".o_performance_total:contains(77):contains(Qualified)" },
        {
            trigger: ".o_performance_line:contains(Quality) .o_performance_line_head",
            run: "click",
        },
        {
            content: "The reason of the manager is there to read",
            trigger: ".o_performance_line_panel:contains(Careful, sometimes late)",
        },
        { trigger: ".o_performance_trend button:contains(77)" },
    ],
});
