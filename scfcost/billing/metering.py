"""Invocations into usage. Adding two meterings is adding integers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scfcost.billing.meters import Measured, Usage, usage_from
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.provisioning import idle_times
from scfcost.lifecycle.records import Invocations, Packing, Sums
from scfcost.trace.model import Int64, Trace


def round_up(duration_ms: Int64, granularity_ms: int) -> Int64:
    """Round durations up to whole multiples of a price book's granularity. [ms]

    Parameters
    ----------
    duration_ms : ndarray of int64, shape (n,)
        Durations. [ms]
    granularity_ms : int
        What is billed in whole multiples of. [ms]
    """
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
        idle_ms = 0
        if packing is not None and configs[name].provisioned_schedule:
            idle_ms = int(idle_times(trace, invocations, packing, configs, code, time_zone)[1].sum())
        sent = int(invocations.egress_bytes[own].sum())
        usages[name] = usage_from(Measured(configs[name], len(billed[own]), connection_ms, busy_ms, sent, idle_ms))
    return usages


def usage_of_sums(config: FunctionConfig, sums: Sums[int]) -> Usage:
    """Put the sums of one setting, each connection on an instance of its own, on every meter.

    Parameters
    ----------
    config : FunctionConfig
        The setting.
    sums : Sums[int]
        Sums over its invocations.
    """
    life_ms = sums.connection_ms
    return usage_from(Measured(config, sums.invocations, life_ms, life_ms, sums.egress_bytes))


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
