"""Numbers that follow the clock, such as how many instances are provisioned: `4`, or `2, 10@mon-fri 09:00-18:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from scfcost.core.errors import ConfigError
from scfcost.core.units import MOST_OF_A_SETTING, MS_PER_SECOND

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ITEM = re.compile(
    r"(?P<number>\d+)(@\s*((?P<first>[a-z]{3})(-(?P<last>[a-z]{3}))?\s+)?(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d))?"
)
_FORM = "expected a number, or items such as 2, 10@09:00-18:00 or 10@mon-fri 09:00-18:00"


@dataclass(frozen=True, slots=True)
class Item:
    """A number, always or between two times of some days; an end at or before the start is on the next day."""

    number: int
    days: tuple[int, ...]
    """Days of the week on which it starts, Monday 0."""
    start: time | None
    """None: always."""
    end: time | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """At each instant the largest number of the items that hold then, 0 where none does."""

    items: tuple[Item, ...]

    def __bool__(self) -> bool:
        return any(item.number for item in self.items)

    def changes(self, start_ms: int, end_ms: int, time_zone: str) -> list[tuple[int, int]]:
        """Return the number at the start of a window and each change until its end, as (instant, number). [ms]

        Parameters
        ----------
        start_ms, end_ms : int
            The window. [ms]
        time_zone : str
            Zone of the clock that the schedule follows.

        Examples
        --------
        >>> parse_schedule("1, 3@08:00-09:00").changes(0, 86_400_000, "UTC")
        [(0, 1), (28800000, 3), (32400000, 1)]
        """
        spans = [span for item in self.items for span in _spans(item, start_ms, end_ms, ZoneInfo(time_zone))]
        edges = sorted({start_ms, *(edge for begin, end, _ in spans for edge in (begin, end))})
        found: list[tuple[int, int]] = []
        for edge in edges:
            number = max((n for begin, end, n in spans if begin <= edge < end), default=0)
            if start_ms <= edge <= end_ms and (not found or found[-1][1] != number):
                found.append((edge, number))
        return found if self else []


@cache
def parse_schedule(text: str) -> Schedule:
    """Read a schedule.

    Raises
    ------
    ConfigError
        If the text is no schedule; the message says what is expected.

    Examples
    --------
    >>> [item.number for item in parse_schedule("2, 10@mon-fri 09:00-18:00").items]
    [2, 10]
    """
    return Schedule(tuple(_item(part.strip().lower()) for part in text.split(",")))


def _item(text: str) -> Item:
    match = _ITEM.fullmatch(text)
    if match is None:
        raise ConfigError(f"{text!r} is no schedule; {_FORM}")
    number = int(match["number"][:20])
    if number > MOST_OF_A_SETTING:
        raise ConfigError(f"provisioned: {match['number'][:40]} is absurd; expected at most {MOST_OF_A_SETTING:,}")
    if match["start"] is None:
        return Item(number, tuple(range(7)), None, None)
    try:
        start, end = (time.fromisoformat(match[name].replace("24:00", "00:00")) for name in ("start", "end"))
        first = DAYS.index(match["first"]) if match["first"] else 0
        last = DAYS.index(match["last"]) if match["last"] else first if match["first"] else 6
    except ValueError:
        raise ConfigError(f"{text!r} is no schedule; {_FORM}") from None
    days = tuple((first + k) % 7 for k in range((last - first) % 7 + 1))
    return Item(number, days, start, end)


def _spans(item: Item, start_ms: int, end_ms: int, zone: ZoneInfo) -> list[tuple[int, int, int]]:
    """Return when an item holds around a window, as (from, to, number). [ms]"""
    if item.start is None or item.end is None:
        return [(start_ms, end_ms + 1, item.number)]
    first, last = (datetime.fromtimestamp(ms / MS_PER_SECOND, UTC).astimezone(zone).date() for ms in (start_ms, end_ms))
    spans = []
    for number in range((last - first).days + 2):
        day = first + timedelta(days=number - 1)
        if day.weekday() in item.days:
            overnight = timedelta(days=item.end <= item.start)
            spans.append((_ms(day, item.start, zone), _ms(day + overnight, item.end, zone), item.number))
    return spans


def _ms(day: date, clock: time, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, clock, zone).timestamp()) * MS_PER_SECOND
