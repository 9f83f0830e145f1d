"""Local times through the two nights of a year in which the clocks change, and over New Year's Eve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.core.errors import BadRowsError, ConfigError, TraceError
from scfcost.trace.formats.wall_clock import changes, decide
from scfcost.trace.read import read_trace
from tests.trace.formats.samples import LINES
from tests.trace.formats.test_lines import lives, log, notes

HAPROXY = (LINES / "haproxy_lab.log").read_text().splitlines()[0]
EVENTLET = (LINES / "eventlet_wsgi_ws.log").read_text().splitlines()[1]
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3_600_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def haproxy(wall: str, lasted: int) -> str:
    """The real line, accepted at another local time."""
    return HAPROXY.replace("23/Nov/2026:04:36:45.072", wall).replace("0/0/0/1/2008", f"0/0/0/1/{lasted}")


def test_the_hour_that_comes_twice_is_told_by_the_order_of_lines(tmp_path: Path) -> None:
    walls = ["25/Oct/2026:01:59:59.000", "25/Oct/2026:02:30:00.000", "25/Oct/2026:02:59:00.000",
             "25/Oct/2026:02:10:00.000", "25/Oct/2026:02:59:30.000", "25/Oct/2026:03:10:00.000"]  # fmt: skip
    trace = read_trace(log(tmp_path / "h.log", *(haproxy(wall, 500) for wall in walls)), tz="Europe/Berlin")
    expected = ["01:59:59+02", "02:30+02", "02:59+02", "02:10+01", "02:59:30+01", "03:10+01"]
    assert [start for start, _ in lives(trace)] == [at(f"2026-10-25T{one}:00") for one in expected]
    assert "4 local times lie in the hour that Europe/Berlin has twice: the order" in notes(trace)["hour_twice"]


def test_a_log_out_of_order_takes_the_first_of_both_hours_and_says_so(tmp_path: Path) -> None:
    walls = ["25/Oct/2026:02:30:00.000", "25/Oct/2026:03:10:00.000", "25/Oct/2026:02:10:00.000"]
    trace = read_trace(log(tmp_path / "h.log", *(haproxy(wall, 500) for wall in walls)), tz="Europe/Berlin")
    assert sorted(start for start, _ in lives(trace)) == [
        at("2026-10-25T02:10+02:00"), at("2026-10-25T02:30+02:00"), at("2026-10-25T03:10+01:00"),
    ]  # fmt: skip
    assert "the log is not in order" in notes(trace)["hour_twice"]


def test_the_hour_that_does_not_exist_is_a_bad_row(tmp_path: Path) -> None:
    path = log(tmp_path / "h.log", haproxy("29/Mar/2026:01:59:59.000", 900), haproxy("29/Mar/2026:02:30:00.000", 1))
    with pytest.raises(BadRowsError, match=r"h\.log:2: line: a local time that the clocks of the zone skipped"):
        read_trace(path, tz="Europe/Berlin")
    assert read_trace(path).connections == 2
    kept = read_trace(path, tz="Europe/Berlin", on_error="skip", rejects=tmp_path / "r.csv")
    assert lives(kept) == [(at("2026-03-29T01:59:59+01:00"), 900)]


def test_a_life_through_the_change_keeps_its_length(tmp_path: Path) -> None:
    trace = read_trace(log(tmp_path / "h.log", haproxy("29/Mar/2026:01:30:00.000", 2 * HOUR)), tz="Europe/Berlin")
    assert lives(trace) == [(at("2026-03-29T01:30+01:00"), 2 * HOUR)]
    ended = EVENTLET.replace("23/Oct/2020 19:14:48", "29/Mar/2026 03:00:01").replace("12.514889", "2.000000")
    trace = read_trace(log(tmp_path / "e.log", ended), tz="Europe/Berlin")
    assert lives(trace) == [(at("2026-03-29T01:59:59+01:00"), 2000)]


def test_the_year_of_a_line_is_its_own_over_new_years_eve(tmp_path: Path) -> None:
    """The prefix of syslog has no year; the time of acceptance has."""
    eve = haproxy("31/Dec/2026:23:59:58.500", 3000).replace("Nov 23 04:36:47", "Jan  1 00:00:01")
    assert lives(read_trace(log(tmp_path / "h.log", eve))) == [(at("2026-12-31T23:59:58.500+00:00"), 3000)]


MAPPING = """
kind = "delimited"
delimiter = ";"
[fields]
close_time = "ended"
duration = "s"
[units]
time = "%b %d %H:%M:%S"
"""


def test_times_without_a_year_count_on_from_the_first(tmp_path: Path) -> None:
    mapping = log(tmp_path / "m.toml", MAPPING + "year = 2027")
    path = log(tmp_path / "t.csv", "ended;s", "Dec 31 23:59:59;1", "Jan 01 00:00:01;3", "Feb 29 12:00:00;1")
    broken = log(tmp_path / "b.csv", *path.read_text().replace("Feb", "soon;1\nFeb").splitlines())
    with pytest.raises(BadRowsError, match=r"^1 bad row;.*\n.*b\.csv:4: line: a WebSocket whose start or end cannot"):
        read_trace(broken, source_format=str(mapping))
    ends = [start + life for start, life in lives(read_trace(path, source_format=str(mapping)))]
    assert ends == [at(f"{one}+00:00") for one in ("2027-12-31T23:59:59", "2028-01-01T00:00:01", "2028-02-29T12:00:00")]
    with pytest.raises(TraceError, match="one file at a time"):
        read_trace([path, log(tmp_path / "u.csv", "ended;s", "Dec 31 23:59:59;1")], source_format=str(mapping))


@pytest.mark.parametrize(
    ("change", "message"),
    [("", "holds no year"), ('time = "sec"', "is none of s, ms, us"), ("year = 2026", "hold their year")],
)
def test_a_form_without_a_year_asks_for_it(tmp_path: Path, change: str, message: str) -> None:
    text = MAPPING if not change else MAPPING.replace('time = "%b %d %H:%M:%S"', change)
    with pytest.raises(ConfigError, match=rf"m\.toml: units: (time|year): .*{message}"):
        read_trace(LINES / "nginx_lab.log", source_format=str(log(tmp_path / "m.toml", text)))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"])
@given(minutes=st.lists(st.integers(0, 3 * 1440), min_size=1, max_size=30), autumn=st.booleans())
def test_any_log_in_order_becomes_the_instants_it_was_written_at(zone: str, minutes: list[int], autumn: bool) -> None:
    """Lines at least every half an hour leave no doubt; an independent clock wrote them."""
    place = ZoneInfo(zone)
    months = {"America/New_York": (11, 3), "Australia/Lord_Howe": (4, 10)}.get(zone, (10, 3))
    begin = datetime(2026, months[0] if autumn else months[1], 1, tzinfo=UTC)
    begin = next(
        (day for n in range(31) if (day := begin + timedelta(days=n)).astimezone(place).utcoffset()
         != (day + timedelta(days=1)).astimezone(place).utcoffset()), begin,
    ) - timedelta(days=1)  # fmt: skip
    moments = sorted({begin + timedelta(minutes=one) for one in [*minutes, *range(0, 3 * 1440, 10)]})
    walls = [moment.astimezone(place).replace(tzinfo=UTC) for moment in moments]
    wall_ms, true_ms = (np.array([int(one.timestamp() * 1000) for one in ones]) for ones in (walls, moments))
    nothing = np.zeros_like(wall_ms)
    decided = decide(nothing, wall_ms, nothing, zone, None)
    assert decided.known.all()
    assert decided.in_order
    assert decided.at_ms.tolist() == true_ms.tolist()


def test_a_zone_without_summer_time_never_changes() -> None:
    assert changes("Asia/Shanghai", at("2026-01-01T00:00+00:00"), at("2027-01-01T00:00+00:00")) == []
    (spring, autumn) = changes("Europe/Berlin", at("2026-01-01T00:00+00:00"), at("2026-12-31T00:00+00:00"))
    assert (spring.at_ms, autumn.at_ms) == (at("2026-03-29T01:00+00:00"), at("2026-10-25T01:00+00:00"))
