"""How invocations end under a whole grid of timeouts, from the same pass that sums everything else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.grid import sweep_grid
from scfcost.lifecycle.outcomes import EXEC_TIMEOUT, IDLE_TIMEOUT, name, natural_outcomes
from scfcost.trace.model import Int64, Trace


def sweep_outcomes(
    trace: Trace,
    config: FunctionConfig,
    idle_ms: Int64,
    exec_ms: Int64,
    *,
    progress: Callable[[float], None] | None = None,
) -> tuple[dict[str, Int64], dict[str, Int64]]:
    """Sum every cell of a grid of timeouts, and count its invocations by status code.

    Every invocation is cut or ends with its session. Sessions that would end with one code are swept together, so what
    is not cut among them ended with that code.

    Parameters
    ----------
    trace : Trace
        n connections of functions that all have these settings.
    config : FunctionConfig
        The settings but for the two timeouts; see `grid.can_sweep`.
    idle_ms, exec_ms : ndarray of int64, shapes (t,) and (e,)
        Timeouts, strictly ascending. [ms]
    progress : callable, optional
        Called with the share of the work done.

    Returns
    -------
    sums : dict of str to ndarray of int64, shape (e, t)
        As `grid.sweep_grid`.
    outcomes : dict of str to ndarray of int64, shape (e, t)
        Invocations by status code.
    """
    natural = natural_outcomes(trace, empty_close_is_normal=config.empty_close_is_normal)
    sums: dict[str, Int64] = {}
    outcomes: dict[str, Int64] = {}
    done = 0
    for code in np.unique(natural).tolist():
        own = natural == code
        part = trace if own.all() else trace.take(own)
        share = _share(progress, done / trace.connections, part.connections / trace.connections)
        found = sweep_grid(part, config, idle_ms, exec_ms, progress=share)
        sums = {one: cells + sums.get(one, 0) for one, cells in found.items()}
        outcomes[name(code)] = found["invocations"] - found["cut"]
        done += part.connections
    outcomes[name(EXEC_TIMEOUT)] = sums["cut"] - sums["cut_idle"]
    outcomes[name(IDLE_TIMEOUT)] = sums["cut_idle"]
    return sums, outcomes


def _share(progress: Callable[[float], None] | None, begin: float, length: float) -> Callable[[float], None] | None:
    return None if progress is None else lambda done: progress(begin + length * done)
