from . import hr_performance_im_connection
from . import hr_performance_im_provider_dingtalk
