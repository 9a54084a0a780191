from . import hr_performance_documents
