from . import hr_performance_task
