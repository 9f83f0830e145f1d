"""What the columns of the tables that kernels read and write are: a name each, one place for all.

A compiled loop reads a setting as an entry of a row of integers. Its index is a constant here, so that the loops name
what they read, and the wrappers that fill the rows fill them in this order.
"""

from __future__ import annotations

IDLE_MS, EXEC_MS, PING_RESETS, BEAT_MS, POLICY, DELAY_MS, BUFFER_PUSHES, BEAT_DOWN_BYTES = range(8)
"""Settings of the lifecycle of one function: timeouts [ms], whether ping rows count as activity, period of an injected
heartbeat [ms], 0 for none, reconnect policy, its delay [ms], whether pushes wait for a client, and the bytes of an
answer to a heartbeat."""
NONE, ON_DEMAND, IMMEDIATE = 0, 1, 2
"""Reconnect policies."""
LOST, DELAYED, MISSED = range(3)
"""A tally of messages: lost, delayed, and pushes missed. [1]"""
PLACES, KEEP_ALIVE_MS, MEMORY_MB, LEAST_LOADED, INIT_LIMIT_MS, BILL_INIT, RECYCLE, MAX_RETRIES = range(8, 16)
"""Settings of the instances of one function, behind those: connections one holds, how long an empty one is kept [ms],
memory [MB], placement, initialisation timeout [ms], two switches, tries after a refusal."""
SETTINGS = 16
CHANGE_MS, CHANGE_FUNCTION, CHANGE_WANTED = range(3)
"""A change of what is provisioned: its instant [ms], the function, and how many instances from then on."""
PEAK_CONNECTIONS, PEAK_INSTANCES, PEAK_MB, PEAK_MS = range(4)
"""Peaks: most connections, busy instances and their memory [MB] at once, and when that memory was first reached."""
(
    INVOCATION_COUNT, LIFE_MS, EGRESS_BYTES, HARMFUL_CUTS, CUT_COUNT, LOST_COUNT, DELAYED_COUNT, MISSED_COUNT,
    RECONNECT_COUNT,
) = range(9)  # fmt: skip
"""Sums over the invocations of one setting. Lost, delayed and missed stand in the order of a tally."""
