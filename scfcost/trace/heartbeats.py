"""Heartbeats that a trace already holds, and how to leave them out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scfcost.core.errors import ConfigError
from scfcost.core.warning import Warned
from scfcost.trace.model import CONTROL, UNKNOWN, Trace

BY_KIND = "kind"
"""The rule that drops ping and pong rows."""


def dropped_warning(messages: int) -> Warned:
    """Say how many messages were left out."""
    return Warned("heartbeats_dropped", f"{messages} messages were taken as heartbeats and left out")


def drop_heartbeats(trace: Trace, rule: str) -> Trace:
    """Leave out the heartbeats that a trace holds.

    Parameters
    ----------
    trace : Trace
        n connections.
    rule : str
        `kind` drops ping and pong rows; a number drops data messages of at most so many bytes, too.

    Returns
    -------
    Trace
        The trace without them, with a warning that counts them.

    Raises
    ------
    ConfigError
        If the rule is neither.
    """
    dropped = (trace.message_flags & CONTROL) != 0
    if rule != BY_KIND:
        if not rule.isdecimal():
            raise ConfigError(f"drop_heartbeats: {rule!r} is neither 'kind' nor a number of bytes")
        dropped |= (trace.message_bytes != UNKNOWN) & (trace.message_bytes <= int(rule))
    owner = np.repeat(np.arange(trace.connections), np.diff(trace.offsets))
    counts = np.bincount(owner[~dropped], minlength=trace.connections)
    provenance = replace(trace.provenance, warnings=(*trace.provenance.warnings, dropped_warning(int(dropped.sum()))))
    return trace.replace(
        offsets=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        message_ms=trace.message_ms[~dropped],
        message_bytes=trace.message_bytes[~dropped],
        message_flags=trace.message_flags[~dropped],
        provenance=provenance,
    )
