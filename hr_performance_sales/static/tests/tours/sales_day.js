import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("hr_performance_sales_day", {
    steps: () => [
        {
            content: "The own numbers",
            trigger: ".o_my_sales_page .o_my_sales_gap:contains(100.00)",
        },
        {
            content: "What adds most stands first",
            trigger: ".o_my_sales_lead:eq(0):contains(Passing):contains(Passes the line)",
        },
        { trigger: ".o_my_sales_lead:eq(0) input[type=checkbox]", run: "click" },
        {
            content: "What it would mean, computed by the server",
            trigger: ".o_my_sales_text:contains(Place 2 of 6, reward):contains(90.00)",
        },
        { trigger: ".o_my_sales_then h3:contains(If this one closes)" },
        {
            content: "The slider adds sales beside it",
            trigger: "#o_my_sales_further",
            run: "range 1000",
        },
        { trigger: ".o_my_sales_text:contains(Place 1 of 6, reward):contains(190.00)" },
        {
            content: "A colleague is asked for support",
            trigger: ".o_my_sales_lead:eq(0) button:contains(Ask for Support)",
            run: "click",
        },
        { trigger: ".modal .o_field_widget[name=supporter_id] input", run: "edit Emil" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Emil) a", run: "click" },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit They want a film as well.",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        {
            content: "Visits are reported",
            trigger: "body:not(:has(.modal)) button:contains(Report Visits):visible",
            run: "click",
        },
        { trigger: ".modal .o_field_widget[name=visits] input", run: "edit 2" },
        {
            trigger: ".modal .o_field_widget[name=market_note] textarea",
            run: "edit The studio across the street gives 10 % off.",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_my_sales_page" },
    ],
});

tours.add("hr_performance_sales_dispute", {
    steps: () => [
        {
            content: "The statement of the closed month says why",
            trigger: ".o_data_row .o_data_cell[name=employee_id], .o_data_row .o_data_cell",
            run: "click",
        },
        { trigger: ".o_field_widget[name=explanation]:contains(So there is no reward)" },
        {
            content: "One deal is disputed",
            trigger: ".o_data_row button[name=action_dispute]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit Emil and I won it together.",
        },
        { trigger: "button[name=action_submit]", run: "click" },
        { trigger: ".o_arrow_button_current:contains(With the Manager)" },
    ],
});
