import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** An administrator tests a connection, maps a person by hand and reads the log. */

tours.add("hr_performance_dingtalk_connection", {
    steps: () => [
        {
            content: "The connection says whom it does not know",
            trigger: ".o_data_row:contains(DingTalk) .o_data_cell",
            run: "click",
        },
        {
            content: "The guide says what to make in DingTalk",
            trigger: ".o_form_view .o_hr_performance_guide li:contains(H5)",
        },
        { trigger: ".o_form_view .nav-link[name=checks]", run: "click" },
        {
            content: "What is missing is named, with what to do",
            trigger: ".o_field_widget[name=check_ids] .o_data_row:contains(qyapi_get_member)",
        },
        { trigger: ".o_form_view .nav-link[name=schedule]", run: "click" },
        { trigger: ".o_field_widget[name=schedule_ids] .o_data_row:contains(Attendance)" },
        { trigger: ".oe_stat_button[name=action_open_changes]", run: "click" },
        { trigger: ".o_list_view .o_group_header:contains(Employee found)" },
        {
            content: "What would happen, before it happens",
            trigger: ".o_list_view .o_data_row:contains(Anna)",
        },
    ],
});

tours.add("hr_performance_dingtalk_mapping", {
    steps: () => [
        {
            content: "Somebody without employee",
            trigger: ".o_data_row:contains(Nobody Known) .o_data_cell[name=employee_id]",
            run: "click",
        },
        {
            trigger: ".o_data_row .o_field_widget[name=employee_id] input",
            run: "edit Carl",
        },
        { trigger: ".o-autocomplete--dropdown-item:contains(Carl)", run: "click" },
        { trigger: ".o_list_button_save", run: "click" },
        {
            content: "He is mapped by hand",
            trigger: ".o_data_row:contains(By hand)",
        },
    ],
});

tours.add("hr_performance_dingtalk_log", {
    steps: () => [
        { trigger: ".o_data_row:contains(Attendance) .o_data_cell", run: "click" },
        {
            content: "The window, the calls and the people without data",
            trigger: ".o_form_view .o_field_widget[name=calls_used]",
        },
        { trigger: ".o_form_view .nav-link[name=missing]", run: "click" },
        { trigger: ".o_field_widget[name=missing_employee_ids] .o_data_row:contains(Bo)" },
    ],
});
