"""Sessions and their instances replayed together, where one decides how the other goes on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scfcost.config.function import MAX_CONCURRENCY_LIMIT, FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.instances import load_on
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.kernels.columns import (
    BEAT_DOWN_BYTES,
    BILL_INIT,
    CHANGE_WANTED,
    INIT_LIMIT_MS,
    MAX_RETRIES,
    RECYCLE,
)
from scfcost.lifecycle.kernels.simulation import advance
from scfcost.lifecycle.kernels.world import (
    AGAIN,
    CLIENT_COLUMNS,
    CONNECT,
    COUNTS,
    ENDS,
    GAVE_UP,
    HAS_LEFT,
    INSTANCE,
    INSTANCE_COLUMNS,
    INSTANCES,
    LAST_RELEASE,
    LAST_ROW,
    NATURAL,
    NEXT,
    REFUSAL_COLUMNS,
    REFUSED,
    ROW_COLUMNS,
    ROW_NUMBER,
    ROW_SESSION,
    SERVED_BY,
    STOP,
    WAITING,
    WRITTEN,
    World,
)
from scfcost.lifecycle.packing import placement_settings
from scfcost.lifecycle.provisioning import changes
from scfcost.lifecycle.records import Invocations, Packing, Refusals
from scfcost.lifecycle.replay import kernel_config, message_columns, outcomes_of_natural_ends, session_columns
from scfcost.trace.model import Int64, Trace

_ROOM = MAX_CONCURRENCY_LIMIT + 1
"""Rows that one event may add to a table, changes of what is provisioned left out: a recycled instance is full. [1]"""

MOST_WALKED, _MOST_EACH = 10_000_000, 20
"""Invocations that are walked event by event, and further ones for each session. [1]"""


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
        What was not accepted, and who left before an instance was ready.
    """
    limits = (-1 if limit is None else limit for limit in (quota_mb, burst_per_minute))
    world = walked(_world_before(trace, configs, time_zone), seed, *limits)
    counts, clients = world.counts, world.clients
    rows, refused = world.rows[: counts[WRITTEN]], world.refusals[: counts[REFUSED]]
    rows = rows[np.lexsort((rows[:, ROW_NUMBER], rows[:, ROW_SESSION]))]
    *columns, instance, was_cold = (np.ascontiguousarray(column) for column in rows.T)
    session, number, start, end, outcome, egress, harmful, last_data, first, after = columns
    invocations = Invocations(
        session, number, start, end, outcome.astype(np.int16), egress, harmful.astype(np.bool_), last_data, first,
        after, world.tally,
    )  # fmt: skip
    packing = Packing(
        instance=instance,
        cold_start=was_cold.astype(np.bool_),
        refused=np.zeros(len(rows), np.int16),
        cold_starts=world.cold,
        **load_on(trace, configs, invocations, instance, granularity_ms),
    )
    session, time_ms, code, attempt = (np.ascontiguousarray(column) for column in refused.T)
    given_up, has_left = (clients[:, column].astype(np.bool_) for column in (GAVE_UP, HAS_LEFT))
    return invocations, packing, Refusals(session, time_ms, code.astype(np.int16), attempt, given_up, has_left)


def walked(world: World, seed: int, quota_mb: int, burst_per_minute: int, room: int = _ROOM) -> World:
    """Walk a world to its end, with larger tables whenever one may be too small.

    Parameters
    ----------
    world : World
        As it is before the first event; its tables are changed.
    seed : int
        Seed of the initialisations drawn.
    quota_mb, burst_per_minute : int
        Limits beyond which a connection is refused; -1 = no limit. [MB], [1/min]
    room : int
        Rows that one event may add to a table. [1]

    Raises
    ------
    ConfigError
        If there are more invocations than `MOST_WALKED`, and those of each session.
    """
    room += int(world.schedule[:, CHANGE_WANTED].max(initial=0))
    most = MOST_WALKED + _MOST_EACH * len(world.clients)
    while not advance(world, seed, quota_mb, burst_per_minute, room):
        if world.counts[WRITTEN] + world.counts[REFUSED] > most:
            raise ConfigError(
                f"the clients of the trace come back after each cut, more than {most:,} times, too often to be walked "
                "one by one with their instances: check the close times and the timeouts, or give a smaller window"
            )
        world = _with_room(world, room)
    return world


