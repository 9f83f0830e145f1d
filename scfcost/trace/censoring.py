"""Closes that the old server made by its own timeouts: without it, those connections would have lived longer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_SECOND, ms_to_seconds, seconds_to_ms
from scfcost.core.warning import Warned
from scfcost.trace.model import BY_UNKNOWN, CONTROL, CUT_IDLE, CUT_LIFE, NOT_CUT, UNKNOWN, Int64, Trace

SLACK_MS = MS_PER_SECOND
"""How far from its timeout a server may close, as its clock and its log round. [ms]"""
FEWEST = 20
"""Closes that have to pile up at one value for it to be proposed. [1]"""
NEARLY_ALL = 0.9
"""Share of the open connections that close within a second when a server is restarted."""
LEAST_SHARE, MOST_BEYOND = 0.05, 0.01
"""Shares of all closes that pile up there, at least, and that come later, at most."""


def censor(trace: Trace, *, idle_timeout_s: float | None = None, max_life_s: float | None = None) -> Trace:
    """Mark the closes that the old server's own timeouts made.

    How a marked connection would have ended is not known: its close code and side are forgotten, and for timeouts
    beyond the old ones every result is a lower bound. Marks that the trace carries already are kept.

    Parameters
    ----------
    trace : Trace
        n connections.
    idle_timeout_s, max_life_s : float, optional
        The old server's idle timeout and longest life. Where one is not given and closes pile up at a value, that
        value is proposed in a warning. [s]

    Returns
    -------
    Trace
        With marked closes, and what is to be said of them in its provenance.

    Raises
    ------
    ConfigError
        If a timeout is not more than 0 s.
    """
    idle_ms, life_ms = _limit_ms("source_idle_timeout", idle_timeout_s), _limit_ms("source_max_life", max_life_s)
    closed = ~trace.still_open()
    lives = trace.close_ms - trace.connect_ms
    cut = np.zeros(trace.connections, np.int8) if trace.source_cut is None else trace.source_cut.copy()
    if idle_ms is not None and trace.has_messages:
        cut[closed & (_last_silence_ms(trace) >= idle_ms - SLACK_MS)] = CUT_IDLE
    if life_ms is not None:
        cut[closed & (lives >= life_ms - SLACK_MS)] = CUT_LIFE
    known = trace.provenance
    idle_ms = idle_ms or known.source_idle_ms or _shortest(lives[cut == CUT_IDLE])
    life_ms = life_ms or known.source_life_ms or _shortest(lives[cut == CUT_LIFE])
    marked = cut != NOT_CUT
    said = (*_proposals(trace, closed & ~marked, idle_ms, life_ms), *_restarts(trace, closed & ~marked))
    return trace.replace(
        close_code=np.where(marked, np.int16(UNKNOWN), trace.close_code).astype(np.int16),
        closed_by=np.where(marked, np.int8(BY_UNKNOWN), trace.closed_by).astype(np.int8),
        source_cut=cut,
        provenance=replace(
            known,
            warnings=(*known.warnings, *said),
            censored=int(marked.sum()),
            source_idle_ms=idle_ms,
            source_life_ms=life_ms,
        ),
    )


def _limit_ms(name: str, seconds: float | None) -> int | None:
    if seconds is not None and seconds <= 0:
        raise ConfigError(f"{name}: {seconds:g} s is not more than 0")
    return None if seconds is None else seconds_to_ms(seconds, name)


def _shortest(lives_ms: Int64) -> int | None:
    """Return the shortest life that a timeout ended, which the timeout was not longer than."""
    return int(lives_ms.min()) if len(lives_ms) else None


def is_bound(trace: Trace, idle_timeout_ms: int, exec_timeout_ms: int) -> bool:
    """Whether timeouts reach beyond those of the old server, so that what they give is a lower bound.

    Parameters
    ----------
    trace : Trace
        The trace.
    idle_timeout_ms : int
        Idle timeout. [ms]
    exec_timeout_ms : int
        Execution timeout. [ms]
    """
    found = trace.provenance
    beyond_idle = found.source_idle_ms is not None and idle_timeout_ms > found.source_idle_ms
    beyond_life = found.source_life_ms is not None and exec_timeout_ms > found.source_life_ms
    return found.censored > 0 and (beyond_idle or beyond_life)


def _last_silence_ms(trace: Trace) -> Int64:
    """Return how long each connection was silent before its end. [ms]"""
    data = (trace.message_flags & CONTROL) == 0
    instants = np.where(data, trace.message_ms, np.iinfo(np.int64).min)
    last = trace.connect_ms.copy()
    some = np.flatnonzero(np.diff(trace.offsets))
    if len(some):
        last[some] = np.maximum(last[some], np.maximum.reduceat(instants, trace.offsets[some]))
    silence: Int64 = trace.natural_end_ms() - last
    return silence


def _proposals(trace: Trace, closed: np.ndarray, idle_ms: int | None, life_ms: int | None) -> Iterator[Warned]:
    """Propose timeouts that would explain the closes that no known one does."""
    lives = (trace.close_ms - trace.connect_ms)[closed]
    if life_ms is None and (found := _pile_s(lives)) is not None:
        seconds, count = found
        text = f"{count:,} connections ended after about {seconds:,} s and hardly any later"
        hint = f"the old server's longest life? (--source-max-life {seconds})"
        yield Warned("source_life_proposed", f"{text}: {hint}")
    if idle_ms is None and trace.has_messages and (found := _pile_s(_last_silence_ms(trace)[closed])) is not None:
        seconds, count = found
        text = f"{count:,} connections ended after about {seconds:,} s of silence and hardly any after more"
        hint = f"the old server's idle timeout? (--source-idle-timeout {seconds})"
        yield Warned("source_idle_proposed", f"{text}: {hint}")


def _restarts(trace: Trace, closed: np.ndarray) -> Iterator[Warned]:
    """Tell the seconds in which nearly all that was open closed at once, as when a server is restarted."""
    second = trace.close_ms[closed] // MS_PER_SECOND
    if len(second) < FEWEST:
        return
    values, counts = np.unique(second, return_counts=True)
    starts, ends = np.sort(trace.connect_ms), np.sort(trace.close_ms)
    begin = values * MS_PER_SECOND
    still = np.searchsorted(starts, begin) - np.searchsorted(ends, begin)
    lives = (trace.close_ms - trace.connect_ms)[closed]
    sudden = values[(counts >= FEWEST) & (counts >= NEARLY_ALL * still)]
    found = [one for one in sudden.tolist() if np.ptp(lives[second == one]) > 2 * SLACK_MS]  # else one longest life
    if found:
        count = int(np.isin(second, found).sum())
        times = "once" if len(found) == 1 else f"{len(found):,} times"
        text = f"nearly all open connections closed within a second, {times} ({count:,} in all)"
        yield Warned("restarts", f"{text}: restarts of the old server? (--stitch joins what came back)")


def _pile_s(lengths_ms: Int64) -> tuple[int, int] | None:
    """Return the second at which lengths pile up with hardly any beyond, and how many do; None where there is none."""
    seconds = np.rint(lengths_ms / MS_PER_SECOND).astype(np.int64)
    if len(seconds) < FEWEST:
        return None
    values, counts = np.unique(seconds[seconds > 1], return_counts=True)
    if len(values) == 0:
        return None
    top = int(np.argmax(counts))
    value, count = int(values[top]), int(counts[top])
    beyond = int((seconds > value + 1).sum())
    piled = count >= max(FEWEST, LEAST_SHARE * len(seconds)) and beyond <= MOST_BEYOND * len(seconds)
    return (value, count) if piled else None


def describe(trace: Trace) -> str:
    """Say which closes are marked and beyond which timeouts results are bounds."""
    found = trace.provenance
    parts = [
        f"{name} of {ms_to_seconds(limit):g} s"
        for name, limit in (("an idle timeout", found.source_idle_ms), ("an execution timeout", found.source_life_ms))
        if limit is not None
    ]
    count = f"{found.censored:,} of {trace.connections:,} connections"
    return (
        f"{count} were closed by the old server's own timeouts and would have lived longer: beyond "
        f"{' and '.join(parts)} every figure is a lower bound"
    )
