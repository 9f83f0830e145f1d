"""What a price book tells of a platform beside its prices: how long connections live there, and what its meters count.

Closed vocabularies, so that a platform of one's own is one file: the replay reads `[lifecycle]`, and each meter that
is measured names what it counts of a trace.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from scfcost.core.tables import Exact, Strict

Count = Literal[
    "connects",
    "connection_time",
    "messages",
    "invocations",
    "handler",
    "handler_cpu",
    "busy",
    "idle",
    "kept",
    "awake",
    "egress",
    "unit_time",
    "messages_beyond",
    "month",
]
"""connects: accepted connections; connection_time: begun steps of each life; messages: delivered messages in units;
invocations: connects, closes and messages up; handler: ms of handlers; handler_cpu: ms that they compute; busy: ms of
instances that hold a connection; idle: ms of minimum instances that hold none; kept: ms of instances that are kept
after their last connection; awake: ms of objects that run; egress: bytes of delivered pushes; unit_time: ms of units,
as many a day of UTC as carry its most connections; messages_beyond: delivered pushes of a day beyond those that its
units carry, times the ms of a day; month: 1."""


class Measure(Strict):
    """One thing that a meter counts of a trace, and its weight in what the meter counts."""

    what: Count
    direction: Literal["up", "down", "both"] = "both"
    """Which messages are counted."""
    per_bytes: int | None = Field(None, ge=1)
    """A message is one unit a begun size; every message is one unit where there is none. [B]"""
    in_total: bool = False
    """Whether the bytes of a day are summed before they are counted in units, in place of those of each message."""
    only_most: bool = False
    """Whether the vendor does not say that it is counted: it is in the most a month may cost, and nowhere else."""
    step_ms: int = Field(1, ge=1)
    """Each life is rounded up to a multiple of this, and counted in it. [ms]"""
    times: Literal["", "memory_mb", "vcpu"] = ""
    """What each ms is multiplied by: the memory of an instance, or its vCPUs."""
    weight: str = "1"
    """How much of what the meter counts one is: a number, or a ratio such as 1/20."""

    @field_validator("weight")
    @classmethod
    def _ratio(cls, value: str) -> str:
        try:
            weight = Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"{value!r} is no number or ratio such as 1/20") from None
        if weight <= 0:
            raise ValueError(f"{value} is not more than 0")
        return value

    @property
    def ratio(self) -> Fraction:
        """The weight as a rational. [1]"""
        return Fraction(self.weight)


class Units(Strict):
    """Units that connections are carried by, rented by the day."""

    carries: int = Field(ge=1)
    """Connections of a unit. [1]"""
    messages_a_day: int = Field(ge=0)
    """Messages that a unit carries each day without further charge. [1]"""
    sizes: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    """How many units can be rented at once, ascending; beyond the last, several of the largest. [1]"""
    source: str
    """Page or document that this was read from."""
    checked_on: date
    """Date of the copy that was read."""

    @field_validator("sizes")
    @classmethod
    def _ascending(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if list(sizes) != sorted(set(sizes)):
            raise ValueError("sizes ascend, each once")
        return sizes

    def for_connections(self, connections: int) -> int:
        """Return how many units are rented for so many connections at once, at least the smallest size. [1]"""
        full, rest = divmod(-(-connections // self.carries), self.sizes[-1])
        if rest or not full:
            return full * self.sizes[-1] + next(size for size in self.sizes if size >= rest)
        return full * self.sizes[-1]


class Lifecycle(Strict):
    """How connections live on a platform."""

    title: str
    """What the platform is called in a table."""
    idle_timeout_s: int | None = Field(None, ge=1)
    """Longest silence of a connection; None where there is no limit. [s]"""
    max_life_s: int | None = Field(None, ge=1)
    """Longest life of a connection where nothing else is set; None where there is no limit. [s]"""
    idle_timeout_range_s: tuple[int, int] | None = None
    """Least and most that the idle timeout can be set to; None where it cannot be set. [s]"""
    max_life_range_s: tuple[int, int] | None = None
    """Least and most that the longest life can be set to; None where it cannot be set. [s]"""
    ping_resets_idle: bool = False
    """Whether pings and pongs count as activity."""
    cut_code: int = Field(1006, ge=1000, le=4999)
    """Code that a client sees at a cut."""
    held: int | None = Field(None, ge=1)
    """Connections an instance where the user says nothing; None where no instance holds them. [1]"""
    most_held: int = Field(1, ge=1, le=1_000)
    """Most connections an instance can be set to hold. [1]"""
    least_memory_mb: int = Field(1, ge=1)
    """Least memory of an instance. [MB]"""
    memory_mb: int | None = Field(None, ge=1)
    """Memory of an instance where it cannot be set. [MB]"""
    vcpu: Exact = Decimal(1)
    """vCPUs of an instance. [1]"""
    vcpu_per_gb: Exact | None = None
    """vCPUs for each GB of memory, where they follow it. [1]"""
    busy_step_ms: int = Field(1, ge=1)
    """A busy interval of an instance is rounded up to a multiple of this. [ms]"""
    kept_s: int = Field(0, ge=0)
    """How long an instance is kept after its last connection. [s]"""
    min_instances: bool = False
    """Whether instances can be kept ready, as many as `--provisioned` says."""
    timeouts: Literal["platform", "function"] = "platform"
    """Whose settings say how long connections live: what stands here, or those of each function."""
    group: Literal["none", "room"] = "none"
    """What a connection is pinned to."""
    hibernates: Literal["never", "optional"] = "never"
    """Whether an object can sleep while its connections stay open."""
    units: Units | None = None
    """Units that are rented for connections, None where there are none."""
    behind: tuple[str, ...] = ()
    """Books of the services that a connection needs beside this one."""
    source: str
    """Page or document that this was read from."""
    checked_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    """Date of the copy that was read."""
    notes: tuple[str, ...] = ()
    """What a reader of its row has to know."""

    @field_validator("idle_timeout_range_s", "max_life_range_s")
    @classmethod
    def _from_least_to_most(cls, ends: tuple[int, int] | None) -> tuple[int, int] | None:
        if ends is not None and not 1 <= ends[0] <= ends[1]:
            raise ValueError("a range is its least and its most, of 1 s or more")
        return ends

    @model_validator(mode="after")
    def _holds_no_more_than_it_can(self) -> Lifecycle:
        if self.held is not None and self.held > self.most_held:
            raise ValueError(f"held {self.held} is more than most_held {self.most_held}")
        return self

    def variants(self) -> list[bool]:
        """Return whether objects hibernate, once for each row that the platform has in a table."""
        return [True, False] if self.hibernates == "optional" else [False]
