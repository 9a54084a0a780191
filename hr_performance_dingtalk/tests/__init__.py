from . import test_access
from . import test_approval
from . import test_attendance
from . import test_people
