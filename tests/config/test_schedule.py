"""Numbers that follow the clock."""

from __future__ import annotations

import pytest

from scfcost.config.schedule import parse_schedule
from scfcost.core.errors import ConfigError

DAY = 86_400_000
HOUR = 3_600_000
MONDAY = 4 * DAY  # 1970-01-05


def test_a_plain_number_holds_always() -> None:
    assert parse_schedule("4").changes(5, 10, "UTC") == [(5, 4)]
    assert parse_schedule("0").changes(5, 10, "UTC") == []


def test_the_largest_number_that_holds_counts() -> None:
    changes = parse_schedule("2, 10@09:00-18:00, 12@17:00-19:00").changes(MONDAY, MONDAY + DAY, "UTC")
    assert [((at - MONDAY) // HOUR, n) for at, n in changes] == [(0, 2), (9, 10), (17, 12), (19, 2)]


def test_times_are_of_the_zone() -> None:
    changes = parse_schedule("3@09:00-10:00").changes(MONDAY, MONDAY + DAY, "Asia/Shanghai")
    assert [((at - MONDAY) // HOUR, n) for at, n in changes] == [(0, 0), (1, 3), (2, 0)]


def test_days_of_the_week_and_nights_are_understood() -> None:
    changes = parse_schedule("5@fri-sat 22:00-02:00").changes(MONDAY, MONDAY + 7 * DAY, "UTC")
    hours = [((at - MONDAY) // HOUR, n) for at, n in changes]
    assert hours == [(0, 0), (4 * 24 + 22, 5), (5 * 24 + 2, 0), (5 * 24 + 22, 5), (6 * 24 + 2, 0)]


def test_a_window_that_begins_in_a_night_begins_with_its_number() -> None:
    assert parse_schedule("5@22:00-02:00").changes(MONDAY + HOUR, MONDAY + 3 * HOUR, "UTC")[0] == (MONDAY + HOUR, 5)


def test_a_day_of_23_hours_keeps_to_its_clock() -> None:
    start = 1_774_738_800_000  # 2026-03-29 00:00 in Berlin; 02:00 is skipped
    changes = parse_schedule("1@06:00-24:00").changes(start, start + DAY, "Europe/Berlin")
    assert [((at - start) // HOUR, n) for at, n in changes] == [(0, 0), (5, 1), (23, 0)]


@pytest.mark.parametrize("text", ["", "-1", "x", "4@9-18", "4@mon 25:00-26:00", "4@xyz 09:00-10:00", "4@mon-fri"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is no schedule; expected a number, or items such as"):
        parse_schedule(text)
