from . import test_access
from . import test_approval
from . import test_attendance
from . import test_channel
from . import test_connection
from . import test_events
from . import test_people
from . import test_sign_in
