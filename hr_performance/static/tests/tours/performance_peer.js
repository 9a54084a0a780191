import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** A 360° review: proposed by the employee, approved by the manager, answered, read. */

tours.add("hr_performance_peer_propose", {
    steps: () => [
        { trigger: ".o_data_row td[name=employee_id]:contains(Anna)", run: "click" },
        {
            trigger: ".o_field_widget[name=invitation_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        { trigger: ".o_selected_row [name=reviewer_id] input", run: "edit Bo" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Bo)", run: "click" },
        { trigger: ".o_form_button_save", run: "click" },
        {
            trigger:
                ".o_form_saved .o_field_widget[name=invitation_ids] .o_data_row:contains(Bo):contains(Proposed)",
        },
    ],
});

tours.add("hr_performance_peer_approve", {
    steps: () => [
        { trigger: ".o_data_row:contains(Bo) button[name=action_approve]", run: "click" },
        { trigger: "body:not(:has(.o_data_row:contains(Bo) button[name=action_approve]))" },
    ],
});

tours.add("hr_performance_peer_answer", {
    steps: () => [
        {
            trigger: ".o_performance_ballot .alert-info:contains(Your answers are anonymous)",
        },
        { trigger: ".o_performance_send:disabled" },
        {
            trigger: ".o_performance_question:contains(Is clear) .o_performance_rating:contains(4)",
            run: "click",
        },
        {
            trigger: ".o_performance_question:contains(Anything else) textarea",
            run: "edit Always on time",
        },
        { trigger: ".o_performance_send:enabled", run: "click" },
        { trigger: ".o_notification:contains(Your answers are in)" },
        { trigger: ".o_performance_empty:contains(Nothing to answer)" },
    ],
});

tours.add("hr_performance_peer_result", {
    steps: () => [
        { trigger: ".o_notebook .nav-link:contains(360° Review)", run: "click" },
        { trigger: ".o_performance_poll th:contains(Peers)" },
        { trigger: ".o_performance_poll_total:contains(4.00)" },
        { trigger: ".o_performance_comment:contains(Always on time)" },
        { trigger: ".o_performance_poll_missing:contains(Others)" },
    ],
});
