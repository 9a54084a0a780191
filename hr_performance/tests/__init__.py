from . import test_tools_decimals
from . import test_tools_expression
from . import test_tools_grades
from . import test_tools_period
from . import test_tools_scoring
from . import test_tools_stats
from . import test_tools_tabular
from . import test_tools_weights
