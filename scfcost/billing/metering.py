"""Usage: integers a line item and clock hour. Adding two meterings is adding integers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from scfcost.config.function import FunctionConfig
from scfcost.core.money import round_ratio
from scfcost.lifecycle.provisioning import idle_times
from scfcost.lifecycle.records import Invocations, Packing
from scfcost.trace.model import Int64, Trace


@dataclass(frozen=True, slots=True)
class Usage:
    """What a bill is made of, in the smallest metered units.

    Every field is a sum over invocations, so the usage of a whole is the sum of the usages of its parts.
    """

    invocations: int = 0
    """Accepted invocations. [1]"""
    connection_ms: int = 0
    """Sum of the billed durations. [ms]"""
    billed_ms: int = 0
    """Busy time of the instances, overlapping time on one instance once. [ms]"""
    resource_mb_ms: int = 0
    """Memory × busy time. [MB·ms]"""
    egress_bytes: int = 0
    """Bytes of the delivered messages from the function to its clients. [B]"""
    web_calls: int = 0
    """Invocations on the meter of web functions. [1]"""
    event_calls: int = 0
    """Invocations on the meter of event functions. [1]"""
    response_bytes: int = 0
    """Part of the egress that web functions sent as responses. [B]"""
    provisioned_idle_mb_ms: int = 0
    """Memory × time of provisioned instances without work. [MB·ms]"""

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def project(self, numerator: int, denominator: int) -> Usage:
        """Multiply each quantity by a rational, rounded half-up to whole units."""
        return Usage(*(round_ratio(getattr(self, f.name), numerator, denominator) for f in fields(self)))


def round_up(duration_ms: Int64, granularity_ms: int) -> Int64:
    """Round durations up to whole multiples of a price book's granularity. [ms]"""
    return -(-duration_ms // granularity_ms) * granularity_ms


def measure(
    trace: Trace,
    invocations: Invocations,
    configs: Mapping[str, FunctionConfig],
    *,
    granularity_ms: int = 1,
    packing: Packing | None = None,
    time_zone: str = "UTC",
) -> dict[str, Usage]:
    """Sum the usage of each function.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        k invocations of that trace.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    granularity_ms : int
        A billed duration is rounded up to a multiple of this. [ms]
    packing : Packing, optional
        Where the invocations ran. Without it each is taken to have an instance of its own, as with one connection an
        instance.
    time_zone : str
        Zone whose clock a schedule of provisioned instances follows.

    Returns
    -------
    dict of str to Usage
        The usage of each function, in the order of the trace.
    """
    billed = round_up(invocations.duration_ms, granularity_ms)
    function = trace.function_code[invocations.session]
    usages = {}
    for code, name in enumerate(trace.functions):
        own = slice(None) if len(trace.functions) == 1 else function == code
        connection_ms = int(billed[own].sum())
        busy_ms = connection_ms if packing is None else int(packing.busy_ms[code])
        usage = usage_of(
            configs[name], len(billed[own]), connection_ms, busy_ms, int(invocations.egress_bytes[own].sum())
        )
        if packing is not None and configs[name].provisioned_schedule:
            idle_ms = int(idle_times(trace, invocations, packing, configs, code, time_zone)[1].sum())
            usage = replace(usage, provisioned_idle_mb_ms=configs[name].memory_mb * idle_ms)
        usages[name] = usage
    return usages


def usage_of_sums(config: FunctionConfig, sums: Mapping[str, int]) -> Usage:
    """Put the sums of one setting, each connection on an instance of its own, on the meters of the function's type."""
    life_ms = sums["connection_ms"]
    return usage_of(config, sums["invocations"], life_ms, life_ms, sums["egress_bytes"])


def usage_of(config: FunctionConfig, calls: int, connection_ms: int, busy_ms: int, egress_bytes: int) -> Usage:
    """Put sums over the invocations of one function on the meters of its type."""
    web = config.function_type != "event"
    return Usage(
        invocations=calls,
        connection_ms=connection_ms,
        billed_ms=busy_ms,
        resource_mb_ms=config.memory_mb * busy_ms,
        egress_bytes=egress_bytes,
        web_calls=calls if web else 0,
        event_calls=0 if web else calls,
        response_bytes=egress_bytes if web else 0,
    )


def total(usages: Mapping[str, Usage]) -> Usage:
    """Sum the usage of all functions."""
    return sum(usages.values(), Usage())


def check_sums(trace: Trace) -> bool:
    """Whether every sum over the trace fits a signed 64-bit integer with room to spare."""
    return _fits(trace.natural_ms()) and _fits(trace.message_bytes)


def _fits(values: Int64) -> bool:
    """Whether the positive values add up to less than 2^61, without a sum that might overflow."""
    if int(values.max(initial=0)) * len(values) < 2**61:
        return True
    return float(np.sum(np.maximum(values, 0), dtype=np.float64)) < 2**61
