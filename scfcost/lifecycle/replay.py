"""Sessions into invocations under one setting a function: the rules of timeouts, closes and reconnects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, nearest
from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.kernels import columns as named
from scfcost.lifecycle.kernels import replay as kernel
from scfcost.lifecycle.outcomes import natural_outcomes
from scfcost.lifecycle.records import SUMMED, Invocations, Sums, _empty_columns
from scfcost.lifecycle.threads import run_parts
from scfcost.trace.model import Int64, Trace

POLICY_CODE = {"none": named.NONE, "on-demand": named.ON_DEMAND, "immediate": named.IMMEDIATE}
"""Reconnect policies by name, as the kernels know them."""
MOST_INVOCATIONS = 200_000_000
"""Invocations that are kept at once; a life of centuries, cut every few seconds, would fill any memory. [1]"""


def kernel_config(config: FunctionConfig) -> list[int]:
    """Return the settings that the kernels read, a row as `columns` names it, times in ms."""
    uses_idle = config.function_type == "web-ws"
    row = {
        named.IDLE_MS: config.idle_timeout_ms if uses_idle else FOREVER_MS,
        named.EXEC_MS: config.exec_timeout_ms,
        named.PING_RESETS: int(config.ping_resets_idle),
        named.BEAT_MS: config.heartbeat_ms,
        named.POLICY: policy_code(config),
        named.DELAY_MS: config.reconnect_delay_ms,
        named.BUFFER_PUSHES: int(config.buffer_pushes),
        named.BEAT_DOWN_BYTES: config.heartbeat_down_bytes,
    }
    return [row[column] for column in sorted(row)]


def policy_code(config: FunctionConfig) -> int:
    """Return the reconnect policy of a function as the kernels know it.

    Raises
    ------
    ConfigError
        If there is no such policy: none is taken for another.
    """
    policy = config.reconnect_policy
    if policy not in POLICY_CODE:
        raise ConfigError(f"reconnect: {policy!r} is not known; {nearest(policy, POLICY_CODE)}")
    return POLICY_CODE[policy]


def session_columns(trace: Trace) -> tuple[NDArray[np.int64], ...]:
    """Return the columns of the sessions that the kernels read, in their order."""
    accrues = trace.total_bytes_out is not None
    return (
        trace.connect_ms,
        trace.natural_end_ms(),
        trace.connect_ms if trace.active_until_ms is None else trace.active_until_ms,
        trace.client_lost_ms,
        trace.total_bytes_out if accrues else np.zeros(trace.connections, dtype=np.int64),  # type: ignore[return-value]
        trace.function_code,
    )


def message_columns(trace: Trace) -> tuple[NDArray[np.int64], ...]:
    """Return the columns of the messages that the kernels read, in their order."""
    return trace.offsets, trace.message_ms, trace.message_bytes, trace.message_flags  # type: ignore[return-value]


def replay(trace: Trace, configs: Mapping[str, FunctionConfig]) -> Invocations:
    """Replay every session of a trace under the settings of its function.

    Parameters
    ----------
    trace : Trace
        n connections. One without message rows is replayed under the assumption it carries, see `trace.assume`.
    configs : mapping of str to FunctionConfig
        The settings of each function of the trace.

    Returns
    -------
    Invocations
        Their start, end, outcome and egress, at least one a session.

    Raises
    ------
    ConfigError
        If there are more than `MOST_INVOCATIONS`.
    """
    table = np.array([kernel_config(configs[name]) for name in trace.functions], dtype=np.int64)
    sessions, messages = session_columns(trace), message_columns(trace)
    counts = np.ones(trace.connections, dtype=np.int64)
    if any(config.reconnect_policy != "none" for config in configs.values()):
        counts[:] = 0
        run_parts(
            trace,
            lambda begin, end: kernel.count_sessions(
                sessions, messages, table, begin, end, counts, np.zeros(3, np.int64)
            ),
        )
    first_row, rows = np.cumsum(counts) - counts, int(counts.sum())
    if rows > MOST_INVOCATIONS:
        raise ConfigError(
            f"{trace.connections:,} sessions become {rows:,} invocations, as their clients come back after each cut; "
            f"at most {MOST_INVOCATIONS:,} are kept: check the close times and the timeouts, or give a smaller window"
        )
    columns = _empty_columns(rows)
    natural = outcomes_of_natural_ends(trace, configs)

    def replay_part(begin: int, end: int) -> Int64:
        tally = np.zeros((len(trace.functions), 3), dtype=np.int64)
        kernel.replay_sessions(sessions, messages, table, begin, end, first_row, natural, columns, tally)
        return tally

    tally = sum(run_parts(trace, replay_part), start=np.zeros((len(trace.functions), 3), dtype=np.int64))
    return Invocations(*columns, *[tally])


def replay_sums(trace: Trace, config: FunctionConfig) -> Sums[int]:
    """Replay every session under one setting and keep only the sums.

    Parameters
    ----------
    trace : Trace
        n connections of functions that all have this setting.
    config : FunctionConfig
        The setting.

    Returns
    -------
    Sums of int
        Over all invocations.
    """
    return replay_sums_of(trace, [config])[0]


def replay_sums_of(trace: Trace, configs: Sequence[FunctionConfig]) -> list[Sums[int]]:
    """Replay every session under each of some settings, in one walk, and keep only the sums.

    Parameters
    ----------
    trace : Trace
        n connections of functions that all have these settings.
    configs : sequence of FunctionConfig
        The settings.

    Returns
    -------
    list of Sums of int
        Over all invocations, a setting each.
    """
    settings = np.array([kernel_config(config) for config in configs], dtype=np.int64)
    sessions, messages = session_columns(trace), message_columns(trace)

    def sum_part(begin: int, end: int) -> Int64:
        sums: Int64 = np.zeros((len(settings), len(SUMMED)), np.int64)
        kernel.sum_settings(sessions, messages, settings, begin, end, sums)
        return sums

    whole = sum(run_parts(trace, sum_part), start=np.zeros((len(settings), len(SUMMED)), np.int64))
    return [Sums(*own) for own in whole.tolist()]


def sums_of_sessions(trace: Trace, configs: Mapping[str, FunctionConfig]) -> Sums[Int64]:
    """Replay every session and keep the sums of each.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function.

    Returns
    -------
    Sums of ndarray of int64, shape (n,)
        Over the invocations of each session.
    """
    table = np.zeros((trace.connections, len(SUMMED)), dtype=np.int64)
    settings = np.array([kernel_config(configs[name]) for name in trace.functions], dtype=np.int64)
    sessions, messages = session_columns(trace), message_columns(trace)
    run_parts(trace, lambda begin, end: kernel.sum_each_session(sessions, messages, settings, begin, end, table))
    return Sums(*(np.ascontiguousarray(column) for column in table.T))


def outcomes_of_natural_ends(trace: Trace, configs: Mapping[str, FunctionConfig]) -> NDArray[np.int16]:
    """Return the outcome of each session's natural end, by the close-code rule of its function.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    """
    rules = [configs[name].empty_close_is_normal for name in trace.functions]
    natural = natural_outcomes(trace, empty_close_is_normal=rules[0])
    if len(set(rules)) == 1:
        return natural
    other = natural_outcomes(trace, empty_close_is_normal=not rules[0])
    return np.where(np.array(rules)[trace.function_code] == rules[0], natural, other)
