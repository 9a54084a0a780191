from . import hr_performance_sales_documents
