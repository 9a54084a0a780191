from . import hr_performance_review_report
from . import hr_performance_appeal_report
from . import hr_performance_plan_report
