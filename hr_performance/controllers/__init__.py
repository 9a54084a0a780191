from . import hr_performance_documents
from . import phone
from . import phone_review
from . import hr_performance_privacy
from . import phone_ballot
from . import phone_privacy
from . import phone_appeal
from . import phone_interview
