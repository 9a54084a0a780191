from . import test_contacts
from . import test_leads
from . import test_orders
