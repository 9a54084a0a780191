from . import hr_performance_dingtalk_post
from . import hr_performance_im_provider_dingtalk
from . import hr_performance_im_run
from . import hr_performance_sales_plan
