from . import test_tools_matching
