from . import dingtalk_events
from . import dingtalk_sign_in
