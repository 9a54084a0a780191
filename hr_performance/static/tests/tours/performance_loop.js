import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** A menu of the app, by the names of its parent and of itself. */
function openMenu(parent, name) {
    const menu = (part) => `[data-menu-xmlid='hr_performance.hr_performance_menu_${part}']`;
    return [
        { trigger: `.o_menu_sections button${menu(parent)}`, run: "click" },
        { trigger: `.o-dropdown--menu ${menu(name)}`, run: "click" },
    ];
}

function chooseOf(field, label) {
    return [
        { trigger: `.o_field_widget[name=${field}] input`, run: "click" },
        { trigger: `.o_select_menu_item:contains(${label})`, run: "click" },
    ];
}

/** The manager notes what was said and agreed, one thing for himself, and that it was held. */
tours.add("hr_performance_loop_hold", {
    steps: () => [
        { trigger: ".o_notebook .nav-link:contains(Notes and Agreements)", run: "click" },
        {
            trigger: ".o_field_widget[name=notes] .odoo-editor-editable",
            run: "editor Good month",
        },
        {
            trigger: ".o_field_widget[name=agreement_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        { trigger: ".o_selected_row .o_field_widget[name=name] input", run: "edit Call twice" },
        { trigger: ".o_notebook .nav-link:contains(My Private Note)", run: "click" },
        {
            trigger: ".o_field_widget[name=private_note] textarea",
            run: "edit Ask again in May",
        },
        { trigger: "button[name=action_hold]", run: "click" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Held)" },
    ],
});

/** The employee: consent, interview, pulse, and how he wants to be told. */
tours.add("hr_performance_loop_own", {
    steps: () => [
        { trigger: ".o_performance_agree", run: "click" },
        { trigger: ".o_performance_consent summary:contains(agreed on)", run: "click" },
        { trigger: ".o_performance_consent p:contains(rests on your employment contract)" },
        { trigger: ".o_performance_withdraw", run: "click" },
        { trigger: ".o_performance_consent summary:contains(taken back on)" },
        { trigger: ".o_performance_links button:contains(Interview)", run: "click" },
        { trigger: ".o_notebook:not(:has(.nav-link:contains(My Private Note)))" },
        { trigger: ".o_notebook .nav-link:contains(Notes and Agreements)", run: "click" },
        {
            trigger: ".o_field_widget[name=employee_comment] textarea",
            run: "edit As we said",
        },
        { trigger: "button[name=action_acknowledge]", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Acknowledged)" },
        ...openMenu("my", "peer_answer"),
        { trigger: ".o_performance_rating:contains(5):first", run: "click" },
        { trigger: ".o_performance_send:enabled", run: "click" },
        { trigger: ".o_performance_empty:contains(Nothing to answer)" },
        { trigger: ".o_user_menu button", run: "click" },
        { trigger: ".o-dropdown--menu [data-menu=preferences]", run: "click" },
        ...chooseOf("performance_channel", "E-mail"),
        ...chooseOf("performance_digest", "day"),
        {
            trigger: ".modal button[name=preference_save]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "body:not(:has(.modal)) .o_performance_empty" },
    ],
});

/** HR: what was told, what a reader receives, who took his consent back, erasing texts. */
tours.add("hr_performance_loop_look_after", {
    steps: () => [
        {
            content: "Who was asked about whom is not told",
            trigger: ".o_data_row:contains(Questions to answer):contains(private)",
        },
        { trigger: ".o_control_panel button:contains(Preview)", run: "click" },
        { trigger: ".modal .o_field_widget[name=type_id] input", run: "edit Consent withdrawn" },
        { trigger: ".ui-autocomplete a:contains(Consent withdrawn)", run: "click" },
        { trigger: ".modal .o_field_widget[name=user_id] input", run: "edit perf_hr" },
        { trigger: ".ui-autocomplete a:contains(perf_hr)", run: "click" },
        { trigger: ".modal .o_field_widget[name=body]:contains(withdrew the consent)" },
        { trigger: ".modal-footer button:contains(Close)", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        ...openMenu("report", "report_consent"),
        { trigger: ".o_data_row:contains(Anna)" },
        ...openMenu("config", "config_erasure"),
        { trigger: ".modal .o_field_widget[name=mode] input[data-value=texts]", run: "click" },
        { trigger: ".modal .o_field_widget[name=employee_ids] input", run: "edit Anna" },
        { trigger: ".ui-autocomplete a:contains(Anna)", run: "click" },
        { trigger: ".modal .o_field_widget[name=confirmed] input", run: "click" },
        { trigger: ".modal button[name=action_erase]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
