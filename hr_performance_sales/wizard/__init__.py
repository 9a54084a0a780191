from . import hr_performance_appeal_decide
from . import hr_performance_sales_preview
from . import hr_performance_sales_preview_line
from . import hr_performance_sales_preview_month
from . import hr_performance_sales_reopen
from . import hr_performance_sales_target_copy
