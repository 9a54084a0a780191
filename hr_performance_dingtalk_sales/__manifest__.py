{
    "name": "Performance Reviews: Leaderboard in DingTalk",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Performance",
    "summary": "The leaderboard of a sales plan in a DingTalk group, as far as the plan lets "
    "colleagues see it",
    "author": "HR Performance contributors",
    "license": "LGPL-3",
    "depends": ["hr_performance_dingtalk", "hr_performance_sales"],
    "data": [
        "security/ir.model.access.csv",
        "security/hr_performance_dingtalk_sales_security.xml",
        "views/hr_performance_sales_plan_views.xml",
    ],
    "auto_install": True,
}
