from . import hr_attendance
from . import hr_performance_dingtalk_attendance
from . import hr_performance_im_connection
from . import hr_performance_im_provider_dingtalk
from . import hr_performance_privacy
