"""A whole grid of idle × execution timeouts in one pass over a trace, on every core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.config.function import FunctionConfig
from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.kernels import cells
from scfcost.lifecycle.kernels.columns import NONE, ON_DEMAND
from scfcost.lifecycle.kernels.sweep_immediate import sweep_immediate
from scfcost.lifecycle.kernels.sweep_none import sweep_none
from scfcost.lifecycle.kernels.sweep_on_demand import sweep_on_demand
from scfcost.lifecycle.records import Sums
from scfcost.lifecycle.replay import message_columns, policy_code, replay_sums, session_columns
from scfcost.lifecycle.threads import split
from scfcost.lifecycle.threads import workers as cores
from scfcost.trace.model import Int64, Trace

CELLS = {
    "invocations": cells.INVOCATIONS,
    "connection_ms": cells.MS,
    "egress_bytes": cells.EGRESS,
    "cut_harmful": cells.HARMFUL,
    "cut": cells.CUT,
    "cut_idle": cells.SLOPE,
    "messages_lost": cells.LOST,
    "messages_delayed": cells.DELAYED,
    "pushes_missed": cells.MISSED,
    "reconnects": cells.RECONNECTS,
}
"""What a grid sums in each cell, and its field in the kernel's tables."""
_PARTS_PER_WORKER = 8
"""Parts the sessions are split into for each worker, so that progress shows and none waits long. [1]"""


def can_sweep(trace: Trace, config: FunctionConfig) -> bool:
    """Whether a whole grid can be computed in one pass for these settings.

    Injected heartbeats restart with each invocation, and what instances decide depends on all connections together;
    with clients that reconnect, an assumed activity and an even flow of bytes do, too. Those settings are replayed one
    by one.

    Parameters
    ----------
    trace : Trace
        n connections.
    config : FunctionConfig
        The settings but for the two timeouts.
    """
    if config.heartbeat_ms or config.is_shared or config.is_coupled:
        return False
    return config.reconnect_policy == "none" or (trace.active_until_ms is None and trace.total_bytes_out is None)


def sweep_grid(
    trace: Trace,
    config: FunctionConfig,
    idle_ms: Int64,
    exec_ms: Int64,
    *,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Int64]:
    """Sum every cell of a grid of timeouts.

    Parameters
    ----------
    trace : Trace
        n connections of functions that all have these settings.
    config : FunctionConfig
        The settings but for the two timeouts; see `can_sweep`.
    idle_ms : ndarray of int64, shape (t,)
        Idle timeouts, strictly ascending. [ms]
    exec_ms : ndarray of int64, shape (e,)
        Execution timeouts, strictly ascending. [ms]
    workers : int, optional
        Threads; one a core otherwise.
    progress : callable, optional
        Called with the share of the work done.

    Returns
    -------
    dict of str to ndarray of int64, shape (e, t)
        The sums named in `CELLS`.
    """
    uses_idle = config.function_type == "web-ws"
    columns = np.ascontiguousarray(idle_ms) if uses_idle else np.array([FOREVER_MS // 4], dtype=np.int64)
    rows = np.ascontiguousarray(exec_ms)
    threads = workers or cores()
    shape = (len(rows) + 1, len(columns) + 1, cells.FIELDS)
    tables = [(np.zeros(shape, np.int64), np.zeros(shape, np.int64)) for _ in range(threads)]
    free = list(range(threads))

    def run(part: tuple[int, int]) -> int:
        mine = free.pop()
        _sweep_part(trace, config, columns, rows, part, tables[mine])
        free.append(mine)
        return int(trace.offsets[part[1]] - trace.offsets[part[0]]) + part[1] - part[0]

    done, whole = 0, trace.messages + trace.connections
    with ThreadPoolExecutor(threads) as pool:
        for future in as_completed([pool.submit(run, part) for part in split(trace, threads * _PARTS_PER_WORKER)]):
            done += future.result()
            if progress is not None:
                progress(done / whole)
    sums = _cells(tables, columns)
    return {name: np.broadcast_to(cell, (len(exec_ms), len(idle_ms))) for name, cell in sums.items()}


def sums_at(trace: Trace, configs: Mapping[str, FunctionConfig]) -> dict[str, Sums[int]]:
    """Sum one setting without a row an invocation.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function.

    Returns
    -------
    dict of str to Sums of int
        By function, each connection on an instance of its own.
    """
    return {name: replay_sums(trace.of_function(code), configs[name]) for code, name in enumerate(trace.functions)}


def _sweep_part(
    trace: Trace,
    config: FunctionConfig,
    columns: Int64,
    rows: Int64,
    part: tuple[int, int],
    tables: tuple[Int64, Int64],
) -> None:
    begin, end = part
    room = int(np.diff(trace.offsets[begin : end + 1]).max()) + 3
    scratch = tuple(np.zeros(room, np.int64) for _ in range(6))
    pieces = np.zeros((min(room, len(columns)) + 1, 3), np.int64)
    shared: tuple[Any, ...] = (
        session_columns(trace), message_columns(trace), columns, rows, config.ping_resets_idle, begin, end, *tables,
        scratch,
    )  # fmt: skip
    lists = tuple(np.zeros(room + 1, np.int64) for _ in range(3))
    policy = policy_code(config)
    if policy == NONE:
        sweep_none(*shared, pieces)
    elif policy == ON_DEMAND:
        sweep_on_demand(*shared, pieces, lists)
    else:
        sums = np.zeros(cells.FIELDS, np.int64)
        sweep_immediate(*shared, lists[0], sums, config.reconnect_delay_ms, config.buffer_pushes)


def _cells(tables: list[tuple[Int64, Int64]], columns: Int64) -> dict[str, NDArray[np.int64]]:
    """Turn tables of differences into sums."""
    each, onward = (sum(table[i] for table in tables) for i in (0, 1))
    sums: Int64 = (each + np.cumsum(onward, axis=0)).cumsum(axis=1)[:-1, :-1]
    sums[:, :, cells.MS] += sums[:, :, cells.SLOPE] * columns
    return {name: np.ascontiguousarray(sums[:, :, field]) for name, field in CELLS.items()}
