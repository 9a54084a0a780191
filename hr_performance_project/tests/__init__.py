from . import test_demo
from . import test_task_access
from . import test_task_metric
from . import test_task_feedback
