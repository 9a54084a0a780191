from . import crm_lead
from . import hr_performance_demo
from . import sale_order
