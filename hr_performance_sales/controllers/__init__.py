from . import hr_performance_sales_documents
from . import phone_board
from . import phone_sales
