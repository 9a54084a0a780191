{
    "name": "Performance Reviews: Project",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Performance",
    "summary": "Task completion, punctuality and delay, and project completion as metrics",
    "author": "HR Performance contributors",
    "license": "LGPL-3",
    "depends": ["hr_performance", "project"],
    "data": [
        "security/ir.model.access.csv",
        "security/hr_performance_task_security.xml",
        "report/hr_performance_task_views.xml",
        "data/hr_performance_metric_data.xml",
        "data/hr_performance_feedback_data.xml",
    ],
    "demo": [
        "demo/hr_performance_project_demo.xml",
    ],
    "auto_install": True,
}
