from . import hr_performance_sales_fact_mixin
from . import hr_performance_sales_contact
from . import hr_performance_sales_handling
from . import hr_performance_sales_response
from . import hr_performance_sales_purchase
from . import hr_performance_sales_booking
