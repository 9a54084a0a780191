"""The interfaces of DingTalk that are used, as data.

``oapi`` is the old host: the token goes into the address, the answer is always HTTP 200 with an
``errcode``. ``api`` is the new one: the token is a header, errors are HTTP statuses. One token
serves both. What is not metered is listed by DingTalk as free: tokens, sign-in, contacts.
"""

from odoo.addons.hr_performance_im.tools.client import USER, Endpoint

OAPI = "oapi"
API = "api"


def _old(name, path, method="POST", **options):
    return Endpoint(name, method, OAPI, path, **options)


def _new(name, path, method="GET", **options):
    return Endpoint(name, method, API, path, **options)


_FREE = {"metered": False}
_WRITE = {"write": True}

# -- tokens and sign-in ----------------------------------------------------------------------------

TOKEN = _new("oauth2/accessToken", "/v1.0/oauth2/accessToken", "POST", metered=False, token=None)
# A code works once. Asking again after a lost answer does no harm: at worst it was used, and the
# person signs in once more.
USER_TOKEN = _new(
    "oauth2/userAccessToken", "/v1.0/oauth2/userAccessToken", "POST", metered=False, token=None
)
USER_INFO = _old("user/getuserinfo", "/topapi/v2/user/getuserinfo", **_FREE)
ME = _new("contact/users/me", "/v1.0/contact/users/me", metered=False, token=USER)

# -- contacts --------------------------------------------------------------------------------------

SCOPES = _old("auth/scopes", "/auth/scopes", "GET", **_FREE)
DEPARTMENTS = _old("department/listsub", "/topapi/v2/department/listsub", **_FREE)
DEPARTMENT_USERS = _old("user/list", "/topapi/v2/user/list", **_FREE)
DEPARTMENT_USER_IDS = _old("user/listid", "/topapi/user/listid", **_FREE)
USER_DETAIL = _old("user/get", "/topapi/v2/user/get", **_FREE)
USER_BY_MOBILE = _old("user/getbymobile", "/topapi/v2/user/getbymobile", **_FREE)
USER_BY_UNION_ID = _old("user/getbyunionid", "/topapi/user/getbyunionid", **_FREE)
LEAVE_RECORDS = _new("contact/empLeaveRecords", "/v1.0/contact/empLeaveRecords", **_FREE)
ON_JOB = _old("hrm/employee/queryonjob", "/topapi/smartwork/hrm/employee/queryonjob")
DISMISSIONS = _new("hrm/employees/dismissions", "/v1.0/hrm/employees/dismissions")

# -- attendance ------------------------------------------------------------------------------------

ATTENDANCE_RESULTS = _old("attendance/list", "/attendance/list")
ATTENDANCE_PUNCHES = _old("attendance/listRecord", "/attendance/listRecord")
ATTENDANCE_DAY = _old("attendance/getupdatedata", "/topapi/attendance/getupdatedata")
SMART_REPORT = _old("attendance/isopensmartreport", "/topapi/attendance/isopensmartreport")
COLUMNS = _old("attendance/getattcolumns", "/topapi/attendance/getattcolumns")
COLUMN_VALUES = _old("attendance/getcolumnval", "/topapi/attendance/getcolumnval")
LEAVE_STATUS = _old("attendance/getleavestatus", "/topapi/attendance/getleavestatus")

# -- approvals -------------------------------------------------------------------------------------

TEMPLATES = _new("workflow/templates", "/v1.0/workflow/processes/managements/templates")
INSTANCE_IDS = _new("workflow/instanceIds", "/v1.0/workflow/processes/instanceIds/query", "POST")
INSTANCE = _new("workflow/processInstances", "/v1.0/workflow/processInstances")

# -- messages and to-dos ---------------------------------------------------------------------------

_NOTICE = "/topapi/message/corpconversation"
NOTICE = _old("corpconversation/asyncsend_v2", f"{_NOTICE}/asyncsend_v2", **_WRITE)
NOTICE_PROGRESS = _old("corpconversation/getsendprogress", f"{_NOTICE}/getsendprogress")
NOTICE_RESULT = _old("corpconversation/getsendresult", f"{_NOTICE}/getsendresult")
NOTICE_RECALL = _old("corpconversation/recall", f"{_NOTICE}/recall")
_TODO = "/v1.0/todo/users/{union_id}/tasks"
# a source id is taken once, so that sending it again cannot make a second task
TODO_CREATE = _new("todo/create", _TODO, "POST")
TODO_BY_SOURCE = _new("todo/source", _TODO + "/sources/{source_id}")
# each of these says what is to be, not what is to change
TODO_UPDATE = _new("todo/update", _TODO + "/{task_id}", "PUT")
TODO_EXECUTORS = _new("todo/executorStatus", _TODO + "/{task_id}/executorStatus", "PUT")
TODO_DELETE = _new("todo/delete", _TODO + "/{task_id}", "DELETE")
ROBOT = _new("robot/batchSend", "/v1.0/robot/oToMessages/batchSend", "POST", **_WRITE)
WEBHOOK = _old("robot/send", "/robot/send", metered=False, token=None, write=True)

# -- events ----------------------------------------------------------------------------------------

# what was handed out is not kept for a second time
FAILED_EVENTS = _old("call_back/failed", "/call_back/get_call_back_failed_result", "GET", **_FREE)
STREAM = _new(
    "gateway/connections/open", "/v1.0/gateway/connections/open", "POST", metered=False, token=None
)

# -- outward ---------------------------------------------------------------------------------------

# pushing a period again overwrites it
INDICATOR_PUSH = _new("agoal/indicator/data/push", "/v1.0/agoal/indicator/data/push", "POST")
PERFORMANCE_IMPORT = _new(
    "hrbrain/perfRecords/import", "/v1.0/hrbrain/datas/perfRecords/import", "POST", write=True
)

#: Every interface by its name.
ENDPOINTS = {value.name: value for value in list(globals().values()) if isinstance(value, Endpoint)}
