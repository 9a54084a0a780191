"""DingTalk's interfaces, without Odoo.

A client is one application of one company, made for one run::

    client = DingTalkClient(
        "client id", "client secret", agent_id=123, corp_id="ding…",
        tokens=store,   # get(key), put(key, Token), expire(key, value), lock(key); default: memory
        budget=budget,  # take(name), give_back(name); take raises BudgetExhausted; default: none
        hosts={"oapi": …, "api": …}, login_url=…,     # default: DingTalk's
        policy=Policy(…), clock=…, sleep=…, chance=…,  # default: patient, and the real ones
    )

Naive datetimes are UTC, days are days in China. What has many rows comes as an iterator of pages.

==============================  ==================================================================
``client.check(user_id)``       connection test, list of ``Check(name, error)``
``client.failed_events()``      pages of ``Event`` whose push failed
``client.calls``                Counter of attempts by interface; ``client.metered_calls`` of those
                                that the month counts
``contacts.scope()``            ``Scope(department_ids, user_ids, fields)``
``contacts.departments()``      iterator of ``Department``, parents first, walked from the root
``contacts.users(dept_ids)``    pages of ``User``, each person once
``contacts.user(id)``           ``User`` with manager and led departments
``contacts.leave_records(since)``  pages of ``LeaveRecord``
``contacts.on_job_ids()``, ``dismissed_ids()``  pages of ids (personnel application)
``attendance.results(ids, from, to)``  pages of ``Result``; any number of people and days
``attendance.raw_results(ids, from, to)``  pages of rows, 50 people and 7 days; ``decode_results``
                                turns such a page into ``Result`` tuples fast
``attendance.has_report()``, ``columns()``  whether there is a report; list of ``Column``
``attendance.column_values(id, columns, from, to)``  lists of ``ColumnValue``
``attendance.day(id, day)``, ``leaves(ids, start, end)``, ``punches(…)``
``approvals.templates(id)``     list of ``Template``
``approvals.instance_ids(code, start, end)``  pages of ids, by **creation**
``approvals.instance(id)``      ``Instance``: ``outcome``, ``finish_time``, ``clock``, ``revokes``,
                                ``field(alias or id)``; ``approvals.number/contacts/choice/rows``
                                (functions of the module) read a field
``notices.send(ids, message)``  task id; messages by ``text_message``, ``markdown_message``,
                                ``card_message``, links by ``page_link``
``notices.result(task_id)``     ``NoticeResult(read, unread, failed, unknown_users, refused)``
``todos.create(owner, source_id, subject, url, …)``  ``Todo``; the same source id never twice
``todos.find/update/set_executors_done/delete``
``robot.send(code, ids, title, text)``, ``robot.send_to_group(token, title, text, secret)``
``login.page_url(redirect, state)``  where a visitor of the browser signs in
``login.person_in_app(code)``, ``person_in_browser(code)``  ``Person(user_id, union_id, name)``
``outward.push_indicator(code, values)``, ``outward.import_records(records)``
==============================  ==================================================================

Every call may raise a class of :mod:`odoo.addons.hr_performance_im.tools.errors`; its ``action``
says what to do. A write whose fate is not known raises ``OutcomeUnknown``.

Without a client: :mod:`.events` (``parse_body``, ``parse_stream``, ``parse_failed`` give an
``Event`` with ``id``, ``type``, ``corp_id``, ``born_at``, ``payload``, ``pulls``), :mod:`.costs`
(calls that a run takes), :mod:`.times`, :mod:`.stream`. The encryption of callbacks is
:class:`odoo.addons.hr_performance_im.tools.callback.CallbackCrypto`, with the client id as owner::

    text = crypto.open(msg_signature, timestamp, nonce, body["encrypt"], now=…, max_age=…)
    event = parse_body(text)          # EventError; store one row by event.id, then answer
    return crypto.seal("success")     # also to CHECK_URL, which is not stored
"""

from . import times
from . import endpoints
from . import answers
from . import contacts
from . import attendance
from . import approvals
from . import messages
from . import login
from . import outward
from . import events
from . import costs
from . import client
from . import stream

from .client import DingTalkClient
