from . import hr_performance_documents
from . import phone
from . import phone_review
