"""What the event-driven replay knows at an instant: columns of its tables, and the tables together."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

NEXT, WAITING, HELD_BACK, TRIES, NUMBER, LAST_ROW, GAVE_UP, HAS_LEFT = range(8)
"""A client: its next message, the first that waits for it, how many wait, refusals in a row, invocations so far, row of
the last one, whether it gave up, whether it left before its instance was ready."""
INSTANCE, ASKED, START, END, OUTCOME, AFTER, LAST_DATA, WAS_COLD, AHEAD, BEHIND = range(8, 18)
"""The attempt or invocation of a client that is under way: its instance, when it asked for one, when it starts and ends
[ms], how, the message after its last, its last data [ms], whether its instance is new, its neighbours on that."""
CONNECT, CLOSE, ACTIVE_UNTIL, GONE, TOTAL_BYTES, SERVED_BY, STOP, NATURAL = range(18, 26)
"""The session of a client: connect, natural end, assumed activity and loss of the client [ms], bytes of a connection
without message rows [B], function, the message after its last, and the outcome of its natural end."""
CLIENT_COLUMNS = 26
OCCUPANCY, RELEASED, READY, FAILS, HEAD, FUNCTION, PROVISIONED, CREATED = range(8)
"""An instance: clients that hold it, when it was released, when it is initialised, when it fails or was recycled [ms],
the first of its chain of clients, its function, whether it is provisioned, when it was created [ms]."""
INSTANCE_COLUMNS = 8
RUNNING, IDLE, WARM = range(3)
"""Heaps of instances of a function: with a free place, kept alive, provisioned and idle."""
(
    HELD_MB, INSTANCES, COLDS, RECENT, FIRST_RECENT, RELEASES, LAST_RELEASE, WRITTEN, REFUSED, ENDS, AGAIN, NEXT_FIRST,
    NEXT_CHANGE,
) = range(13)  # fmt: skip
"""Counts: memory of the instances that clients hold [MB], instances ever, cold starts, new ones within a minute and the
first of them, distinct instants of release, the last one [ms], rows written, attempts refused, sizes of the two heaps
of events, the next session to connect, the next change of what is provisioned."""
COUNTS = 13
(
    ROW_SESSION, ROW_NUMBER, ROW_START, ROW_END, ROW_OUTCOME, ROW_EGRESS, ROW_HARMFUL, ROW_LAST_DATA, ROW_FIRST_MESSAGE,
    ROW_END_MESSAGE, ROW_INSTANCE, ROW_COLD,
) = range(12)  # fmt: skip
"""An accepted invocation, as in `records.Invocations` and `records.Packing`."""
ROW_COLUMNS = 12
REFUSAL_SESSION, REFUSAL_MS, REFUSAL_CODE, REFUSAL_ATTEMPT = range(4)
"""A refused attempt, as in `records.Refusals`."""
REFUSAL_COLUMNS = 4


class World(NamedTuple):
    """The trace, the settings, and everything that the replay has come to so far."""

    times: NDArray[Any]
    """Instants of the messages. Shape (m,). [ms]"""
    size_of: NDArray[Any]
    """Bytes of the messages. Shape (m,). [B]"""
    flags: NDArray[Any]
    """Kinds and directions of the messages. Shape (m,)."""
    settings: NDArray[Any]
    """Settings of each function. Shape (functions, SETTINGS)."""
    by_connect: NDArray[Any]
    """Sessions in the order of their connects. Shape (n,)."""
    init_ms: NDArray[Any]
    """Equally likely initialisations of a cold start. Shape (functions, q). [ms]"""
    schedule: NDArray[Any]
    """Changes of what is provisioned, in the order of time. Shape (changes, 3)."""
    clients: NDArray[Any]
    """Shape (n, CLIENT_COLUMNS)."""
    instances: NDArray[Any]
    """Shape (room, INSTANCE_COLUMNS)."""
    heaps: NDArray[Any]
    """Instances that a connection may go to. Shape (3, functions, room)."""
    sizes: NDArray[Any]
    """Entries of those heaps. Shape (3, functions). [1]"""
    provisioned: NDArray[Any]
    """Provisioned instances. Shape (functions,). [1]"""
    events: NDArray[Any]
    """Heaps of ends to come, those that a recycling overtook among them, and of clients that come back. Shape
    (2, room, 2)."""
    leaving: NDArray[Any]
    """Room for the clients that leave an instance at once."""
    rows: NDArray[Any]
    """Accepted invocations in the order in which they end. Shape (room, ROW_COLUMNS)."""
    refusals: NDArray[Any]
    """Attempts that were refused or not initialised in time, in the order of time. Shape (room, REFUSAL_COLUMNS)."""
    tally: NDArray[Any]
    """Messages lost, messages delayed and pushes missed. Shape (functions, 3)."""
    cold: NDArray[Any]
    """New instances, provisioned ones left out. Shape (functions,). [1]"""
    counts: NDArray[Any]
    """Shape (COUNTS,)."""
