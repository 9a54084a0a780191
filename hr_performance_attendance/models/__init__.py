from . import hr_attendance
from . import hr_performance_demo
from . import hr_performance_metric
from . import hr_performance_review_line
from . import hr_performance_source_attendance
from . import hr_performance_template
from . import hr_performance_value
