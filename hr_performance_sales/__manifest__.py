{
    "name": "Performance Reviews: Sales",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Performance",
    "summary": "Metrics from CRM, sales orders, credit notes, meetings and ratings",
    "author": "HR Performance contributors",
    "license": "LGPL-3",
    "depends": ["hr_performance", "crm", "rating", "sale_management"],
    "data": [
        "security/ir.model.access.csv",
        "security/hr_performance_sales_security.xml",
        "report/hr_performance_sales_contact_views.xml",
        "report/hr_performance_sales_handling_views.xml",
        "report/hr_performance_sales_response_views.xml",
        "report/hr_performance_sales_purchase_views.xml",
        "report/hr_performance_sales_booking_views.xml",
        "report/hr_performance_sales_menus.xml",
        "data/hr_performance_metric_data.xml",
        "data/hr_performance_template_data.xml",
    ],
    "demo": [
        "demo/hr_performance_sales_demo.xml",
    ],
}
