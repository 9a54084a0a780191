from . import crm_lead
from . import hr_performance_demo
from . import mail_message
from . import sale_order
