from . import hr_performance_review_reason
from . import hr_performance_template_rebalance
