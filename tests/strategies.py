"""Random sessions and settings, half of their values on an edge or one unit beside it."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from scfcost.config.function import FunctionConfig
from scfcost.core.units import FOREVER_MS
from scfcost.trace.model import BY_CLIENT, BY_SERVER, BY_UNKNOWN, CONTROL, DOWN, UNDIRECTED, UNKNOWN, UP, Trace
from tests.oracles.lifecycle import ORDER, Session, Setting

DIRECTIONS = {"up": UP, "": UNDIRECTED, "down": DOWN}
SIDES = {"client": BY_CLIENT, "server": BY_SERVER, "": BY_UNKNOWN}
CODES = (1000, 1001, 1005, 1006, 1010, 1011, 4000, None)


@st.composite
def settings(draw: st.DrawFn) -> Setting:
    """Draw a setting with timeouts of a few milliseconds, so that ties are common."""
    return Setting(
        idle=draw(st.integers(1, 12)),
        execution=draw(st.integers(1, 25)),
        policy=draw(st.sampled_from(("none", "on-demand", "immediate"))),
        delay=draw(st.integers(0, 5)),
        buffer_pushes=draw(st.booleans()),
        heartbeat=draw(st.sampled_from((0, 0, 1, 2, 3, 5, 11, 12, 13))),
        heartbeat_down=draw(st.integers(0, 3)),
        ping_resets_idle=draw(st.booleans()),
        empty_close_is_normal=draw(st.booleans()),
    )


@st.composite
def sessions(draw: st.DrawFn, idle: int = 5, execution: int = 9, control: bool = True, longest: int = 30) -> Session:
    """Draw a session whose gaps lean on the timeouts, none of them longer than `longest`."""
    connect = draw(st.integers(0, 20))
    edges = [idle - 1, idle, idle + 1, execution - 1, execution, execution + 1, 0, 1]
    gap = st.one_of(st.sampled_from([edge for edge in edges if edge >= 0]), st.integers(0, longest))
    time, messages = connect, []
    for _ in range(draw(st.integers(0, 8))):
        time += draw(gap)
        kind = draw(st.sampled_from(("data", "data", "data", "ping", "pong") if control else ("data",)))
        messages.append((time, draw(st.sampled_from(("up", "down", ""))), draw(st.integers(0, 9)), kind))
    messages.sort(key=lambda m: (m[0], ORDER[m[1]]))
    return Session(
        connect=connect,
        close=draw(st.one_of(st.none(), gap.map(lambda g, t=time: t + g))),
        messages=messages,
        close_code=draw(st.sampled_from(CODES)),
        closed_by=draw(st.sampled_from(("client", "server", ""))),
        client_lost=draw(st.one_of(st.none(), st.none(), st.integers(connect, connect + 60))),
    )


def window_end(many: list[Session]) -> int:
    """Return the last instant seen in any of the sessions."""
    return max(max([s.connect, s.close or 0, *(m[0] for m in s.messages)]) for s in many)


def build_trace(many: list[Session]) -> Trace:
    """Turn sessions into the trace that a reader would make of them."""
    messages = [message for session in many for message in session.messages]
    n, m = len(many), len(messages)
    return Trace(
        connection_id=np.arange(n, dtype=np.int64),
        connect_ms=np.array([s.connect for s in many], dtype=np.int64),
        close_ms=np.array([FOREVER_MS if s.close is None else s.close for s in many], dtype=np.int64),
        close_code=np.array([UNKNOWN if s.close_code is None else s.close_code for s in many], dtype=np.int16),
        closed_by=np.array([SIDES[s.closed_by] for s in many], dtype=np.int8),
        offsets=np.cumsum([0, *(len(s.messages) for s in many)], dtype=np.int64),
        message_ms=np.array([message[0] for message in messages], dtype=np.int64),
        message_bytes=np.array([message[2] for message in messages], dtype=np.int64),
        message_flags=np.array(
            [DIRECTIONS[direction] | (0 if kind == "data" else CONTROL) for _, direction, _, kind in messages],
            dtype=np.uint8,
        ),
        start_ms=min(s.connect for s in many),
        end_ms=window_end(many),
        client_lost_ms=np.array([FOREVER_MS if s.client_lost is None else s.client_lost for s in many], dtype=np.int64),
        function_code=np.zeros(n, dtype=np.int16),
        has_messages=m > 0,
    )


def build_config(setting: Setting) -> FunctionConfig:
    """Turn an oracle's setting into the one a user would give."""
    return FunctionConfig(
        idle_timeout_s=setting.idle / 1000,
        exec_timeout_s=setting.execution / 1000,
        reconnect=setting.policy,
        reconnect_delay_s=setting.delay / 1000,
        buffer_pushes=setting.buffer_pushes,
        heartbeat_s=setting.heartbeat / 1000 if setting.heartbeat else None,
        heartbeat_down_bytes=setting.heartbeat_down,
        ping_resets_idle=setting.ping_resets_idle,
        empty_close_is_normal=setting.empty_close_is_normal,
    )


@st.composite
def silent_traces(draw: st.DrawFn, longest: int = 30) -> Trace:
    """Draw a trace without message rows, each cell of its connections known or not."""
    many = draw(st.lists(sessions(longest=longest), min_size=1, max_size=4))
    bare = [Session(s.connect, s.close, [], s.close_code, s.closed_by, s.client_lost) for s in many]
    trace = build_trace(bare)
    life = trace.natural_end_ms() - trace.connect_ms

    def column(values: st.SearchStrategy[int]) -> np.ndarray:
        return np.array([draw(st.one_of(st.just(UNKNOWN), values)) for _ in bare], dtype=np.int64)

    last = np.array([draw(st.one_of(st.just(UNKNOWN), st.integers(0, int(one)))) for one in life], dtype=np.int64)
    return trace.replace(
        total_messages=column(st.integers(0, 5)),
        total_bytes_out=column(st.integers(0, 1000)),
        last_activity_ms=np.where(last == UNKNOWN, UNKNOWN, trace.connect_ms + last),
        max_idle_ms=np.array(
            [draw(st.one_of(st.just(UNKNOWN), st.integers(0, int(one)))) for one in life], dtype=np.int64
        ),
    )
