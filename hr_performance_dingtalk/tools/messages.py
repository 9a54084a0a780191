"""Work notices, to-dos, the robot and the group's webhook.

**A notice can be refused silently**: over the limits, or with a text that the person was sent
before on that day, sending answers with success and nothing arrives. Only
:meth:`Notices.result` tells, some minutes later and within a day.
"""

import base64
import hashlib
import hmac
import json
from typing import NamedTuple
from urllib.parse import quote

from odoo.addons.hr_performance_im.tools import errors
from odoo.addons.hr_performance_im.tools.redaction import Secret

from . import answers, endpoints, times
from .contacts import as_list

NOTICE_PEOPLE = 100
NOTICE_BYTES = 2048
ROBOT_PEOPLE = 20

#: Why a notice did not reach somebody, by DingTalk's code.
REFUSALS = {
    "143103": "minute",
    "143104": "minute",
    "143105": "day",
    "143106": "duplicate",
    "1430002": "words",
    "1430004": "protected",
}


class NoticeResult(NamedTuple):
    """What became of a notice: sets of user ids; ``refused`` holds the reason by user id.

    Reasons are the values of :data:`REFUSALS`, ``other:<code>``, or ``""`` where none is told.
    """

    read: frozenset
    unread: frozenset
    failed: frozenset
    unknown_users: frozenset
    refused: dict

    @property
    def delivered(self):
        """Ids of those who have it, whether they looked at it or not."""
        return self.read | self.unread


class Progress(NamedTuple):
    percent: int
    done: bool


class Todo(NamedTuple):
    """A task; ``created`` is False when it was there before."""

    id: str
    done: bool
    created: bool


class RobotResult(NamedTuple):
    """``key`` identifies the sending; the rest are ids of people it was not sent to."""

    key: str
    invalid: frozenset
    throttled: frozenset


class Notices:
    """Work notices of the application."""

    def __init__(self, client):
        self._client = client

    def send(self, user_ids, message):
        """Send a message, see :func:`text` and the other builders, and return its task id.

        :raises ValueError: more than 100 people, nobody, or a message of more than 2048 bytes
        :raises errors.OutcomeUnknown: it may have been sent
        """
        if not 0 < len(user_ids) <= NOTICE_PEOPLE:
            raise ValueError(f"a notice goes to 1 to {NOTICE_PEOPLE} people")
        if size_of(message) > NOTICE_BYTES:
            raise ValueError(f"a notice has at most {NOTICE_BYTES} bytes")
        body = {
            "agent_id": self._client.agent_id,
            "userid_list": ",".join(user_ids),
            "msg": message,
        }
        answer = self._client.call(endpoints.NOTICE, body=body)
        return int(self._client.need(endpoints.NOTICE, answer, "task_id"))

    def progress(self, task_id):
        """How far sending has come."""
        body = {"agent_id": self._client.agent_id, "task_id": task_id}
        found = self._client.call(endpoints.NOTICE_PROGRESS, body=body).get("progress") or {}
        percent = int(found.get("progress_in_percent") or 0)
        return Progress(percent, str(found.get("status")) == "2")

    def result(self, task_id):
        """The :class:`NoticeResult`; DingTalk keeps it for a day."""
        body = {"agent_id": self._client.agent_id, "task_id": task_id}
        found = self._client.call(endpoints.NOTICE_RESULT, body=body).get("send_result") or {}

        def people(name):
            return frozenset(str(user) for user in as_list(found.get(name)))

        refused = dict.fromkeys(people("forbidden_user_id_list"), "")
        for entry in as_list(found.get("forbidden_list")):
            code = str(entry.get("code"))
            refused[str(entry.get("userid"))] = REFUSALS.get(code, f"other:{code}")
        return NoticeResult(
            people("read_user_id_list"),
            people("unread_user_id_list"),
            people("failed_user_id_list"),
            people("invalid_user_id_list"),
            refused,
        )

    def recall(self, task_id):
        """Take a notice of the last day back."""
        body = {"agent_id": self._client.agent_id, "msg_task_id": task_id}
        self._client.call(endpoints.NOTICE_RECALL, body=body)


