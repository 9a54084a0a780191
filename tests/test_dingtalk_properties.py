"""Pages, chunks, days and instants, whatever their numbers."""

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.hr_performance_dingtalk.tools import approvals, attendance, costs, events, times
from odoo.addons.hr_performance_im.tools import errors, paging

properties = settings(max_examples=100, derandomize=True, deadline=None, database=None)

days = st.dates(date(2015, 1, 1), date(2040, 1, 1))
SHANGHAI = ZoneInfo("Asia/Shanghai")


@properties
@given(st.lists(st.integers()), st.integers(1, 60))
def test_chunks(items, size):
    chunks = list(paging.chunked(items, size))
    assert [item for chunk in chunks for item in chunk] == items
    assert all(0 < len(chunk) <= size for chunk in chunks)
    assert all(len(chunk) == size for chunk in chunks[:-1])


@properties
@given(days, st.integers(-3, 400), st.integers(1, 40))
def test_windows_tile_the_span(first, length, size):
    last = first + timedelta(days=length)
    found = list(paging.windows(first, last, size))
    covered = [
        start + timedelta(days=number)
        for start, end in found
        for number in range((end - start).days + 1)
    ]
    assert covered == [first + timedelta(days=number) for number in range(max(length + 1, 0))]
    assert all((end - start).days < size for start, end in found)


@properties
@given(st.integers(0, 10**6), st.integers(-10, 2000), st.integers(1, 10**5))
def test_spans_leave_no_gap(start, length, size):
    found = list(paging.spans(start, start + length, size))
    if length <= 0:
        assert found == []
        return
    assert (found[0][0], found[-1][1]) == (start, start + length)
    assert all(a[1] == b[0] for a, b in zip(found, found[1:], strict=False))
    assert all(0 < end - begin <= size for begin, end in found)


@properties
@given(st.lists(st.integers(0, 3), max_size=30))
def test_pages_give_all_rows_or_an_error(sizes):
    """Pages of these sizes, each naming the next one."""

    def fetch(cursor):
        following = cursor + 1 if cursor + 1 < len(sizes) else None
        return [(cursor, n) for n in range(sizes[cursor])] if sizes else [], following

    expected = [(page, n) for page, size in enumerate(sizes) for n in range(size)]
    gap = "0" * (paging.EMPTY_PAGES + 1)
    text = "".join(map(str, sizes))[:-1]
    if gap in text:
        with pytest.raises(errors.PagingBroken):
            list(paging.pages(fetch, 0, 100))
    else:
        assert [row for page in paging.pages(fetch, 0, 100) for row in page] == expected


@properties
@given(days)
def test_days_survive_the_way(day):
    assert times.day_from_ms(times.midnight_ms(day)) == day
    assert times.day_from_ms(times.midnight_ms(day) + 86_399_999) == day
    assert times.day_of_text(times.day_text(day)) == day


@properties
@given(st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1)))
def test_instants_survive_the_way(instant):
    instant = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert times.utc_from_ms(times.ms_from_utc(instant)) == instant
    assert times.utc_from_ms(str(times.ms_from_utc(instant))) == instant


@properties
@given(st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1), timezones=st.just(SHANGHAI)))
def test_approvals_are_on_the_day_of_their_digits(instant):
    text = instant.strftime("%Y-%m-%dT%H:%MZ")
    business_id = instant.strftime("%Y%m%d%H%M") + "000376553"
    clock = times.approval_clock(text, business_id)
    found = times.approval_time(text, clock)
    assert clock == times.LOCAL
    assert found.replace(tzinfo=ZoneInfo("UTC")).astimezone(SHANGHAI).date() == instant.date()


@pytest.mark.parametrize(
    ("text", "business_id"),
    [
        ("2026-04-16T15:34Z", ""),
        ("2026-04-16T15:34Z", "2026"),
        ("2026-04-16T15:34Z", "202699991534000376553"),
        ("2026-04-16T15:34Z", "202604161834000376553"),
        ("", "202604161534000376553"),
    ],
)
def test_a_clock_that_cannot_be_proven(text, business_id):
    assert times.approval_clock(text, business_id) == times.UNPROVEN


