"""The scenario file: who comes when, how long they stay and what they send; unknown keys refused."""

from __future__ import annotations

from datetime import datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from pydantic import BeforeValidator, ConfigDict, Field, SkipValidation, field_validator, model_validator

from scfcost.core.errors import ConfigError
from scfcost.core.files import text_of
from scfcost.core.tables import Strict, parse_model
from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR, read_ratio
from scfcost.workload.distributions import Distribution, Unit, constant, read_distribution
from scfcost.workload.quantities import read_bytes, read_duration_ms, read_number, written_duration

Duration = Annotated[float, BeforeValidator(read_duration_ms)]
"""A time such as "5m". [ms]"""
Share = Annotated[Fraction, BeforeValidator(lambda value: _share(value))]
"""A part of a whole, such as 0.25 or "25%"."""
Times = Annotated[Distribution, SkipValidation, BeforeValidator(lambda value: _in(value, read_duration_ms))]
"""A distribution of times. [ms]"""
Sizes = Annotated[Distribution, SkipValidation, BeforeValidator(lambda value: _in(value, read_bytes))]
"""A distribution of sizes. [B]"""
Numbers = Annotated[Distribution, SkipValidation, BeforeValidator(lambda value: _in(value, read_number))]
"""A distribution of plain numbers. [1]"""
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
DEFAULT_ZONE = "Asia/Shanghai"
"""Zone of a scenario that names none: that of the default price book."""
LEAST_PACE = 0.001
"""The quickest pace: nobody talks a thousand times as much as others. [1]"""
_HOURS, _DAYS = 24, 7
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEVER = constant(float("inf"))
"""Length of sessions that do not end of themselves."""


def _in(value: Any, unit: Unit) -> Distribution:
    """Read a distribution, or take one that is read already."""
    return value if hasattr(value, "draw") else read_distribution(value, unit)


def _share(value: object) -> Fraction:
    share = read_ratio(value)
    if share > 1:
        raise ValueError(f'{value!r} is more than the whole; give a part such as 0.25 or "25%"')
    return share


class _Table(Strict):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class FlashCrowd(_Table):
    """Sessions that come all at once: once, or every day."""

    at: datetime | time
    """When it begins, on the clock of the scenario: a moment such as 2026-01-07T20:00, or 20:00 for every day."""
    sessions: Positive
    """How many come, on average. [1]"""
    over: Duration = 600_000.0
    """How long they take to come. [ms]"""

    @field_validator("over")
    @classmethod
    def _takes_time(cls, over: float) -> float:
        if over <= 0:
            raise ValueError("a crowd takes some time to come, such as 10m")
        return over


