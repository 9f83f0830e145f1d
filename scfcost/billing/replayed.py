"""A trace, replayed under the rules of a platform, and what is supposed of what it does not tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scfcost.billing.messages import Delivered, delivered
from scfcost.billing.unit_days import day_edges, units_by_day
from scfcost.catalog.lifecycle import Lifecycle
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError
from scfcost.lifecycle.records import Invocations, Packing
from scfcost.trace.model import UNKNOWN, Int64, Trace

PACKED, FEWEST, ALONE = "packed", "fewest", "alone"
"""How connections lie on instances: as the replay placed them, on as few as there can be, each on its own."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large one instance or object is."""

    memory_mb: int
    """[MB]"""
    vcpu: Fraction
    """[1]"""

    @classmethod
    def of(cls, lifecycle: Lifecycle, memory_mb: int) -> Size:
        """Return the size on a platform of an instance for which so much memory was asked. [MB]

        Parameters
        ----------
        lifecycle : Lifecycle
            What a platform says of its instances.
        memory_mb : int
            Memory that was asked for. [MB]
        """
        own = max(memory_mb, lifecycle.least_memory_mb) if lifecycle.memory_mb is None else lifecycle.memory_mb
        follows = lifecycle.vcpu_per_gb
        return cls(own, Fraction(lifecycle.vcpu) if follows is None else Fraction(follows) * own / 1024)


@dataclass(frozen=True, slots=True)
class Supposed:
    """What a trace does not tell and a bill hangs on."""

    handler_ms: int
    """How long a handler runs for a connect or a message. [ms]"""
    lie: str = PACKED
    """How connections lie on instances: `packed`, `fewest` or `alone`."""
    connections_per_room: int | None = None
    """Connections that share an object, None for all of them. [1]"""
    hibernates: bool = False
    """Whether objects sleep between events."""
    handler_cpu_ms: int = 0
    """How long a handler computes for a connect or a message. [ms]"""
    disputed: bool = False
    """Whether what a vendor does not say that it counts is counted."""


class OnInstances(Protocol):
    """What is known of functions and their instances on a platform, however a trace was replayed there."""

    @property
    def lifecycle(self) -> Lifecycle:
        """How connections live there."""

    @property
    def configs(self) -> Mapping[str, FunctionConfig]:
        """The settings of each function, in the order of the trace."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """How large an instance of each function is."""

    @property
    def names_rooms(self) -> bool:
        """Whether every connection names its room."""

    @property
    def has_rooms(self) -> bool:
        """Whether any connection names its room."""


def names_rooms(trace: Trace) -> bool:
    """Whether every connection of a trace names its room."""
    return trace.room is not None and bool((trace.room != UNKNOWN).all())


def largest(found: OnInstances) -> Size:
    """Return the size of an instance: that of the largest function."""
    return max(found.sizes, key=lambda one: one.memory_mb)


@dataclass(frozen=True, eq=False)
class Replayed:
    """A trace, replayed under the rules of a platform."""

    trace: Trace
    """n connections."""
    invocations: Invocations
    """k invocations of that trace."""
    configs: Mapping[str, FunctionConfig]
    """The settings of each function under which it was replayed."""
    packing: Packing | None
    """Where they ran, None where no instance holds connections."""
    lifecycle: Lifecycle
    time_zone: str = "UTC"
    """Zone whose clock a schedule of minimum instances follows."""
    like: Replayed | None = None
    """A replay of the same trace with the same invocations and heartbeats, whose messages are these, too."""
    known: dict[tuple[str | int | None, ...], int] = field(default_factory=dict)
    """What was counted already: units of messages by their size, and how long objects run by what is supposed."""

    @cached_property
    def up(self) -> Delivered:
        """Delivered messages from clients."""
        return delivered(self.trace, self.invocations, self.configs, "up") if self.like is None else self.like.up

    @cached_property
    def down(self) -> Delivered:
        """Delivered messages to clients."""
        return delivered(self.trace, self.invocations, self.configs, "down") if self.like is None else self.like.down

    @cached_property
    def edges(self) -> Int64:
        """Where each day of UTC begins, and where the window ends. Shape (d + 1,). [ms]"""
        return day_edges(self.trace.start_ms, self.trace.end_ms)

    @cached_property
    def units_by_day(self) -> list[int]:
        """Units of each day. [1]"""
        if self.lifecycle.units is None:
            raise CatalogError(f"{self.lifecycle.title}: units are measured, and [lifecycle.units] does not state them")
        return units_by_day(self.lifecycle.units, self.invocations.start_ms, self.invocations.end_ms, self.edges)

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """How large an instance of each function is."""
        return tuple(Size.of(self.lifecycle, self.configs[name].memory_mb) for name in self.trace.functions)

    @property
    def names_rooms(self) -> bool:
        """Whether every connection names its room."""
        return names_rooms(self.trace)

    @property
    def has_rooms(self) -> bool:
        """Whether any connection names its room."""
        return self.trace.room is not None

    def of_functions(self) -> Iterator[tuple[int, NDArray[np.bool_], FunctionConfig]]:
        """Yield the place of each function, which invocations are its own, and its settings."""
        function = self.trace.function_code[self.invocations.session]
        for code, name in enumerate(self.trace.functions):
            yield code, function == code, self.configs[name]