def _with_room(world: World, room: int) -> World:
    """Return a world whose tables have room for twice as much as they hold."""
    counts = world.counts
    filled = {  # by table: its axis of rows, and how many it holds
        "instances": (0, counts[INSTANCES]),
        "rows": (0, counts[WRITTEN]),
        "refusals": (0, counts[REFUSED]),
        "events": (1, max(counts[ENDS], counts[AGAIN])),
        "heaps": (2, world.sizes.max()),
    }
    return world._replace(**{name: _longer(getattr(world, name), *held, room) for name, held in filled.items()})


def _longer(table: Int64, axis: int, held: int, room: int) -> Int64:
    """Return a table with room for so many more rows along an axis: itself, or a larger copy."""
    if held + room <= table.shape[axis]:
        return table
    shape = list(table.shape)
    shape[axis] = 2 * (int(held) + room)
    larger = np.zeros(shape, np.int64)
    larger[tuple(slice(length) for length in table.shape)] = table
    return larger


def _world_before(trace: Trace, configs: Mapping[str, FunctionConfig], time_zone: str) -> World:
    """Return the world before the first connect."""
    functions = len(trace.functions)
    counts = np.zeros(COUNTS, np.int64)
    counts[LAST_RELEASE] = -FOREVER_MS
    _, times, size_of, flags = message_columns(trace)
    return World(
        times=times,
        size_of=size_of,
        flags=flags,
        settings=np.array([_settings(configs[name]) for name in trace.functions], dtype=np.int64),
        by_connect=time_order(trace.connect_ms),
        init_ms=_init_table(trace, configs),
        schedule=changes(trace, configs, time_zone),
        clients=_clients(trace, outcomes_of_natural_ends(trace, configs)),
        instances=np.zeros((0, INSTANCE_COLUMNS), np.int64),
        heaps=np.zeros((3, functions, 0), np.int64),
        sizes=np.zeros((3, functions), np.int64),
        provisioned=np.zeros(functions, np.int64),
        events=np.zeros((2, 0, 2), np.int64),
        leaving=np.zeros(MAX_CONCURRENCY_LIMIT, np.int64),
        rows=np.zeros((0, ROW_COLUMNS), np.int64),
        refusals=np.zeros((0, REFUSAL_COLUMNS), np.int64),
        tally=np.zeros((functions, 3), np.int64),
        cold=np.zeros(functions, np.int64),
        counts=counts,
    )


def _clients(trace: Trace, natural: NDArray[np.int16]) -> Int64:
    """Return the table of the clients before the first connect."""
    clients = np.zeros((trace.connections, CLIENT_COLUMNS), np.int64)
    clients[:, CONNECT : SERVED_BY + 1] = np.column_stack(session_columns(trace))
    clients[:, NEXT] = clients[:, WAITING] = trace.offsets[:-1]
    clients[:, STOP], clients[:, NATURAL] = trace.offsets[1:], natural
    clients[:, INSTANCE] = clients[:, LAST_ROW] = -1
    return clients


def _settings(config: FunctionConfig) -> list[int]:
    """Return the settings of a function, a row as `kernels.columns` names it."""
    row = placement_settings(config)
    row[: BEAT_DOWN_BYTES + 1] = kernel_config(config)
    row[INIT_LIMIT_MS] = config.init_timeout_ms
    row[BILL_INIT], row[RECYCLE] = int(config.bill_init), int(config.recycle_on_error)
    row[MAX_RETRIES] = config.max_retries
    return row


def _init_table(trace: Trace, configs: Mapping[str, FunctionConfig]) -> Int64:
    """Return equally likely initialisations, a row a function, each repeated to one length. Shape (functions, q)."""
    values = [configs[name].init_values_ms for name in trace.functions]
    length = int(np.lcm.reduce([len(one) for one in values]))
    return np.array([np.repeat(one, length // len(one)) for one in values], dtype=np.int64)
