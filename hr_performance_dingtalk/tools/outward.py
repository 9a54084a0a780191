"""Results published to DingTalk's own performance products, which are sold separately."""

from typing import NamedTuple

from odoo.addons.hr_performance_im.tools import errors

from . import endpoints

#: What DingTalk calls the periods of a cadence.
PERIOD_TYPES = {
    "monthly": "MONTH",
    "quarterly": "QUARTER",
    "half_yearly": "HALF_YEAR",
    "yearly": "YEAR",
}


class IndicatorValue(NamedTuple):
    """The value of an indicator in a period.

    :param period_type: one of :data:`PERIOD_TYPES`; of them only ``MONTH`` is proven
    :param period: first instant of the period as ``yyyy-MM-dd HH:mm:ss``
    :param value: the number as text
    """

    period_type: str
    period: str
    value: str


class PerformanceRecord(NamedTuple):
    """The result of one person in one cycle; all are texts, days as ``yyyy-MM-dd``."""

    user_id: str
    name: str
    plan_name: str
    period: str
    date_from: str
    date_to: str
    score: str
    grade: str = ""
    cadence: str = ""
    comment: str = ""


class Outward:
    """The interfaces that take results."""

    def __init__(self, client):
        self._client = client

    def push_indicator(self, code, values):
        """Set an indicator's values; a period that is pushed again is overwritten."""
        data = [
            {"periodType": entry.period_type, "period": entry.period, "data": entry.value}
            for entry in values
        ]
        answer = self._client.call(endpoints.INDICATOR_PUSH, body={"code": code, "data": data})
        _accepted(answer, endpoints.INDICATOR_PUSH)

    def import_records(self, records, user_token=None):
        """Hand over the results of a cycle, a list of :class:`PerformanceRecord`.

        :param user_token: DingTalk's documentation names the token of a person for this interface;
            without one the application's is sent
        :raises errors.OutcomeUnknown: they may have been taken
        """
        user_token = self._client.hide(user_token) if user_token else None
        body = [_record(record) for record in records]
        answer = self._client.call(
            endpoints.PERFORMANCE_IMPORT,
            query={"corpId": self._client.corp_id},
            body=body,
            user_token=user_token,
        )
        _accepted(answer, endpoints.PERFORMANCE_IMPORT)


def _record(record):
    optional = {
        "perfCate": record.cadence,
        "perfScore": record.grade,
        "comment": record.comment,
    }
    return {
        "name": record.name,
        "workNo": record.user_id,
        "perfPlanName": record.plan_name,
        "period": record.period,
        "periodStartDate": record.date_from,
        "periodEndDate": record.date_to,
        "score": record.score,
        **{key: value for key, value in optional.items() if value},
    }


def _accepted(answer, endpoint):
    """Both say in ``result`` whether the values were taken, beside the success of the call."""
    if answer.get("result") is False:
        raise errors.ConfigurationError("not_taken", endpoint=endpoint.name)
