from . import test_attendance_access
from . import test_attendance_metric
from . import test_attendance_rule
from . import test_demo
from . import test_tools_working_days
