{
    "name": "Performance Reviews: DingTalk",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Performance",
    "summary": "People, attendance, approvals, messages, to-dos and sign-in of DingTalk",
    "author": "HR Performance contributors",
    "license": "LGPL-3",
    "depends": ["hr_performance_im"],
    "external_dependencies": {"python": ["cryptography", "requests"]},
    "data": [
        "views/hr_performance_im_connection_views.xml",
    ],
}
