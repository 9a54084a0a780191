import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** The manager gives feedback, makes a plan of it and starts it. */
tours.add("hr_performance_feedback_give", {
    steps: () => [
        { trigger: ".o_view_nocontent:contains(Say it while it is fresh)" },
        { trigger: ".o-kanban-button-new", run: "click" },
        { trigger: ".o_field_widget[name=employee_id] input", run: "edit Anna" },
        { trigger: ".ui-autocomplete a:contains(Anna)", run: "click" },
        { trigger: ".o_field_widget[name=rating] .o_priority_star:eq(1)", run: "click" },
        { trigger: ".o_field_widget[name=metric_id] input", run: "edit Visits" },
        { trigger: ".ui-autocomplete a:contains(Visits)", run: "click" },
        {
            trigger: ".o_field_widget[name=text] textarea",
            run: "edit Few visits: plan them the day before",
        },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: "button[name=action_create_plan]:contains(Make a Plan)", run: "click" },
        {
            content: "The plan knows the metric and the value before",
            trigger: ".o_performance_plan_form .o_field_widget[name=metric_id] input:value(Visits)",
        },
        { trigger: ".o_field_x2many_list_row_add a:contains(Add a line)", run: "click" },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Plan the visits of tomorrow",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal)) button[name=action_start]", run: "click" },
        {
            content: "The chart begins with the value of the review",
            trigger: ".o_performance_plan_chart svg .o_plan_value:contains(8)",
        },
        { trigger: ".o_arrow_button_current:contains(Running)" },
    ],
});

/** The employee reads it, answers, and ticks the first step off. */
tours.add("hr_performance_feedback_read", {
    steps: () => [
        { trigger: ".o_kanban_record:contains(Few visits)", run: "click" },
        { trigger: ".o_field_widget[name=reply] textarea", run: "edit I will" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: "button[name=action_create_plan]:contains(Open the Plan)", run: "click" },
        {
            trigger: ".o_data_row:contains(Plan the visits) button[name=action_check_in]",
            run: "click",
        },
        {
            content: "Done, and nothing to tick off any more",
            trigger: ".o_data_row:contains(1 of 1):not(:has(button[name=action_check_in]))",
        },
        { trigger: ".o_notebook .nav-link:contains(Follow-up)", run: "click" },
        { trigger: ".o_field_x2many_list_row_add a", run: "click" },
        { trigger: ".modal .o_field_widget[name=text] textarea", run: "edit It helps" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_data_row:contains(It helps)" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))" },
    ],
});

/** The employee asks two people. */
tours.add("hr_performance_feedback_ask", {
    steps: () => [
        { trigger: "button:contains(Ask for Feedback)", run: "click" },
        { trigger: ".modal .o_field_widget[name=user_ids] input", run: "edit perf_bo" },
        { trigger: ".ui-autocomplete a:contains(perf_bo)", run: "click" },
        {
            trigger: ".modal .o_field_widget[name=question] textarea",
            run: "edit How was the fair?",
        },
        { trigger: ".modal button[name=action_ask]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_data_row:contains(How was the fair?)" },
    ],
});

/** The asked one answers. */
tours.add("hr_performance_feedback_answer", {
    steps: () => [
        {
            trigger: ".o_data_row:contains(How was the fair?) button[name=action_answer]",
            run: "click",
        },
        { trigger: ".modal .o_field_widget[name=text] textarea", run: "edit Well prepared" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_data_row:contains(Answered)" },
    ],
});

/** From the chatter of a record, for whoever is responsible for it. */
tours.add("hr_performance_feedback_chatter", {
    steps: () => [
        {
            trigger: ".o-mail-Chatter-topbar .o_performance_feedback:contains(Give Feedback)",
            run: "click",
        },
        { trigger: ".modal .o_field_widget[name=employee_id] input:value(Anna)" },
        {
            trigger: ".modal .o_field_widget[name=text] textarea",
            run: "edit Well prepared",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal)) .o-mail-Chatter-topbar .o_performance_feedback" },
    ],
});
