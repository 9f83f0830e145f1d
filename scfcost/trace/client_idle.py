"""Clients that close their own connection when nobody uses it: sessions into the connections that are left of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scfcost.core.errors import ConfigError
from scfcost.core.text import counted
from scfcost.core.units import FOREVER_MS, ms_to_seconds, seconds_to_ms
from scfcost.core.warning import Warned
from scfcost.trace.model import BY_CLIENT, CONNECTION_COLUMNS, CONTROL, DIRECTION_MASK, DOWN, NOT_CUT, Int64, Trace

_NORMAL = 1000
"""Code with which such a client closes."""


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The connections that sessions fall into, in the order of session and time. Arrays of shape (p,)."""

    session: Int64
    start_ms: Int64
    end_ms: Int64
    """The client's own close, or FOREVER_MS where the session's own end comes first. [ms]"""
    first_message: Int64
    """Index of the first message that the connection may carry."""


def close_when_idle(trace: Trace, idle_s: float) -> Trace:
    """Let every client close (1000) so long after its own last message, and come back with its next one.

    What a client does of itself does not hang on what the platform does, so each session falls into connections before
    any timeout is looked at. Pushes that come while the client is away reach nobody; they are counted in a warning.

    Parameters
    ----------
    trace : Trace
        n sessions with message rows. A message without direction counts as the client's own; pings do not.
    idle_s : float
        How long after its own last message, or its connect, a client closes. [s]

    Returns
    -------
    Trace
        As many connections as that makes, each named after its session.

    Raises
    ------
    ConfigError
        If `idle_s` is not more than 0, or the trace has no message rows.
    """
    idle_ms = seconds_to_ms(idle_s, "client_idle")
    if idle_ms <= 0:
        raise ConfigError(f"client_idle: {idle_s:g} s is not more than 0")
    if not trace.has_messages:
        raise ConfigError("client_idle: the trace has no message rows, so it is not known when clients said something")
    pieces = _pieces(trace, idle_ms)
    ids = _named(trace, pieces)
    order = np.argsort(ids, kind="stable")
    kept = _kept(trace, pieces)
    made = _as_trace(trace, pieces, ids, order, kept)
    missed = trace.messages - int(kept.sum())
    text = (
        f"clients close {ms_to_seconds(idle_ms):g} s after their own last message and come back with their next: "
        f"{counted(trace.connections, 'session')} {'becomes' if trace.connections == 1 else 'become'} "
        f"{counted(made.connections, 'connection')}, and {counted(missed, 'message')} to clients that are away "
        f"{'reaches' if missed == 1 else 'reach'} nobody"
    )
    warnings = (*trace.provenance.warnings, Warned("client_idle", text))
    return made.replace(provenance=replace(trace.provenance, warnings=warnings))


def _pieces(trace: Trace, idle_ms: int) -> _Pieces:
    is_own = (trace.message_flags & CONTROL == 0) & (trace.message_flags & DIRECTION_MASK != DOWN)
    own = np.flatnonzero(is_own)
    n = trace.connections
    session = np.concatenate((np.arange(n), np.searchsorted(trace.offsets, own, side="right") - 1))
    message = np.concatenate((np.full(n, -1), own))
    order = np.lexsort((message, session))  # the connect of a session, then its own messages
    session, message = session[order], message[order]
    instant = np.where(message < 0, trace.connect_ms[session], trace.message_ms[np.maximum(message, 0)])
    closes = instant + idle_ms
    closes = np.where(closes < np.minimum(trace.natural_end_ms(), trace.client_lost_ms)[session], closes, FOREVER_MS)
    back = np.zeros(len(session), np.bool_)  # whether a connection begins here
    back[0:1] = True
    back[1:] = (session[1:] != session[:-1]) | (instant[1:] >= closes[:-1])
    begins = np.flatnonzero(back)
    last = np.append(begins[1:], len(session)) - 1
    first = np.where(message[begins] < 0, trace.offsets[session[begins]], message[begins])
    return _Pieces(session[begins], instant[begins], closes[last], first)


def _kept(trace: Trace, pieces: _Pieces) -> NDArray[np.bool_]:
    """Whether each message comes while its client is connected. Shape (m,)."""
    carrier = np.searchsorted(pieces.first_message, np.arange(trace.messages), side="right") - 1
    kept: NDArray[np.bool_] = trace.message_ms <= pieces.end_ms[carrier]
    return kept


def _named(trace: Trace, pieces: _Pieces) -> NDArray[np.object_]:
    """Name each connection: a session that stays whole as it was, the pieces of another by number."""
    count = np.bincount(pieces.session, minlength=trace.connections)
    number = np.arange(len(pieces.session)) - np.searchsorted(pieces.session, pieces.session)
    digits = len(str(int(count.max(initial=1))))
    names = [
        f"{trace.connection_id[one]}" if count[one] == 1 else f"{trace.connection_id[one]}~{nth + 1:0{digits}d}"
        for one, nth in zip(pieces.session.tolist(), number.tolist(), strict=True)
    ]
    return np.array(names, dtype=object)


def _as_trace(trace: Trace, pieces: _Pieces, ids: NDArray[np.object_], order: Int64, kept: NDArray[np.bool_]) -> Trace:
    """Put the pieces together in the order of their names."""
    counts = np.diff(np.append(pieces.first_message, trace.messages))
    carried = np.add.reduceat(np.append(kept, False), pieces.first_message) * (counts > 0)
    first = np.cumsum(carried) - carried
    offsets = np.concatenate(([0], np.cumsum(carried[order]))).astype(np.int64)
    rows = np.repeat(first[order] - offsets[:-1], carried[order]) + np.arange(int(offsets[-1]))
    chosen = np.flatnonzero(kept)[rows]
    session, closed = pieces.session[order], pieces.end_ms[order]
    own = closed < FOREVER_MS
    columns = {name: value[session] for name in CONNECTION_COLUMNS if (value := getattr(trace, name)) is not None}
    columns |= {
        "connection_id": ids[order],
        "connect_ms": pieces.start_ms[order],
        "close_ms": np.where(own, closed, columns["close_ms"]),
        "close_code": np.where(own, np.int16(_NORMAL), columns["close_code"]).astype(np.int16),
        "closed_by": np.where(own, np.int8(BY_CLIENT), columns["closed_by"]).astype(np.int8),
        "client_lost_ms": np.where(own, FOREVER_MS, columns["client_lost_ms"]),
    }
    if trace.source_cut is not None:
        columns["source_cut"] = np.where(own, np.int8(NOT_CUT), columns["source_cut"]).astype(np.int8)
    messages = {name: getattr(trace, name)[chosen] for name in ("message_ms", "message_bytes", "message_flags")}
    return trace.replace(**columns, **messages, offsets=offsets)
