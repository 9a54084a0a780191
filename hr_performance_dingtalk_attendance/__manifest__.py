{
    "name": "Performance Reviews: DingTalk Punches as Attendances",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Performance",
    "summary": "Write the punches that were read from DingTalk into Odoo's attendances",
    "author": "HR Performance contributors",
    "license": "LGPL-3",
    "depends": ["hr_performance_dingtalk", "hr_attendance"],
    "data": [
        "security/ir.model.access.csv",
        "security/hr_performance_dingtalk_attendance_security.xml",
        "views/hr_performance_dingtalk_attendance_views.xml",
        "views/hr_performance_im_connection_views.xml",
    ],
    "auto_install": True,
}
