from . import hr_performance_metric_test
from . import hr_performance_metric_test_line
from . import hr_performance_review_reason
from . import hr_performance_template_rebalance
from . import hr_performance_setup
from . import hr_performance_setup_line
from . import hr_performance_setup_preview