class Todos:
    """To-do tasks. People are given by union id here, not by user id."""

    def __init__(self, client):
        self._client = client

    def create(  # pylint: disable=method-required-super
        self,
        owner,
        source_id,
        subject,
        url,
        *,
        executors=(),
        due=None,
        description="",
        phone_url="",
        notify=True,
        priority=20,
    ):
        """Make a task under a key of ours and return it as :class:`Todo`.

        The same ``source_id`` never makes a second task: the one that exists is returned.

        :param owner: union id of the person whose task it is
        :param url: where it leads on a computer; ``phone_url`` on the phone
        :param due: naive UTC datetime
        """
        body = {
            "sourceId": source_id,
            "subject": subject,
            "creatorId": owner,
            "executorIds": list(executors) or [owner],
            "detailUrl": {"appUrl": phone_url or url, "pcUrl": url},
            "isOnlyShowExecutor": True,
            "priority": priority,
        }
        if due is not None:
            body["dueTime"] = times.ms_from_utc(due)
        if description:
            body["description"] = description
        if notify:
            body["notifyConfigs"] = {"dingNotify": "1"}
        path, query = {"union_id": owner}, {"operatorId": owner}
        try:
            answer = self._client.call(endpoints.TODO_CREATE, path=path, query=query, body=body)
        except answers.TaskExists:
            answer = None
        if answer is None:
            return self.find(owner, source_id)
        task_id = self._client.need(endpoints.TODO_CREATE, answer, "id")
        return Todo(str(task_id), bool(answer.get("done")), True)

    def find(self, owner, source_id):
        """The :class:`Todo` under a key of ours.

        :raises errors.NotFound: there is none
        """
        path = {"union_id": owner, "source_id": source_id}
        answer = self._client.call(endpoints.TODO_BY_SOURCE, path=path)
        if not answer.get("id"):
            raise errors.NotFound("not_found", endpoint=endpoints.TODO_BY_SOURCE.name)
        return Todo(str(answer["id"]), bool(answer.get("done")), False)

    def update(self, owner, task_id, *, done=None, subject=None, due=None):
        """Change a task.

        :raises errors.NotFound: there is none (any more)
        """
        body = {"done": done, "subject": subject}
        body["dueTime"] = times.ms_from_utc(due) if due is not None else None
        self._client.call(
            endpoints.TODO_UPDATE,
            path={"union_id": owner, "task_id": task_id},
            query={"operatorId": owner},
            body={key: value for key, value in body.items() if value is not None},
        )

    def set_executors_done(self, owner, task_id, executors, done=True):
        """Say of single executors that they did it."""
        body = {"executorStatusList": [{"id": person, "isDone": done} for person in executors]}
        self._client.call(
            endpoints.TODO_EXECUTORS,
            path={"union_id": owner, "task_id": task_id},
            query={"operatorId": owner},
            body=body,
        )

    def delete(self, owner, task_id):
        """Remove a task; one that is gone already is no error."""
        path = {"union_id": owner, "task_id": task_id}
        try:
            self._client.call(endpoints.TODO_DELETE, path=path, query={"operatorId": owner})
        except errors.NotFound:
            return False
        return True


class Robot:
    """Messages of the application's robot."""

    def __init__(self, client):
        self._client = client

    def send(self, robot_code, user_ids, title, markdown):
        """Send a text to single people, at most 20."""
        if not 0 < len(user_ids) <= ROBOT_PEOPLE:
            raise ValueError(f"a robot writes to 1 to {ROBOT_PEOPLE} people at once")
        body = {
            "robotCode": robot_code,
            "userIds": list(user_ids),
            "msgKey": "sampleMarkdown",
            "msgParam": json.dumps({"title": title, "text": markdown}, ensure_ascii=False),
        }
        answer = self._client.call(endpoints.ROBOT, body=body)
        throttled = as_list(answer.get("flowControlledStaffIdList"))
        return RobotResult(
            answer.get("processQueryKey") or "",
            frozenset(as_list(answer.get("invalidStaffIdList"))),
            frozenset(throttled + as_list(answer.get("filteredStaffIdList"))),
        )

    def send_to_group(self, access_token, title, markdown, secret=None):
        """Send a text to the group that a webhook belongs to.

        :param access_token: the token in the webhook's address
        :param secret: of a webhook with signature
        """
        access_token, secret = self._client.hide(access_token), self._client.hide(secret)
        query = {"access_token": access_token}
        if secret:
            timestamp = int(self._client.clock() * 1000)
            query["timestamp"] = timestamp
            query["sign"] = self._client.hide(webhook_sign(secret, timestamp))
        self._client.call(endpoints.WEBHOOK, query=query, body=markdown_message(title, markdown))


# -- messages --------------------------------------------------------------------------------------


def text_message(content):
    """A plain text."""
    return {"msgtype": "text", "text": {"content": content}}


def markdown_message(title, text):
    """A formatted text; the title is what the list of chats shows."""
    return {"msgtype": "markdown", "markdown": {"title": title, "text": text}}


def card_message(title, markdown, button, url):
    """A card with one button that opens a page inside DingTalk."""
    card = {
        "title": title,
        "markdown": markdown,
        "single_title": button,
        "single_url": page_link(url),
    }
    return {"msgtype": "action_card", "action_card": card}


def page_link(url, slide=True):
    """A link that opens ``url`` inside DingTalk; on a computer in a pane at its side."""
    side = "true" if slide else "false"
    return f"dingtalk://dingtalkclient/page/link?url={quote(url, safe='')}&pc_slide={side}"


def size_of(message):
    """Bytes of a message as they are counted."""
    return len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())


def webhook_sign(secret, timestamp):
    """The signature of a group's webhook; the query encodes it."""
    key = Secret(secret).reveal()
    digest = hmac.new(key.encode(), f"{timestamp}\n{key}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
