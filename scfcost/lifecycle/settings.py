"""One trace under many settings, each replayed by itself: what no single pass over the sessions can sum."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import pairwise

import numpy as np

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.kernels import replay as kernel
from scfcost.lifecycle.kernels.columns import EXEC_MS, IDLE_MS
from scfcost.lifecycle.records import SUMMED
from scfcost.lifecycle.replay import kernel_config, message_columns, session_columns
from scfcost.lifecycle.threads import SMALL, workers
from scfcost.trace.model import Int64, Trace

_PARTS_PER_WORKER = 8
"""Parts the settings are split into for each worker, so that progress shows and none waits long. [1]"""


def sums_of_settings(
    trace: Trace,
    config: FunctionConfig,
    idle_ms: Int64,
    exec_ms: Int64,
    *,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Int64]:
    """Replay every session under each pair of timeouts and keep the sums: what `replay_sums` tells of each.

    Parameters
    ----------
    trace : Trace
        n connections of functions that all have these settings.
    config : FunctionConfig
        The settings but for the two timeouts.
    idle_ms, exec_ms : ndarray of int64, shapes (t,) and (e,)
        Timeouts. [ms]
    progress : callable, optional
        Called with the share of the work done.

    Returns
    -------
    dict of str to ndarray of int64, shape (e, t)
        The sums by the names of `records.Sums`.
    """
    rows = np.tile(np.array(kernel_config(config), np.int64), (len(exec_ms), len(idle_ms), 1))
    rows[:, :, EXEC_MS] = exec_ms[:, None]
    if config.function_type == "web-ws":
        rows[:, :, IDLE_MS] = idle_ms
    settings, table = rows.reshape(-1, rows.shape[2]), np.zeros((len(exec_ms) * len(idle_ms), len(SUMMED)), np.int64)
    sessions, messages = session_columns(trace), message_columns(trace)

    def run(begin: int, end: int) -> int:
        part = settings[begin:end], table[begin:end]
        kernel.sum_settings(sessions, messages, part[0], 0, trace.connections, part[1])
        return end - begin

    is_small = (trace.connections + trace.messages) * len(settings) < SMALL
    parts = 1 if is_small else workers() * _PARTS_PER_WORKER
    edges = np.linspace(0, len(settings), min(parts, len(settings)) + 1).astype(np.int64).tolist()
    done = 0
    with ThreadPoolExecutor(workers()) as pool:
        for part in as_completed([pool.submit(run, *one) for one in pairwise(edges)]):
            done += part.result()
            if progress is not None:
                progress(done / len(settings))
    return {name: table[:, k].reshape(len(exec_ms), len(idle_ms)) for k, name in enumerate(SUMMED)}
