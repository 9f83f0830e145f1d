"""A trace with more or fewer sessions of the same kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scfcost.core.errors import ConfigError
from scfcost.core.units import FOREVER_MS, MS_PER_MINUTE
from scfcost.core.warning import Warned
from scfcost.trace.model import UNKNOWN, Int64, Trace
from scfcost.workload.size import MOST_MESSAGES

JITTER_MS = 5 * MS_PER_MINUTE
"""Copies of a session start up to so long before or after it: people like these, not their shadows. [ms]"""
_INSTANTS = ("connect_ms", "close_ms", "client_lost_ms", "last_activity_ms", "active_until_ms")


def scaled(trace: Trace, factor: float, seed: int = 0) -> Trace:
    """Return so many times the sessions of a trace, in the same window.

    Each session comes as often as the whole part of the factor says, and once more by chance for the rest. Every copy
    but the first is moved by up to five minutes, as far as the window has room for it.

    Parameters
    ----------
    trace : Trace
        n sessions.
    factor : float
        More than 0; 2.5 gives about 2.5 n sessions. [1]
    seed : int
        Seed of the copies and of how far they are moved.

    Returns
    -------
    Trace
        Its sessions numbered anew.

    Raises
    ------
    ConfigError
        If the factor is not positive, or what it gives is empty or too large.
    """
    if not 0 < factor < float("inf"):
        raise ConfigError(f"scale: {factor:g} is not more than 0")
    if factor == 1:
        return trace
    if max(trace.messages, trace.connections) * factor > MOST_MESSAGES:
        raise ConfigError(f"scale: {factor:g} times {trace.messages:,} messages are more than {MOST_MESSAGES:,}")
    rng = np.random.default_rng(seed)
    times = int(factor) + (rng.random(trace.connections) < factor % 1).astype(np.int64)
    rows = np.repeat(np.arange(trace.connections), times)
    if len(rows) == 0:
        raise ConfigError(f"scale: nothing is left of {trace.connections:,} sessions at {factor:g}; give a larger one")
    number = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    shift = np.where(number > 0, _shifts(trace, rows, rng), 0)
    copied = _copied(trace, rows, shift)
    text = f"{trace.connections:,} sessions stand for {copied.connections:,} (--scale {factor:g}): copies start up to "
    warning = Warned("scaled", text + f"{JITTER_MS // MS_PER_MINUTE} minutes earlier or later")
    provenance = replace(trace.provenance, warnings=(*trace.provenance.warnings, warning))
    return copied.replace(provenance=provenance)


def _shifts(trace: Trace, rows: Int64, rng: np.random.Generator) -> Int64:
    """Draw how far each copy is moved; none leaves the window, and what is open at its end stays so. [ms]"""
    least = np.maximum(trace.start_ms - trace.connect_ms, -JITTER_MS)[rows]
    most = np.minimum(trace.end_ms - trace.natural_end_ms(), JITTER_MS)[rows]
    shift: Int64 = least + (rng.random(len(rows)) * (most - least + 1)).astype(np.int64)
    return shift


def _copied(trace: Trace, rows: Int64, shift: Int64) -> Trace:
    """Return some sessions, each moved."""
    taken = trace.take(rows)
    moved = {}
    for name in _INSTANTS:
        column = getattr(taken, name)
        if column is not None:
            moved[name] = np.where((column < FOREVER_MS) & (column != UNKNOWN), column + shift, column)
    message_ms = taken.message_ms + np.repeat(shift, np.diff(taken.offsets))
    return taken.replace(**moved, connection_id=np.arange(len(rows)), message_ms=message_ms)