class Arrivals(_Table):
    """How often sessions begin: a rate, users who come by chance or are back after a while, or exactly so many."""

    per_hour: Positive | None = None
    """Sessions an hour, on average over a week. [1/h]"""
    per_day: Positive | None = None
    """Sessions a day, on average over a week. [1/d]"""
    users: Positive | None = None
    """Users, each of whom comes `visits_per_day` times, or is `away` between two visits. [1]"""
    visits_per_day: Positive | None = None
    """How often a user comes, independently of the visits before. [1/d]"""
    away: Times | None = None
    """How long a user is away between two visits: a closed population. [ms]"""
    always: Annotated[int, Field(ge=1)] | None = None
    """Exactly so many connections that are there all the time, and never leave of themselves. [1]"""
    daily: Annotated[int, Field(ge=1)] | None = None
    """Exactly so many sessions every working day, which begin `at` a time. [1]"""
    at: time | None = None
    """When those of a day begin to come, on the clock of the scenario; 0:00 unless said otherwise."""
    over: Duration | None = None
    """How long those of a day take to come, evenly; 0 unless said otherwise: all at once. [ms]"""
    working_days: tuple[str, ...] = WEEKDAYS
    """The days on which those come: names of weekdays; all seven unless said otherwise."""
    hour_of_day: tuple[float, ...] = (1.0,) * _HOURS
    """Weight of each clock hour, from 0:00 on."""
    day_of_week: tuple[float, ...] = (1.0,) * _DAYS
    """Weight of each day, from Monday on."""
    flash_crowds: tuple[FlashCrowd, ...] = ()

    @field_validator("hour_of_day", "day_of_week")
    @classmethod
    def _weights(cls, weights: tuple[float, ...], info: Any) -> tuple[float, ...]:
        wanted = _HOURS if info.field_name == "hour_of_day" else _DAYS
        if len(weights) != wanted or min(weights) < 0 or not 0 < sum(weights) < float("inf"):
            raise ValueError(f"expected {wanted} weights of 0 or more, not all 0; found {len(weights)}")
        return weights

    @field_validator("working_days", mode="before")
    @classmethod
    def _named_days(cls, days: Any) -> Any:
        if isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= _DAYS:
            return WEEKDAYS[:days]  # so many from Monday on
        named = [str(one).lower() for one in days] if isinstance(days, list | tuple) else []
        found = tuple(day for one in named for day in WEEKDAYS if len(one) > 1 and day.startswith(one))
        if not named or len(set(found)) != len(named):
            raise ValueError(f'expected weekdays such as ["mon", "tue"], or how many from Monday on; found {days!r}')
        return found

    @model_validator(mode="after")
    def _one_rate(self) -> Arrivals:
        if sum(one is not None for one in (self.per_hour, self.per_day, self.users, self.always, self.daily)) != 1:
            raise ValueError("give one of per_hour, per_day, users, always and daily")
        self._refuse_what_says_nothing()
        ways = sum(one is not None for one in (self.visits_per_day, self.away))
        if ways != (self.users is not None):
            raise ValueError("users come with one of visits_per_day and away, and these with users alone")
        if self.away is not None and not 0 < self.away.mean() < float("inf"):
            raise ValueError("away: the mean time away is not more than 0 and finite")
        if self.away is not None and self.flash_crowds:
            raise ValueError("flash_crowds: a closed population has none; give a rate")
        return self

    def _refuse_what_says_nothing(self) -> None:
        said = self.model_fields_set
        of_a_day = [name for name in ("at", "over", "working_days") if name in said]
        if self.daily is None and of_a_day:
            raise ValueError(f"{of_a_day[0]}: only `daily` sessions begin at a time of working days")
        if self.daily is not None and (self.over or 0) > MS_PER_DAY:
            raise ValueError("over: those of a day come within a day")
        of_a_rate = [name for name in ("hour_of_day", "day_of_week", "flash_crowds") if name in said]
        if (self.daily or self.always) and of_a_rate:
            word = "daily" if self.daily else "always"
            raise ValueError(f"{of_a_rate[0]}: exactly so many come, with `{word}`; a rate has weights and crowds")

    @property
    def people(self) -> float | None:
        """Users, those of every day, or those who are always there; None where a rate of sessions is said. [1]"""
        return next((one for one in (self.users, self.always, self.daily) if one is not None), None)

    @property
    def is_closed(self) -> bool:
        """Whether the same users come again and again."""
        return self.away is not None

    @property
    def rate_per_ms(self) -> float:
        """Sessions a ms on average over a week, crowds left out; not of a closed population. [1/ms]"""
        if self.per_hour is not None:
            return self.per_hour / MS_PER_HOUR
        return (self.per_day or (self.users or 0) * (self.visits_per_day or 0)) / MS_PER_DAY


class Close(_Table):
    """A way in which sessions end."""

    code: int = Field(1000, ge=1000, le=4999)
    """RFC 6455 close code."""
    by: Literal["client", "server"] = "client"
    share: Share = Fraction(1)


class Session(_Table):
    """How a connection lives."""

    length: Times = NEVER
    """From connect to close; those who are `always` there have none. [ms]"""
    lost: Share = Fraction(0)
    """Part of the clients that vanish at the end without a close: silent from then on, and never back."""
    closes: tuple[Close, ...] = (Close(code=1000),)
    pace: Numbers | None = None
    """What multiplies all gaps of a session: some people talk less than others; taken as LEAST_PACE at least. [1]"""

    @field_validator("closes")
    @classmethod
    def _whole(cls, closes: tuple[Close, ...]) -> tuple[Close, ...]:
        if sum(one.share for one in closes) != 1:
            raise ValueError(f"the shares add up to {float(sum(one.share for one in closes)):g}, not to 1")
        return closes

    @model_validator(mode="after")
    def _finite(self) -> Session:
        if self.length != NEVER and not 0 < self.length.mean() < float("inf"):
            raise ValueError("length: the mean length is not more than 0 and finite; at_most bounds a heavy tail")
        if self.pace is not None and not self.pace.mean() > 0:
            raise ValueError("pace: the mean pace is not more than 0")
        return self


class Answer(_Table):
    """What the other side sends back for each message."""

    after: Times = constant(0.0)
    """From the message to the first part of the answer. [ms]"""
    count: Numbers = constant(1.0)
    """Messages of an answer, rounded to whole ones. [1]"""
    gap: Times = constant(0.0)
    """Between them. [ms]"""
    bytes: Sizes


class Stream(_Table):
    """Messages of one kind in a session."""

    name: str
    direction: Literal["up", "down"] = "up"
    gap: Times
    """From each message to the next, and from the connect to the first unless `first` says otherwise. [ms]"""
    first: Times | None = None
    """From the connect to the first message. [ms]"""
    bytes: Sizes
    share: Share = Fraction(1)
    """Part of the sessions that have this stream."""
    fan_out: bool = False
    """Whether each message goes down to everyone else who is in the room."""
    kind: Literal["data", "ping"] = "data"
    answer: Answer | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Stream:
        if self.fan_out and (self.direction == "down" or self.kind == "ping"):
            raise ValueError("fan_out: only data messages from a client go on to its room")
        if not 0 < self.gap.mean() < float("inf"):
            raise ValueError("gap: the mean gap is not more than 0 and finite; at_most bounds a heavy tail")
        return self


