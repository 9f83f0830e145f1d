"""Sessions and their instances replayed together, where one decides how the other goes on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.kernels.simulation import simulate_sessions
from scfcost.lifecycle.packing import load_fields, placement_settings
from scfcost.lifecycle.provisioning import changes
from scfcost.lifecycle.records import Invocations, Packing, Refusals
from scfcost.lifecycle.replay import kernel_config, message_columns, outcomes_of_natural_ends, session_columns
from scfcost.trace.model import Int64, Trace


def simulate(
    trace: Trace,
    configs: Mapping[str, FunctionConfig],
    *,
    granularity_ms: int = 1,
    quota_mb: int | None = None,
    burst_per_minute: int | None = None,
    time_zone: str = "UTC",
    seed: int = 0,
) -> tuple[Invocations, Packing, Refusals]:
    """Replay every session together with the instances that serve them, event by event.

    What is refused goes away: it is neither billed nor an invocation. Under a reconnect policy its client tries again
    after the reconnect delay, `max_retries` times in a row, and gives up then; meanwhile messages wait or are missed
    as in any absence of an `immediate` client.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    granularity_ms : int
        A busy interval is rounded up to a multiple of this. [ms]
    quota_mb, burst_per_minute : int, optional
        Limits beyond which a connection is refused; without them none is. [MB], [1/min]
    time_zone : str
        Zone whose clock a schedule of provisioned instances follows.
    seed : int
        Seed of the initialisations drawn.

    Returns
    -------
    invocations : Invocations
        What was accepted; a start waits for the initialisation of its instance, unless that is billed.
    packing : Packing
        Where they ran.
    refusals : Refusals
        What was not accepted.
    """
    rows, refused, given_up, tally, busy_ms, cold, peaks = simulate_sessions(
        session_columns(trace),
        message_columns(trace),
        np.array([kernel_config(configs[name]) for name in trace.functions], dtype=np.int64),
        np.array([_settings(configs[name]) for name in trace.functions], dtype=np.int64),
        time_order(trace.connect_ms),
        outcomes_of_natural_ends(trace, configs),
        _init_table(trace, configs),
        seed,
        changes(trace, configs, time_zone),
        -1 if quota_mb is None else quota_mb,
        -1 if burst_per_minute is None else burst_per_minute,
        granularity_ms,
    )
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    session, number, start, end, outcome, egress, harmful, last_data, first, after, instance, was_cold = (
        np.ascontiguousarray(column) for column in rows.T
    )
    invocations = Invocations(
        session, number, start, end, outcome.astype(np.int16), egress, harmful.astype(np.bool_), last_data, first,
        after, tally,
    )  # fmt: skip
    packing = Packing(
        instance=instance,
        cold_start=was_cold.astype(np.bool_),
        refused=np.zeros(len(rows), np.int16),
        **load_fields(busy_ms, cold, peaks),
    )
    session, time_ms, code, attempt = (np.ascontiguousarray(column) for column in refused.T)
    return invocations, packing, Refusals(session, time_ms, code.astype(np.int16), attempt, given_up.astype(np.bool_))


def _settings(config: FunctionConfig) -> list[int]:
    """Return the settings that the kernel reads, in their order."""
    return [
        *placement_settings(config),
        config.init_timeout_ms,
        int(config.bill_init),
        int(config.recycle_on_error),
        config.max_retries,
    ]


def _init_table(trace: Trace, configs: Mapping[str, FunctionConfig]) -> Int64:
    """Return equally likely initialisations, a row a function, each repeated to one length. Shape (functions, q)."""
    values = [configs[name].init_values_ms for name in trace.functions]
    length = int(np.lcm.reduce([len(one) for one in values]))
    return np.array([np.repeat(one, length // len(one)) for one in values], dtype=np.int64)
