from . import test_access
from . import test_contacts
from . import test_currencies
from . import test_demo
from . import test_leads
from . import test_orders
from . import test_performance
from . import test_reviews
