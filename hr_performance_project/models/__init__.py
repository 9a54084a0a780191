from . import hr_performance_demo
from . import project_task