def test_true_times():
    assert times.utc_from_iso("2021-01-06T11:47:37Z") == datetime(2021, 1, 6, 11, 47, 37)
    assert times.utc_from_iso("2021-01-06T19:47:37+08:00") == datetime(2021, 1, 6, 11, 47, 37)
    assert times.utc_from_iso("2025-05-28T06:39:19.000Z") == datetime(2025, 5, 28, 6, 39, 19)
    assert times.approval_time("2021-01-06T19:47+0800") == datetime(2021, 1, 6, 11, 47)
    for text in ("2021-01-06", "yesterday", "2021-01-06 11:47"):
        with pytest.raises(ValueError, match="not a time"):
            times.utc_from_iso(text)


@properties
@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_numbers_of_forms(number):
    for text in (str(number), f"{number:,}"):
        field = approvals.Field("NumberField-1", "", "", "NumberField", text)
        assert approvals.number(field) == number


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["EventType", "eventType", "userId", "DataList", "workDate", "data", "eventId"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@properties
@given(json_values, st.sampled_from([*events._KINDS, "other", ""]))
def test_no_body_breaks_the_reading_of_events(body, kind):
    if isinstance(body, dict) and kind:
        body = {**body, "EventType": kind}
    text = json.dumps(body)
    for parse in (events.parse_body, lambda t: events.parse_stream({"eventType": kind}, t)):
        try:
            event = parse(text)
        except events.EventError:
            continue
        assert event.id
        assert isinstance(event.pulls, tuple)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "success", "{}", "[" * 100_000])
def test_texts_that_are_no_events(text):
    with pytest.raises(events.EventError):
        events.parse_body(text)


def test_an_event_without_id_gets_the_same_one_again():
    text = '{"EventType":"user_add_org","UserId":["u1"],"EventTime":1606126433000}'
    other = text.replace("433000", "434000")
    assert events.parse_body(text).id == events.parse_body(text).id
    assert events.parse_body(text).id != events.parse_body(other).id


# -- costs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "day_count", "expected"), [(100, 30, 120), (100, 31, 124), (1, 7, 1), (0, 30, 0)]
)
def test_calls_of_results(people, day_count, expected):
    assert costs.result_calls(people, day_count) == expected


def test_the_cheapest_way_is_chosen():
    assert costs.cheapest_attendance(100, 31, 5) == ("columns", 102)
    assert costs.cheapest_attendance(100, 31, 5, report=False) == ("results", 124)
    assert costs.cheapest_attendance(100, 1, 5) == ("results", 4)
    assert costs.approval_calls(45) == 3 + 45
    assert costs.approval_calls(0) == 1
    assert costs.notice_calls(250) == 6
    assert costs.todo_calls(3) == 6


def test_a_plan_takes_what_it_says(dingtalk):
    from lab import laboratory

    with laboratory(dingtalk) as lab:
        users = [f"w{number}" for number in range(70)]
        for user in users:
            lab.state.add_user(user)
            for number in range(9):
                for kind in ("OnDuty", "OffDuty"):
                    lab.state.add_punch(user, date(2026, 4, 1) + timedelta(days=number), kind)
        list(lab.client.attendance.results(users, date(2026, 4, 1), date(2026, 4, 9)))
        assert lab.client.metered_calls == costs.result_calls(70, 9)
        before = lab.client.metered_calls
        lab.client.attendance.has_report()
        columns = lab.client.attendance.columns()[:3]
        for user in users:
            list(
                lab.client.attendance.column_values(
                    user, columns, date(2026, 4, 1), date(2026, 4, 9)
                )
            )
        assert lab.client.metered_calls - before == costs.column_calls(70, 9, 3)


def test_decoding_is_fast_enough_for_millions():
    import time

    rows = [
        {
            "id": number,
            "userId": f"u{number % 50}",
            "checkType": "OnDuty",
            "timeResult": "Normal",
            "locationResult": "Normal",
            "sourceType": "USER",
            "workDate": 1666195200000 + number % 7 * 86_400_000,
            "baseCheckTime": 1666227600000 + number % 7 * 86_400_000,
            "userCheckTime": 1666227600000 + number * 1000,
            "planId": number,
            "groupId": 1,
            "recordId": number,
        }
        for number in range(50)
    ]
    started = time.process_time()
    for _page in range(400):
        decoded = attendance.decode_results(rows)
    seconds = time.process_time() - started
    assert len(decoded) == 50
    # 20,000 rows; a million takes about six seconds of one core
    assert seconds < 1
