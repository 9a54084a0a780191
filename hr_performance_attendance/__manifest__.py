{
    "name": "Performance Reviews: Attendance",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Performance",
    "summary": "Late arrivals, late minutes and absent days as metrics, and a deduction for them",
    "author": "HR Performance contributors",
    "license": "LGPL-3",
    "depends": ["hr_performance", "hr_attendance"],
    "data": [
        "data/hr_performance_metric_data.xml",
        "data/hr_performance_template_rule_data.xml",
        "views/hr_attendance_views.xml",
        "views/hr_performance_metric_views.xml",
        "views/hr_performance_template_views.xml",
    ],
    "demo": [
        "demo/hr_performance_attendance_demo.xml",
    ],
    "auto_install": True,
}