class Heartbeat(_Table):
    """A sign of life that every client sends."""

    every: Duration
    """Its period. [ms]"""
    bytes: Sizes = constant(0.0)
    """Of the heartbeat and of its answer. [B]"""
    kind: Literal["data", "ping"] = "ping"
    """A frame of the protocol, which does not count as activity, or a message, which does."""

    def stream(self) -> Stream:
        """Return the heartbeat as a stream."""
        if self.every <= 0:
            raise ConfigError("heartbeat.every: expected a period of more than 0, such as 30s")
        parts = {"gap": self.every / 1_000, "kind": self.kind, "bytes": 0, "answer": {"bytes": 0}}
        made = Stream.model_validate({"name": "heartbeat", **parts})
        answer = made.answer and made.answer.model_copy(update={"bytes": self.bytes})
        return made.model_copy(update={"bytes": self.bytes, "answer": answer})


class Rooms(_Table):
    """Rooms that sessions are spread over evenly; what a client says reaches its own."""

    count: Annotated[int, Field(ge=1)] | None = None
    """How many there are. [1]"""
    members: Positive | None = None
    """How many are in one at a time, on average. [1]"""

    @model_validator(mode="after")
    def _one_size(self) -> Rooms:
        if (self.count is None) == (self.members is None):
            raise ValueError("give one of count and members")
        return self


def _check_gap(stream: Stream, session: Session) -> None:
    """Refuse gaps that leave hardly any session a message, unless it is said when the first one comes."""
    gap_ms = float(stream.gap.quantiles(np.array([0.5]))[0])
    length_ms = float(session.length.quantiles(np.array([0.9]))[0])
    if stream.first is None and gap_ms > length_ms:
        raise ValueError(
            f"stream {stream.name!r}: its median gap of {written_duration(gap_ms)} is longer than nine in ten sessions "
            f"({written_duration(length_ms)}), so hardly any has a message: shorten it, or give the stream a share"
        )


class Scenario(_Table):
    """An idea of the traffic."""

    name: str
    description: str = ""
    function: str = "default"
    """The function that serves it."""
    start: datetime = datetime(2026, 1, 5)  # noqa: DTZ001 - on the clock of time_zone
    """When it begins, on the clock of `time_zone`; the default is a Monday."""
    time_zone: str = DEFAULT_ZONE
    arrivals: Arrivals
    session: Session = Session()
    streams: tuple[Stream, ...] = ()
    heartbeat: Heartbeat | None = None
    rooms: Rooms | None = None

    @field_validator("start")
    @classmethod
    def _on_its_clock(cls, start: datetime) -> datetime:
        if start.tzinfo is not None:
            raise ValueError("expected a moment without an offset, such as 2026-01-05T00:00; time_zone says where")
        return start

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{name!r} is not known; expected a zone such as Asia/Shanghai") from None
        return name

    @model_validator(mode="after")
    def _sensible(self) -> Scenario:
        if (self.session.length == NEVER) != (self.arrivals.always is not None):
            if self.arrivals.always:
                raise ValueError("sessions that always are there stay: leave out session.length")
            raise ValueError("sessions that come leave: give session.length")
        if not self.streams and self.heartbeat is None:
            raise ValueError("no messages: give [[streams]] or a [heartbeat]")
        if self.rooms is None and any(one.fan_out for one in self.streams):
            raise ValueError("a stream fans out but there are no [rooms]")
        for one in self.streams:
            _check_gap(one, self.session)
        return self

    def all_streams(self) -> tuple[Stream, ...]:
        """Return every stream, the heartbeat's included."""
        return (*self.streams, *([self.heartbeat.stream()] if self.heartbeat else []))

    def start_ms(self) -> int:
        """Return when the scenario begins. [ms]"""
        return int(self.start.replace(tzinfo=ZoneInfo(self.time_zone)).timestamp() * 1_000)


def load_scenario(path: Path) -> Scenario:
    """Load and check a scenario file.

    Raises
    ------
    ConfigError
        If the file cannot be read or breaks the schema; the message names file, key and expected form.
    """
    return parse_scenario(text_of(path, ConfigError), str(path))


def parse_scenario(text: str, file: str) -> Scenario:
    """Check the text of a scenario file.

    Parameters
    ----------
    text : str
        The TOML.
    file : str
        What messages call it.

    Raises
    ------
    ConfigError
        If it breaks the schema.
    """
    return parse_model(Scenario, text, file, ConfigError, whole="scenario")
