# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled replay in stretches of time: each session goes on to its first start after a stretch."""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.kernels.columns import (
    BEAT_DOWN_BYTES,
    BEAT_MS,
    BUFFER_PUSHES,
    CUT_COUNT,
    EGRESS_BYTES,
    HARMFUL_CUTS,
    INVOCATION_COUNT,
    LIFE_MS,
    LOST_COUNT,
    RECONNECT_COUNT,
)
from scfcost.lifecycle.kernels.replay import accrued_bytes, delivered_bytes, heartbeats, resume, run_invocation

START, POSITION, WAITING = range(3)
"""Where a session stands: start of its next invocation [ms], FOREVER_MS once it is over, its next message, the first
that waits for it."""


@njit()
def walk_until(sessions, messages, configs, begin, end_of_part, until, granularity, stands, sums, lives):
    """Replay sessions up to an instant, and list the lives of the invocations that start before it.

    Parameters
    ----------
    sessions, messages, configs
        As in `replay.replay_sessions`.
    begin, end_of_part : int
        First session to walk, and the one after the last.
    until : int
        Invocations that start before this are walked. [ms]
    granularity : int
        A billed life is rounded up to a multiple of this. [ms]
    stands : ndarray of int64, shape (n, 3)
        Where each session stands; moved on here.
    sums : ndarray of int64, shape (functions, 9)
        Sums over the invocations of each function, see `columns`; added to here.
    lives : ndarray of int64, shape (room, 3)
        Start [ms], end [ms] and function of each invocation, sessions in the order of the trace: written here.

    Returns
    -------
    i, written : int
        The session to go on with, `end_of_part` once all are walked, and the rows written: where `lives` is full, a
        session waits where it stands.
    """
    connect, close, active_until, lost, total_bytes, function = sessions
    offsets, times, size_of, flags = messages
    written = 0
    for i in range(begin, end_of_part):
        start = stands[i, START]
        if start >= until:
            continue
        position, waiting, stop = stands[i, POSITION], stands[i, WAITING], offsets[i + 1]
        f = function[i]
        config, own, life = configs[f], sums[f], close[i] - connect[i]
        while start < until and written < lives.shape[0]:
            end, outcome, after, _ = run_invocation(
                position, stop, start, close[i], active_until[i], lost[i], times, flags, config
            )
            lives[written, 0], lives[written, 1], lives[written, 2] = start, end, f
            written += 1
            own[INVOCATION_COUNT] += 1
            own[LIFE_MS] += -(-(end - start) // granularity) * granularity
            own[EGRESS_BYTES] += (
                delivered_bytes(position, after, waiting, config[BUFFER_PUSHES], size_of, flags)
                + heartbeats(start, end, lost[i], config[BEAT_MS]) * config[BEAT_DOWN_BYTES]
                + accrued_bytes(total_bytes[i], end - connect[i], life)
                - (accrued_bytes(total_bytes[i], start - connect[i], life) if start > connect[i] else 0)
            )
            start = FOREVER_MS
            if outcome == 0:
                continue
            resumes, position, waiting, harmful = resume(
                after, stop, end, close[i], active_until[i], lost[i], times, flags, config,
                own[LOST_COUNT : LOST_COUNT + 3],
            )  # fmt: skip
            own[HARMFUL_CUTS] += harmful
            own[CUT_COUNT] += 1
            if resumes >= 0:
                own[RECONNECT_COUNT] += 1
                start = resumes
        stands[i, START], stands[i, POSITION], stands[i, WAITING] = start, position, waiting
        if start < until:
            return i, written
    return end_of_part, written
